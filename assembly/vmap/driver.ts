// The program of a test thread: its cases in their order, each repeated, with the module's own
// count of what passed and how long it took.
//
// [same: lib/test_vmalloc.c:test_func, 7.2: order shuffled with partners strictly below, unless it
//  is to be sequential; repeats of one case follow each other; average time a case]

import { Config } from "../abi/config";
import {
  CASE_METRICS,
  CaseMetric,
  TestCase,
  VmallocDriver,
  VmapMetric,
} from "../abi/vmalloc";
import { Metric } from "../abi/metric";
import {
  addMetric,
  addWorkloadMetric,
  config,
  maxWorkloadMetric,
  setWorkloadMetric,
  workloadMetric,
} from "../memory/slots";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { Task } from "../sched/task";
import { stepAlloc } from "./alloc";
import { nextOperation } from "./cases";
import { recordsExhausted } from "./exhausted";
import { noteThreadFinished, noteThreadGone, readCounts } from "./finish";
import { stepFree } from "./free";
import { nextOfHolder } from "./holder";
import { outOfMemory } from "./memory";
import { beginOnlyPurge, Op, OpAnswer, OpKind } from "./op";
import { stepOnlyPurge } from "./unmap-aliases";
import { cpuTime } from "./state";
import { opOf, randomBelow, TestThread, threadAt } from "./thread";
import { turnEnds } from "./turn";

/** Which cases a thread runs, four bits each, in its order. */
export function drawOrder(thread: TestThread): u32 {
  let count: u32 = 0;
  let order: u64 = 0;
  for (let which: u32 = 0; which < <u32>TestCase.COUNT; which++) {
    if ((config(Config.TEST_MASK) & (<u64>1 << <u64>which)) == 0) continue;
    order |= <u64>which << <u64>(4 * count++);
  }
  if (config(Config.TEST_SHUFFLED) != 0) {
    for (let i = count - 1; count != 0 && i > 0; i--) {
      order = swapped(order, i, <u32>randomBelow(<u64>i));
    }
  }
  thread.order = order;
  return count;
}

function swapped(order: u64, a: u32, b: u32): u64 {
  const differ = ((order >> <u64>(4 * a)) ^ (order >> <u64>(4 * b))) & 15;
  return order ^ (differ << <u64>(4 * a)) ^ (differ << <u64>(4 * b));
}

function casesOf(): u32 {
  return <u32>popcnt<u64>(config(Config.TEST_MASK) & ((<u64>1 << <u64>TestCase.COUNT) - 1));
}

function caseOf(thread: TestThread): TestCase {
  return <TestCase>((thread.order >> <u64>(4 * thread.position)) & 15);
}

/** Lets an operation go on. */
function stepOp(cpu: Cpu, task: Task, op: Op): OpAnswer {
  switch (op.kind) {
    case <u8>OpKind.ALLOC: return stepAlloc(cpu, task, op);
    case <u8>OpKind.FREE: return stepFree(cpu, task, op);
    default: return stepOnlyPurge(cpu, task, op);
  }
}

/** The program of a thread, numbered by its task's subject. */
export function stepTestThread(cpu: Cpu, task: Task): u64 {
  const thread = threadAt(task.subject);
  const op = opOf(thread);
  while (true) {
    if (op.kind != <u8>OpKind.NONE) {
      const answer = stepOp(cpu, task, op);
      if (answer == OpAnswer.SLEEP) return SLEEPS;
      if (answer == OpAnswer.DONE) {
        op.kind = <u8>OpKind.NONE;
        task.midStep = 0;
        if (op.failed != 0) thread.failures++;
      }
      // a machine that has panicked does nothing more, once no lock is held
      if ((outOfMemory() || recordsExhausted()) && cpu.preemptCount == 0) {
        if (answer == OpAnswer.DONE) return panicked(cpu, task);
      }
    } else if (thread.finished != 0) {
      readCounts();
      return gone();
    } else if ((stopped(cpu) || !nextOf(cpu, task, thread)) && finish(cpu, task, thread)) {
      return gone();
    }
    if (turnEnds(cpu)) return GOES_ON;
  }
}

/** The observer has seen enough: what is held stays held. */
function stopped(cpu: Cpu): bool {
  const stop = config(Config.TEST_STOP_PS);
  return stop != 0 && cpu.now >= stop;
}

function nextOf(cpu: Cpu, task: Task, thread: TestThread): bool {
  if (config(Config.VMAP_DRIVER) != <u64>VmallocDriver.TEST_MODULE) {
    return nextOfHolder(cpu, task, thread);
  }
  while (thread.position < casesOf()) {
    if (thread.loop == 0 && thread.stage == 0) beginRepeat(cpu, thread);
    if (thread.failures == 0 || caseOf(thread) == TestCase.ALIGN_SHIFT_ALLOC) {
      if (nextOperation(cpu, thread, caseOf(thread))) return true;
    }
    endRepeat(cpu, thread);
  }
  return false;
}

function beginRepeat(cpu: Cpu, thread: TestThread): void {
  if (thread.repeat == 0 && thread.held == 0) thread.caseStartedAt = cpu.now;
  thread.held = 0;
  thread.filled = 0;
}

/** A repeat of a case is over; after the last one the next case follows. */
function endRepeat(cpu: Cpu, thread: TestThread): void {
  const which = caseOf(thread);
  const failed = thread.failures != 0;
  if (failed && expectedToFail(which)) count(which, CaseMetric.XFAILED, 1);
  else if (failed || expectedToFail(which)) count(which, CaseMetric.FAILED, 1);
  else count(which, CaseMetric.PASSED, 1);
  thread.failures = 0;
  thread.loop = 0;
  thread.stage = 0;
  thread.held = 0;
  addMetric(Metric.PROGRESS, 1);
  if (++thread.repeat < <u32>config(Config.TEST_REPEAT)) return;
  const took = cpu.now - thread.caseStartedAt;
  noteTime(which, took);
  thread.repeat = 0;
  thread.position++;
  if (thread.position == casesOf()) maxWorkloadMetric(VmapMetric.LAST_CASE_MAX, took);
}

/** Cases that the module marks so: passing them is a failure. */
function expectedToFail(which: TestCase): bool {
  return which == TestCase.ALIGN_SHIFT_ALLOC || which == TestCase.NO_BLOCK_ALLOC;
}

function slotOf(which: TestCase, metric: CaseMetric): i32 {
  return CASE_METRICS + <i32>which * <i32>CaseMetric.COUNT + <i32>metric;
}

function count(which: TestCase, metric: CaseMetric, n: u64): void {
  addWorkloadMetric(slotOf(which, metric), n);
}

function noteTime(which: TestCase, took: u64): void {
  count(which, CaseMetric.FINISHED, 1);
  count(which, CaseMetric.TIME_SUM, took);
  maxWorkloadMetric(slotOf(which, CaseMetric.TIME_MAX), took);
  const least = workloadMetric(slotOf(which, CaseMetric.TIME_MIN));
  if (least == 0 || took < least) setWorkloadMetric(slotOf(which, CaseMetric.TIME_MIN), took);
}

/** A thread is through; false if it has to purge once more, as the last one. */
function finish(cpu: Cpu, task: Task, thread: TestThread): bool {
  noteEnd(cpu, task);
  if (!noteThreadFinished()) return true;
  if (config(Config.TEST_FINAL_PURGE) == 0) {
    readCounts();
    return true;
  }
  thread.finished = 1;
  beginOnlyPurge(opOf(thread));
  return false;
}

function panicked(cpu: Cpu, task: Task): u64 {
  noteEnd(cpu, task);
  return gone();
}

function gone(): u64 {
  noteThreadGone();
  return EXITED;
}

function noteEnd(cpu: Cpu, task: Task): void {
  maxWorkloadMetric(VmapMetric.FINISHED_AT, cpu.now);
  addWorkloadMetric(VmapMetric.THREADS_CPU_SUM, cpuTime(cpu, task));
}
