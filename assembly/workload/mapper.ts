// The program of a bystander that maps and unmaps memory of its own without end: an iteration is so
// many rounds of mmap(), a touch, mprotect() and munmap() of a small area.
//
// What it costs others is time, and callbacks: the removed VMA and the index nodes that the round
// replaced wait for a grace period. What it measures is how long its iterations take.
//
// [simplified: mm/mmap.c, mm/vma.c: its address space is not modelled, a round is four steps of
//  equal length and so many callbacks, which its last step queues; it touches no lock of others]

import { LoadConfig, LoadMetric } from "../abi/load";
import { histogramRecord } from "../metrics/histogram";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { leaveForUser } from "../sched/preempt";
import { Task } from "../sched/task";
import { GOES_ON } from "../sched/answer";
import { deferOthers } from "../vma/node-callbacks";
import { addLoadMetric, Bystander, loadConfig, loadHistogram } from "./load";

/** System calls and faults of a round. */
const STEPS: u64 = 4;
const PS_PER_NS: u64 = 1000;

/** Is it between two iterations, where it can end? */
@inline
export function mapperRests(it: Bystander): bool {
  return it.left == 0;
}

/** Steps until something else should run; `it.left` counts those of the iteration. */
export function stepMapper(cpu: Cpu, it: Bystander): u64 {
  const rounds = loadConfig(it.group, LoadConfig.ROUNDS);
  const callbacks = loadConfig(it.group, LoadConfig.CALLBACKS);
  const price = loadConfig(it.group, LoadConfig.WORK_PS) / STEPS;
  while (cpu.now <= horizon) {
    if (it.left == 0) {
      it.left = rounds * STEPS;
      it.began = cpu.now;
    }
    cpu.now += price;
    it.left--;
    if (it.left % STEPS == 0) deferOthers(cpu, dueIn(rounds - it.left / STEPS, rounds, callbacks));
    leaveForUser(cpu);
    if (it.left == 0) {
      histogramRecord(loadHistogram(it.group), (cpu.now - it.began) / PS_PER_NS);
      addLoadMetric(it.group, LoadMetric.ROUNDS, 1);
      return GOES_ON; // looks whether all is over
    }
    if (cpu.needResched != 0) return GOES_ON;
  }
  return GOES_ON;
}

/** Callbacks of round `round` of 1 to `rounds`, which share those of an iteration evenly. */
function dueIn(round: u64, rounds: u64, callbacks: u64): u32 {
  return <u32>((round * callbacks) / rounds - ((round - 1) * callbacks) / rounds);
}
