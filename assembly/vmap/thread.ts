// A thread that calls vmalloc and vfree: its operation under way, where its case stands, what it
// holds.

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { prngNext } from "../memory/prng";
import { Area, areaAt } from "./area";
import { Op, OP_BYTES } from "./op";

//  0    40      48       52         56       60     64      68     72      76       80        84
//  ┌────┬───────┬────────┬──────────┬────────┬──────┬───────┬──────┬───────┬────────┬─────────┬──┐
//  │ op │ order │ number │ position │ repeat │ loop │ stage │ held │ first │ second │ handles │  │
//  └────┴───────┴────────┴──────────┴────────┴──────┴───────┴──────┴───────┴────────┴─────────┴──┘
//  88      96              104      112        116        120        124       128     132
//  ┌───────┬───────────────┬────────┬──────────┬──────────┬──────────┬─────────┬───────┬────────┐
//  │ drawn │ caseStartedAt │ filled │ failures │ finished │ rcuFirst │ rcuLast │ block │        │
//  └───────┴───────────────┴────────┴──────────┴──────────┴──────────┴─────────┴───────┴────────┘
//  136         144      176        208     248   256
//  ┌───────────┬────────┬──────────┬───────┬──────┐
//  │ blockUsed │        │ rcu work │ rcuOp │      │
//  └───────────┴────────┴──────────┴───────┴──────┘
/** One thread of the test module, or the one that holds areas. */
@unmanaged
export class TestThread {
  /** The operation under way lies at the record's start; see `opOf`. */
  op0: u64;
  op1: u64;
  op2: u64;
  op3: u64;
  op4: u64;
  /** Its order of the cases, four bits each. */
  order: u64;
  number: u32;
  /** Position in that order. */
  position: u32;
  repeat: u32;
  loop: u32;
  stage: u32;
  held: u32;
  /** Two allocations of a loop. */
  first: usize;
  second: usize;
  handles: usize;
  /** The number drawn for this loop. */
  drawn: u64;
  caseStartedAt: u64;
  /** Pages or bytes that its case has used of something. */
  filled: u64;
  failures: u32;
  /** All is done; the last thread's final purge is under way. */
  finished: u32;
  /** Areas that wait for a grace period, linked through `maxGap`, and the work that frees them. */
  rcuFirst: usize;
  rcuLast: usize;
  /** The block that vm_map_ram takes from, and pages of it that have been used. */
  block: usize;
  blockUsed: u64;
}

export const THREAD_BYTES: u64 = 256;
/** The work item of deferred frees, and its own operation, behind the fields above. */
const RCU_WORK: usize = 176;
const RCU_OP: usize = 208;

let base: usize = 0;
let handlesEach: u32 = 0;

export function threadsBytes(threads: u32, handles: u32): u64 {
  return <u64>threads * (THREAD_BYTES + <u64>handles * 4);
}

export function threadsInit(at: usize): void {
  assert(<u64>RCU_OP + OP_BYTES <= THREAD_BYTES); // all fits the record
  assert(offsetof<TestThread>() <= RCU_WORK);
  base = at;
  const threads = <u32>config(Config.TEST_THREADS);
  handlesEach = <u32>config(Config.TEST_HANDLES);
  memory.fill(base, 0, <usize>(<u64>threads * THREAD_BYTES));
  for (let i: u32 = 0; i < threads; i++) {
    const thread = threadAt(i);
    thread.number = i;
    const offset = <u64>threads * THREAD_BYTES + <u64>i * <u64>handlesEach * 4;
    thread.handles = base + <usize>offset;
  }
}

@inline
export function threadAt(number: u32): TestThread {
  return changetype<TestThread>(base + <usize>(<u64>number * THREAD_BYTES));
}

@inline
export function opOf(thread: TestThread): Op {
  return changetype<Op>(changetype<usize>(thread));
}

@inline
export function rcuWork(thread: TestThread): usize {
  return changetype<usize>(thread) + RCU_WORK;
}

@inline
export function rcuOp(thread: TestThread): Op {
  return changetype<Op>(changetype<usize>(thread) + RCU_OP);
}

export function hold(thread: TestThread, area: usize): void {
  assert(thread.held < handlesEach); // the plan has room for what any case holds
  store<u32>(thread.handles + (<usize>thread.held << 2), <u32>area);
  thread.held++;
}

@inline
export function heldArea(thread: TestThread, index: u32): Area {
  return areaAt(<usize>load<u32>(thread.handles + (<usize>index << 2)));
}

/** A whole number below `bound`. */
export function randomBelow(bound: u64): u64 {
  return prngNext() % bound;
}
