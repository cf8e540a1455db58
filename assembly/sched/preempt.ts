// Preemption models: when the running task makes way for one that should run instead.
//
//   model      fair wake, used slice   fixed priority   between two steps   cond_resched
//   none       at once                 at once          not preempted       reschedules
//   voluntary  at once                 at once          not preempted       reschedules
//   full       at once                 at once          preempted           does nothing
//   lazy       at the tick after next  at once          preempted           does nothing
//              or on the way to user
//
// "At once" sets Cpu.needResched, "lazy" sets Cpu.lazyResched, which becomes the other at the next
// tick and on every way back to user space (user-mode.ts). Whether code can be preempted between
// two steps of a program is said by `Task.midStep`: 0 = a point where every model reschedules, 1 =
// kernel code without such a point, 2 = preemption or bottom halves are disabled.
//
// [same: kernel/sched/core.c:resched_curr, resched_curr_lazy, sched_tick, __cond_resched;
//  kernel/Kconfig.preempt; 6.12, lazy requests 6.13 and later]
// [simplified: full preempts at the end of a step, below a microsecond, where the kernel does so at
//  the end of the interrupt (kernel/entry/common.c:raw_irqentry_exit_cond_resched)]

import { Config, Preempt } from "../abi/config";
import { config } from "../memory/slots";
import { passCondResched } from "../rcu/classic";
import { rcuData } from "../rcu/state";
import { Cpu } from "./cpu";
import { Task } from "./task";

/** Task.midStep */
export const MID_KERNEL: u8 = 1;
export const MID_DISABLED: u8 = 2;

let model: u32 = 0;
/** RCU is built for a kernel that cannot be preempted: CONFIG_PREEMPT_RCU is not set. */
let classicRcu: bool = false;

export function preemptInit(): void {
  model = <u32>config(Config.PREEMPT);
  classicRcu = config(Config.PREEMPT_RCU) == 0;
}

/** Can kernel code be preempted where it does not ask for it? */
@inline
export function preemptible(): bool {
  return model == <u32>Preempt.FULL || model == <u32>Preempt.LAZY;
}

/** might_sleep() is a preemption point of the voluntary model only. */
@inline
export function mightSleepYields(): bool {
  return model != <u32>Preempt.NONE;
}

export function rcuIsClassic(): bool {
  return classicRcu;
}

/** resched_curr */
@inline
export function reschedule(cpu: Cpu): void {
  cpu.needResched = 1;
}

/** resched_curr_lazy: what the fair class asks for. */
export function rescheduleFair(cpu: Cpu): void {
  if (model == <u32>Preempt.LAZY && cpu.curr != 0) cpu.lazyResched = 1;
  else cpu.needResched = 1;
}

/** sched_tick, and the way to user mode: what was asked for lazily before is urgent now. */
@inline
export function hurryLazy(cpu: Cpu): void {
  if (cpu.lazyResched == 0) return;
  cpu.lazyResched = 0;
  cpu.needResched = 1;
}

/**
 * A point where the running program may let others run: cond_resched() where that does something,
 * and any point of preemptible kernel code. True: the program returns GOES_ON.
 */
@inline
export function resched(cpu: Cpu): bool {
  if (classicRcu) passCondResched(rcuData(cpu.id), cpu);
  return cpu.needResched != 0;
}

/** Must the running task make way, and may it now? */
@inline
export function mustMakeWay(cpu: Cpu, task: Task): bool {
  if (cpu.needResched == 0 || cpu.preemptCount != 0) return false;
  return task.midStep == 0 || (task.midStep == MID_KERNEL && preemptible());
}
