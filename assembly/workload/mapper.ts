// The program of a bystander that maps and unmaps memory of its own without end: an iteration is so
// many rounds of mmap(), a touch, mprotect() and munmap() of a small area.
//
// What it costs others is time, and callbacks: the removed VMA and the index nodes that the round
// replaced wait for a grace period. What it measures is how long its iterations take.
//
// A tick falls into a system call nearly always. Where that is just before a call_rcu() with no
// point between at which it reschedules, the callback comes after the softirq has asked for a grace
// period and before that begins: it needs another one, which follows at once.
//
//             tick, softirq      switch: the grace period begins
//   munmap() ───────┴──── call_rcu() ──┴─
//
// [simplified: mm/mmap.c, mm/vma.c: its address space is not modelled, a round is four steps of
//  equal length, over which its callbacks are spread evenly; it touches no lock of others]

import { LoadConfig, LoadMetric } from "../abi/load";
import { histogramRecord } from "../metrics/histogram";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_KERNEL } from "../sched/preempt";
import { Task } from "../sched/task";
import { COASTS, GOES_ON } from "../sched/answer";
import { passUserMode } from "../sched/user-mode";
import { deferOthers } from "../vma/node-callbacks";
import { addLoadMetric, Bystander, loadConfig, loadHistogram } from "./load";

/** System calls and faults of a round. */
const STEPS: u64 = 4;
const PS_PER_NS: u64 = 1000;
/**
 * The end of a step in which it does not reschedule, where the kernel is not preemptible.
 * [measured: in two boots of 6.12.117, 178 of 1,500 ticks hit a process that does nothing else
 *  before a callback: 12 % of a round of 14.7 us with three. kernel/rcu/tree.c:rcu_start_this_gp]
 */
const BEFORE_CALLBACK_PS: u64 = 590_000;

/** Is it between two iterations, where it can end? */
@inline
export function mapperRests(it: Bystander): bool {
  return it.left == 0;
}

/** Steps until something else should run; `it.left` counts those of the iteration. */
export function stepMapper(cpu: Cpu, task: Task, it: Bystander): u64 {
  const price = loadConfig(it.group, LoadConfig.WORK_PS) / STEPS;
  if (it.stepLeft != 0) {
    it.stepLeft -= min(task.coastEnd - it.coastFrom, it.stepLeft);
    if (it.stepLeft != 0) return inKernel(cpu, task, it);
    if (endStep(cpu, task, it)) return GOES_ON;
  }
  while (cpu.now <= horizon && cpu.needResched == 0) {
    if (it.left == 0) {
      it.left = loadConfig(it.group, LoadConfig.ROUNDS) * STEPS;
      it.began = cpu.now;
    }
    if (cpu.now + price > horizon) {
      it.stepLeft = price;
      return inKernel(cpu, task, it);
    }
    cpu.now += price;
    if (endStep(cpu, task, it)) return GOES_ON;
  }
  return GOES_ON;
}

/** Something comes before the step is over: it goes on for what is left of it. */
function inKernel(cpu: Cpu, task: Task, it: Bystander): u64 {
  const mayMakeWay = it.stepLeft > BEFORE_CALLBACK_PS;
  task.midStep = mayMakeWay ? 0 : MID_KERNEL;
  it.coastFrom = cpu.now;
  cpu.coastUntil = cpu.now + it.stepLeft - (mayMakeWay ? BEFORE_CALLBACK_PS : 0);
  return COASTS;
}

/** A step is over; true when the iteration is, and it has to look whether all is over. */
function endStep(cpu: Cpu, task: Task, it: Bystander): bool {
  task.midStep = 0;
  it.left--;
  deferShare(cpu, it);
  passUserMode(cpu);
  if (it.left != 0) return false;
  histogramRecord(loadHistogram(it.group), (cpu.now - it.began) / PS_PER_NS);
  addLoadMetric(it.group, LoadMetric.ROUNDS, 1);
  return true;
}

/** Queues the callbacks of the step that is over: all steps of an iteration share its callbacks. */
function deferShare(cpu: Cpu, it: Bystander): void {
  const steps = loadConfig(it.group, LoadConfig.ROUNDS) * STEPS;
  const callbacks = loadConfig(it.group, LoadConfig.CALLBACKS);
  const done = steps - it.left;
  const due = (done * callbacks) / steps - ((done - 1) * callbacks) / steps;
  deferOthers(cpu, <u32>due, <u32>loadConfig(it.group, LoadConfig.CALLBACK_PS));
}
