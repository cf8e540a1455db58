// Virtual time of a CPU's fair queue: its average, who is eligible, and whose slice is protected.
// All tasks have nice 0, so virtual time is time.
//
// [same: kernel/sched/fair.c:avg_vruntime, vruntime_eligible, protect_slice, 6.12.107 and 7.2.12:
//  the average is rounded down; eligibility compares sums, not the rounded average; a protected
//  slice lasts while the deadline is the one of the last switch (6.12), or until virtual time has
//  reached it (7.2)]

import { Config, Generation, Preempt } from "../abi/config";
import { config } from "../memory/slots";
import { Cpu } from "./cpu";
import { Task } from "./task";

/**
 * The fair class is that of 7.2, not that of 6.12. Lazy preemption exists from 6.13 on: whoever
 * asks for it has the newer class too.
 */
export let newerFair: bool = false;

export function virtualInit(): void {
  const lazy = config(Config.PREEMPT) == <u64>Preempt.LAZY;
  newerFair = lazy || config(Config.GENERATION) == <u64>Generation.V7_2;
}

/** Sum of the queue's virtual runtimes, relative to `cpu.zeroVruntime`. */
function keySum(cpu: Cpu): i64 {
  let sum: i64 = 0;
  for (let at = cpu.rqHead; at != 0; at = changetype<Task>(at).nextRq) {
    sum += changetype<Task>(at).vruntime - cpu.zeroVruntime;
  }
  return sum;
}

/** avg_vruntime: the queue's average, from which keys are counted from now on. */
export function avgVruntime(cpu: Cpu): i64 {
  const count = <i64>cpu.nrRunning;
  if (count == 0) return cpu.zeroVruntime;
  const sum = keySum(cpu);
  cpu.zeroVruntime += (sum < 0 ? sum - (count - 1) : sum) / count; // rounded down
  return cpu.zeroVruntime;
}

/** vruntime_eligible: has somebody at this virtual time had no more than the average? */
@inline
function isEligible(cpu: Cpu, sum: i64, vruntime: i64): bool {
  return sum >= (vruntime - cpu.zeroVruntime) * <i64>cpu.nrRunning;
}

/** entity_eligible, of a task on the queue. */
export function eligible(cpu: Cpu, task: Task): bool {
  return isEligible(cpu, keySum(cpu), task.vruntime);
}

/** set_protect_slice: a switch to the task gives it the slice that it has. */
@inline
export function protectSlice(task: Task): void {
  task.parity = task.deadline;
}

/** protect_slice */
@inline
function isProtected(task: Task): bool {
  return newerFair ? task.vruntime < task.parity : task.parity == task.deadline;
}

/** Does the running task have to be asked for its place again, although its slice goes on? */
export function slipped(cpu: Cpu, curr: Task): bool {
  if (isProtected(curr)) return false;
  return newerFair || !eligible(cpu, curr); // 6.12: did_preempt_short
}

/**
 * pick_eevdf: the eligible task with the earliest deadline, delayed ones included, but the running
 * one while its slice is protected. Of equal deadlines the one that was queued first, and the
 * running one last.
 */
export function mostEligible(cpu: Cpu): usize {
  if (cpu.nrRunning <= 1) return cpu.rqHead;
  const sum = keySum(cpu);
  const curr = eligibleCurr(cpu, sum);
  if (curr != 0 && isProtected(changetype<Task>(curr))) return curr;
  let best: usize = 0;
  for (let at = cpu.rqHead; at != 0; at = changetype<Task>(at).nextRq) {
    if (at == cpu.curr) continue;
    const task = changetype<Task>(at);
    if (best != 0 && task.deadline >= changetype<Task>(best).deadline) continue;
    if (isEligible(cpu, sum, task.vruntime)) best = at;
  }
  if (best == 0) return curr;
  if (curr == 0) return best;
  return changetype<Task>(curr).deadline < changetype<Task>(best).deadline ? curr : best;
}

/** The running task if it is of the fair class, on its queue and eligible; else 0. */
function eligibleCurr(cpu: Cpu, sum: i64): usize {
  if (cpu.curr == 0) return 0;
  const task = changetype<Task>(cpu.curr);
  if (task.onRq == 0 || task.priority != 0) return 0;
  return isEligible(cpu, sum, task.vruntime) ? cpu.curr : 0;
}
