// Lists of page frames, held as runs of neighbours: most pages are counted, not listed one by one.
//
// A list has the order that the kernel's list would have, from head to tail, page for page; pages
// that follow each other in the list and in memory share one record. Taking from either end splits
// a run, putting at either end extends one, so counts and order are exact and a process of a
// million pages that were allocated in a row is a handful of records.
//
//   list ─▶ head run ⇄ run ⇄ run ⇄ tail run ◀─ list
//   run:  low 100, length 4, up:    head ─▶ 100 101 102 103 ─▶ tail
//         low 100, length 4, down:  head ─▶ 103 102 101 100 ─▶ tail
//
// A list of blocks of order k counts in blocks: its frame numbers are page frames >> k.

import { Region } from "../abi/metric";
import { outgrow } from "../memory/outgrow";
import { giveRecord, RECORD_POOL_BYTES, recordPoolInit, takeRecord } from "../memory/record-pool";

//  0     4        8      12     16
//  ┌─────┬────────┬──────┬──────┐
//  │ low │ length │ next │ prev │   length: bit 31 set where frames descend from head to tail
//  └─────┴────────┴──────┴──────┘
/** Neighbouring frames of one list. */
@unmanaged
class Run {
  low: u32;
  lengthAndWay: u32;
  /** Towards the tail. */
  next: u32;
  /** Towards the head. */
  prev: u32;
}

//  0      4      8       12
//  ┌──────┬──────┬───────┐
//  │ head │ tail │ count │
//  └──────┴──────┴───────┘
/** A list of frames. */
@unmanaged
export class FrameList {
  head: u32;
  tail: u32;
  /** Frames (or blocks) on it. */
  count: u32;
}

export const FRAME_LIST_BYTES: u32 = 12;
const RUN_BYTES: u32 = 16;
const DOWN: u32 = 0x8000_0000;

@lazy const POOL: usize = memory.data(RECORD_POOL_BYTES, 4);

let runsInUse: u32 = 0;

/** What `popHead` and `popTail` took: `takenLength` frames from `takenLow` on. */
export let takenLow: u32 = 0;
export let takenLength: u32 = 0;
/** From head to tail, the taken frames descend. */
export let takenDown: bool = false;

export function runPoolBytes(runs: u64): u64 {
  return runs * <u64>RUN_BYTES;
}

export function runPoolInit(base: usize, bytes: u64): void {
  recordPoolInit(POOL, base, bytes);
  runsInUse = 0;
}

/** Records in use, for audits. */
export function runsLive(): u32 {
  return runsInUse;
}

@inline
function runAt(address: u32): Run {
  return changetype<Run>(<usize>address);
}

function newRun(low: u32, length: u32, down: bool): u32 {
  const address = takeRecord(POOL, RUN_BYTES);
  if (address == 0) outgrow(Region.PAGES);
  runsInUse++;
  const run = runAt(address);
  run.low = low;
  run.lengthAndWay = length | (down ? DOWN : 0);
  run.next = 0;
  run.prev = 0;
  return address;
}

function dropRun(address: u32): void {
  giveRecord(POOL, address);
  runsInUse--;
}

@inline
function lengthOf(run: Run): u32 {
  return run.lengthAndWay & ~DOWN;
}

@inline
function isDown(run: Run): bool {
  return (run.lengthAndWay & DOWN) != 0;
}

/** Puts frames before the head; seen from there they descend if `down`. */
export function pushHead(list: FrameList, low: u32, length: u32, down: bool): void {
  list.count += length;
  if (list.head != 0) {
    const run = runAt(list.head);
    const runLength = lengthOf(run);
    const canDown = (isDown(run) || runLength == 1) && (down || length == 1);
    const canUp = (!isDown(run) || runLength == 1) && (!down || length == 1);
    if (canDown && low == run.low + runLength) {
      run.lengthAndWay = (runLength + length) | DOWN;
      return;
    }
    if (canUp && low + length == run.low) {
      run.low = low;
      run.lengthAndWay = runLength + length;
      return;
    }
  }
  const fresh = newRun(low, length, down);
  runAt(fresh).next = list.head;
  if (list.head != 0) runAt(list.head).prev = fresh;
  else list.tail = fresh;
  list.head = fresh;
}

/** Puts frames behind the tail; from head to tail they descend if `down`. */
export function pushTail(list: FrameList, low: u32, length: u32, down: bool): void {
  list.count += length;
  if (list.tail != 0) {
    const run = runAt(list.tail);
    const runLength = lengthOf(run);
    const canDown = (isDown(run) || runLength == 1) && (down || length == 1);
    const canUp = (!isDown(run) || runLength == 1) && (!down || length == 1);
    if (canUp && low == run.low + runLength) {
      run.lengthAndWay = runLength + length;
      return;
    }
    if (canDown && low + length == run.low) {
      run.low = low;
      run.lengthAndWay = (runLength + length) | DOWN;
      return;
    }
  }
  const fresh = newRun(low, length, down);
  runAt(fresh).prev = list.tail;
  if (list.tail != 0) runAt(list.tail).next = fresh;
  else list.head = fresh;
  list.tail = fresh;
}

/** Takes up to `most` frames of the head run; the answer is their number, 0 from an empty list. */
export function popHead(list: FrameList, most: u32): u32 {
  if (list.head == 0) return 0;
  const address = list.head;
  const run = runAt(address);
  shorten(list, run, min(most, lengthOf(run)), isDown(run));
  if (lengthOf(run) == 0) {
    list.head = run.next;
    if (list.head != 0) runAt(list.head).prev = 0;
    else list.tail = 0;
    dropRun(address);
  }
  return takenLength;
}

/** Takes up to `most` frames of the tail run; the answer is their number, 0 from an empty list. */
export function popTail(list: FrameList, most: u32): u32 {
  if (list.tail == 0) return 0;
  const address = list.tail;
  const run = runAt(address);
  shorten(list, run, min(most, lengthOf(run)), !isDown(run));
  if (lengthOf(run) == 0) {
    list.tail = run.prev;
    if (list.tail != 0) runAt(list.tail).next = 0;
    else list.head = 0;
    dropRun(address);
  }
  return takenLength;
}

/** Cuts `length` frames off a run, from its high end or its low one. */
function shorten(list: FrameList, run: Run, length: u32, high: bool): void {
  const before = lengthOf(run);
  const left = before - length;
  takenDown = isDown(run);
  takenLength = length;
  takenLow = high ? run.low + left : run.low;
  if (!high) run.low += length;
  run.lengthAndWay = left | (takenDown ? DOWN : 0);
  list.count -= length;
}
