// Working memory of the operation that is going on. Operations never nest, so a pool has one.
//
//   Write    what is stored where, and the slots it replaces in its leaf
//   left     path from the root to the first changed leaf      HEIGHT_MAX steps
//   right    path from the root to the last changed leaf       HEIGHT_MAX steps
//   cover    per level: the pages the new nodes of that level cover
//   data     the list of entries being distributed over new nodes
//   mid      up to three entries that take the place of the replaced slots
//   fresh    nodes made by this operation, to give back when it fails
//
//   step     ╒═══════════╤═══════════╤═══════════════════════╤═══════════════════════╕
//        +0  │   node    │   slot    │  first page of node   │  last page of node    │
//            ╘═══════════╧═══════════╧═══════════════════════╧═══════════════════════╛

import { HEIGHT_MAX } from "./layout";

@unmanaged
export class Write {
  /** The range to store: grows while an empty range joins its empty neighbours. */
  first: u64;
  last: u64;
  /** First page of the first replaced slot, last page of the last one. */
  slot_first: u64;
  slot_last: u64;
  /** First page of the new rightmost leaf. */
  tail_min: u64;
  value: u32;
  /** First and last replaced slot of the leaf. */
  slot: u32;
  slot_end: u32;
  /** Number of entries in data, in mid and nodes in fresh. */
  data_count: u32;
  mid_count: u32;
  fresh_count: u32;
  /** Longest gap of the node built last. */
  built_gap: u32;
  /** Entries in the leaves built so far, leaves built so far. */
  built_entries: u32;
  built_leaves: u32;
  /** Sizes distribute() decided on. */
  part_0: u32;
  part_1: u32;
  part_2: u32;
  /** The new rightmost leaf, 0 when the old one stays. */
  tail: u32;
}

@unmanaged
export class Step {
  node: u32;
  slot: u32;
  min: u64;
  max: u64;
}

@unmanaged
export class Entry {
  last: u64;
  value: u32;
  gap: u32;
}

@unmanaged
export class Cover {
  min: u64;
  max: u64;
}

export const STEP_BYTES: usize = 24;
export const ENTRY_BYTES: usize = 16;
const COVER_BYTES: usize = 16;
/** Two full leaves, three entries between them, and slack. */
const DATA_MAX: usize = 48;

const WRITE: usize = 128;
const LEFT: usize = 256;
const RIGHT: usize = LEFT + <usize>HEIGHT_MAX * STEP_BYTES;
const COVER: usize = RIGHT + <usize>HEIGHT_MAX * STEP_BYTES;
const MID: usize = COVER + <usize>HEIGHT_MAX * COVER_BYTES;
const DATA: usize = MID + 4 * ENTRY_BYTES;
const FRESH: usize = DATA + DATA_MAX * ENTRY_BYTES;

@inline
export function writeOf(pool: usize): Write {
  return changetype<Write>(pool + WRITE);
}

@inline
export function leftPath(pool: usize): usize {
  return pool + LEFT;
}

@inline
export function rightPath(pool: usize): usize {
  return pool + RIGHT;
}

/** One step of a path; depth 0 is the root. */
@inline
export function step(path: usize, depth: u32): Step {
  return changetype<Step>(path + <usize>depth * STEP_BYTES);
}

export function copyPath(to: usize, from: usize, height: u32): void {
  const bytes = <usize>height * STEP_BYTES;
  for (let at: usize = 0; at < bytes; at += 8) store<u64>(to + at, load<u64>(from + at));
}

@inline
export function cover(pool: usize, depth: u32): Cover {
  return changetype<Cover>(pool + COVER + <usize>depth * COVER_BYTES);
}

@inline
export function mid(pool: usize, index: u32): Entry {
  return changetype<Entry>(pool + MID + <usize>index * ENTRY_BYTES);
}

@inline
export function data(pool: usize, index: u32): Entry {
  return changetype<Entry>(pool + DATA + <usize>index * ENTRY_BYTES);
}

/** Puts one more entry at the end of mid. */
export function pushMid(pool: usize, last: u64, value: u32, gap: u32): void {
  const w = writeOf(pool);
  assert(w.mid_count < 3); // a store leaves at most three entries
  const entry = mid(pool, w.mid_count++);
  entry.last = last;
  entry.value = value;
  entry.gap = gap;
}

/** Puts one more entry at the end of data. */
export function pushData(pool: usize, last: u64, value: u32, gap: u32): void {
  const w = writeOf(pool);
  const entry = data(pool, w.data_count++);
  entry.last = last;
  entry.value = value;
  entry.gap = gap;
}

export function checkData(pool: usize): void {
  assert(<usize>writeOf(pool).data_count <= DATA_MAX); // two leaves and three entries
}

/** Remembers a node made by this operation. */
export function pushFresh(pool: usize, node: usize): void {
  const w = writeOf(pool);
  store<u32>(pool + FRESH + ((<usize>(w.fresh_count++)) << 2), <u32>node);
}

@inline
export function fresh(pool: usize, index: u32): usize {
  return load<u32>(pool + FRESH + ((<usize>index) << 2));
}
