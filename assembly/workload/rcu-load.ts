// Records for workloads that post callbacks: one per task, and a pool of callbacks. The pool hands
// out what was given back last, else what was never used.

import { Config } from "../abi/config";
import { FloodTable, FloodWord } from "../abi/rcu-load";
import { Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { config } from "../memory/slots";

//  0      4      5       6       8      12    14        8          16
//  ┌──────┬──────┬───────┬───────┬──────┬─────┬─────┐   ┌──────────┐
//  │ next │ func │ owner │ stamp │ link │ gps │ pad │ or│ ... time │
//  └──────┴──────┴───────┴───────┴──────┴─────┴─────┘   └──────────┘
/** A callback of a flood. */
@unmanaged
export class FloodCallback {
  next: u32;
  func: u8;
  /** Number of its flood. */
  owner: u8;
  stamp: u16;
  /** Next one that has come back: rfc_next. */
  link: u32;
  /** How often it has come back: rfc_gps. */
  gps: u16;
  pad: u16;
}

/** A callback that is posted once: the moment it was takes the place of link and count. */
@unmanaged
export class PostCallback {
  next: u32;
  func: u8;
  owner: u8;
  stamp: u16;
  time: u64;
}

const CALLBACK_BYTES: u64 = 16;
/** Of a task's record, see FloodWord. */
const TASK_BYTES: u64 = <u64>FloodTable.WORDS * 8;

export function rcuLoadBytes(): u64 {
  return config(Config.RCU_LOAD_TASKS) * TASK_BYTES + config(Config.RCU_LOAD_CALLBACKS) * 16;
}

let records: usize = 0;
let callbacks: usize = 0;
let never: usize = 0;
let end: usize = 0;
let free: u32 = 0;

export function rcuLoadInit(): void {
  assert(FloodTable.WORDS == FloodWord.COUNT + 2 * FloodTable.TENTHS);
  assert(<u64>offsetof<FloodCallback>() == CALLBACK_BYTES);
  assert(<u64>offsetof<PostCallback>() == CALLBACK_BYTES);
  records = regionBase(Region.RCU_LOAD);
  const recordBytes = <usize>(config(Config.RCU_LOAD_TASKS) * TASK_BYTES);
  memory.fill(records, 0, recordBytes);
  callbacks = records + recordBytes;
  never = callbacks;
  end = callbacks + <usize>(config(Config.RCU_LOAD_CALLBACKS) * CALLBACK_BYTES);
  free = 0;
}

/** Memory for one callback, or 0 when all that was planned is in use. */
export function takeCallback(): u32 {
  const given = free;
  if (given != 0) {
    free = load<u32>(<usize>given);
    return given;
  }
  if (never >= end) return 0;
  const fresh = never;
  never += <usize>CALLBACK_BYTES;
  return <u32>fresh;
}

export function giveCallback(callback: u32): void {
  store<u32>(<usize>callback, free);
  free = callback;
}

/** Is everything back that was handed out? */
export function allCallbacksBack(): bool {
  let out = (never - callbacks) / <usize>CALLBACK_BYTES;
  for (let at = free; at != 0; at = load<u32>(<usize>at)) out--;
  return out == 0;
}

/** A word of task number `task`'s record. */
@inline
export function loadWord(task: u32, word: u32): usize {
  return records + <usize>task * <usize>TASK_BYTES + (<usize>word << 3);
}

/** CPU number `index` of those that post. */
export function loadCpu(index: u32): u32 {
  let left = index;
  for (let cpu: u32 = 0; cpu < 256; cpu++) {
    const word = config(Config.RCU_LOAD_CPUS_0 + <i32>(cpu >> 6));
    if (((word >> <u64>(cpu & 63)) & 1) == 0) continue;
    if (left == 0) return cpu;
    left--;
  }
  assert(false); // the host counts as many tasks as there are CPUs
  return 0;
}
