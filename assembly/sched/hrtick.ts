// HRTICK: a timer that ends the running task's slice while others wait, whatever the tick.
//
// [same: kernel/sched/fair.c:hrtick_start_fair, hrtick_update, set_next_task_fair, entity_tick;
//  kernel/sched/core.c:hrtick_start, hrtick_needs_rearm, hrtick_schedule_exit, 7.2.12: it is set by
//  a switch while more than one is queued, or by the second one that joins; for what virtual time
//  is left up to the deadline, 10 us at least; one that is set stays where the new time is within
//  5 us of it, also over a switch to a task that is alone; it asks urgently, lazy or not; going
//  idle cancels it]
// [left out: the share of the CPU that interrupts take (cpu_util_irq), which a kernel without
//  IRQ_TIME_ACCOUNTING does not know; HRTICK_DL, as there is no deadline class. HRTICK of 6.12, off
//  by default, sets its timer by run time instead]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { Cpu } from "./cpu";
import { armSlice } from "./events";
import { chargeCurr } from "./fair";
import { reschedule } from "./preempt";
import { Task } from "./task";

const SHORTEST_PS: i64 = 10_000_000;
const NEAR_PS: u64 = 5_000_000;

let hrtick: bool = false;
let latency: u64 = 0;

export function hrtickInit(): void {
  hrtick = config(Config.HRTICK) != 0;
  latency = config(Config.HRTICK_LATENCY_PS);
}

/** A switch has taken place: how long may the next task run? */
@inline
export function hrtickForNext(cpu: Cpu): void {
  if (hrtick) start(cpu);
}

/** hrtick_update: a task has joined the queue. */
@inline
export function hrtickForMore(cpu: Cpu): void {
  if (hrtick && cpu.sliceEvent == 0) start(cpu);
}

/** hrtick_start_fair */
function start(cpu: Cpu): void {
  if (cpu.curr == 0 || cpu.nrRunning <= 1) return;
  const curr = changetype<Task>(cpu.curr);
  if (curr.priority != 0) return;
  const left = curr.deadline - curr.vruntime;
  if (left < 0) {
    reschedule(cpu);
    return;
  }
  const time = cpu.now + <u64>max(left, SHORTEST_PS) + latency;
  const isSet = cpu.sliceEvent != 0;
  if (isSet && distance(time, cpu.sliceTime) <= NEAR_PS) return;
  // the clock device is not touched for a time that is only later (HRTIMER_MODE_LAZY_REARM)
  if (!isSet || time < cpu.sliceTime) cpu.now += cost(CostSlot.HRTICK_ARM);
  armSlice(cpu, time);
}

@inline
function distance(a: u64, b: u64): u64 {
  return a > b ? a - b : b - a;
}

/** hrtick: the timer has gone off. */
export function hrtickFires(cpu: Cpu): void {
  if (cpu.curr == 0 || changetype<Task>(cpu.curr).priority != 0) return;
  chargeCurr(cpu);
  reschedule(cpu);
}
