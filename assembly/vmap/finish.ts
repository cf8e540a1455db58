// The end of the tests: the last thread to finish may purge what is still lazy, and the counts of
// purges are then what whoever waits for the threads reads. Drain work may still be queued; what it
// does later is no part of the tests.
//
// [same: lib/test_vmalloc.c:do_concurrent_test, 6.12 and 7.2: the caller goes on when the last
//  thread has reported; it asks for no purge, which the measured kernels' driver of several threads
//  did]

import { VmapMetric } from "../abi/vmalloc";
import { Config } from "../abi/config";
import { config, workloadSlot } from "../memory/slots";

const FIRST: i32 = VmapMetric.LAZY_PEAK_PAGES;
const BYTES: usize = (<usize>VmapMetric.DRAIN_WORK_DELAY_MAX - <usize>FIRST + 1) << 3;
const READ: usize = memory.data(256, 8);

let running: u32 = 0;
/** Threads that exist: those that a panic or a stop has ended are gone without having finished. */
let alive: u32 = 0;
let wasRead: bool = false;

export function finishInit(): void {
  assert(BYTES <= 256); // the copy has room
  running = <u32>config(Config.TEST_THREADS);
  alive = running;
  wasRead = false;
}

/** A thread has finished its cases: true for the last one. */
export function noteThreadFinished(): bool {
  assert(running != 0); // each finishes once
  return --running == 0;
}

/** A thread is gone, however it ended. */
export function noteThreadGone(): void {
  assert(alive != 0); // each goes once
  alive--;
}

/** Is no test thread left? */
export function testsAreOver(): bool {
  return alive == 0;
}

/** The tests are over, now. */
export function readCounts(): void {
  memory.copy(READ, workloadSlot(FIRST), BYTES);
  wasRead = true;
}

/** The run is over: what has been counted since does not count. */
export function restoreCounts(): void {
  if (wasRead) memory.copy(workloadSlot(FIRST), READ, BYTES);
}
