// The munmap calls of a run: page ranges that the host stages before the clock starts.

import { Config } from "../abi/config";
import { LoadAnswer, Region } from "../abi/metric";
import { config } from "../memory/slots";
import { regionBase } from "../memory/map";
import { MUNMAP_CALL_BYTES } from "./sizes";

//  0       8       16
//  ┌───────┬───────┐
//  │ first │ pages │
//  └───────┴───────┘

let staged: u32 = 0;

export function munmapCallsInit(): void {
  staged = 0;
}

/** Takes `count` calls from the staging area, in the order in which they are to be made. */
export function loadCalls(count: u32): i32 {
  if (<u64>(staged + count) > config(Config.MUNMAP_CALLS)) return LoadAnswer.TOO_MANY;
  const bytes = <usize>count * <usize>MUNMAP_CALL_BYTES;
  memory.copy(callAt(staged), regionBase(Region.STAGING), bytes);
  staged += count;
  return LoadAnswer.OK;
}

function callAt(index: u32): usize {
  return regionBase(Region.MUNMAP_CALLS) + <usize>index * <usize>MUNMAP_CALL_BYTES;
}

@inline
export function callsStaged(): u32 {
  return staged;
}

/** First page of a call. */
@inline
export function callFirst(index: u32): u64 {
  return load<u64>(callAt(index));
}

/** Last page of a call; a range is never empty: the host refuses that. */
@inline
export function callLast(index: u32): u64 {
  return load<u64>(callAt(index)) + load<u64>(callAt(index), 8) - 1;
}
