// What the lifetime oracle has found: a few records, the first ones of a run.

import { MmCount } from "../abi/mm";
import { add } from "../mm/settings";

//  0      1        2         3    4       6       8        12        14       16     24
//  ┌──────┬────────┬─────────┬────┬───────┬───────┬────────┬─────────┬────────┬──────┬─────────┐
//  │ kind │ access │ missing │ op │ actor │ freer │ object │ lifeSeen│ lifeNow│ page │ freedAt │
//  ├──────┼───────┬┴─────────┬┴────┼───────┴───────┴────────┴─────────┴────────┴──────┴─────────┘
//  │ time │ state │ callback │ mm  │                                            32, 40, 41, 42
//  └──────┴───────┴──────────┴─────┘
/** One breach of a rule of lifetime. */
@unmanaged
export class BreachRecord {
  kind: u8;
  access: u8;
  missing: u8;
  /** The reader's operation. */
  op: u8;
  actor: u16;
  /** Actor that freed the object, or whose callback did; FREED_BY_NOBODY when it is not freed. */
  freer: u16;
  /** Which object: its number in the cache, or the mm's. */
  object: u32;
  lifeSeen: u16;
  lifeNow: u16;
  page: u64;
  freedAt: u64;
  time: u64;
  /** Life of the object now, and whether a callback freed it. */
  state: u8;
  byCallback: u8;
  mm: u16;
  spare: u32;
}

export const BREACH_BYTES: u32 = 48;
export const BREACHES_KEPT: u32 = 16;
export const LOG_BYTES: u64 = <u64>BREACH_BYTES * BREACHES_KEPT;
export const FREED_BY_NOBODY: u16 = 0xffff;

let logBase: usize = 0;
let written: u32 = 0;

export function logInit(base: usize): void {
  assert(<u32>offsetof<BreachRecord>() <= BREACH_BYTES); // the drawn size is the true one
  logBase = base;
  written = 0;
}

/** A record to be filled in; beyond the kept ones, the last is written over. */
export function newBreach(): BreachRecord {
  add(MmCount.BREACHES, 1);
  const slot = min(written, BREACHES_KEPT - 1);
  if (written < BREACHES_KEPT) written++;
  return changetype<BreachRecord>(logBase + <usize>slot * <usize>BREACH_BYTES);
}

export function breachesKept(): u32 {
  return written;
}

export function breachAt(index: u32): usize {
  return logBase + <usize>index * <usize>BREACH_BYTES;
}
