// When a CPU ticks, and when RCU does not watch it.
//
// [same: kernel/sched/idle.c:do_idle, idle_call_stop_or_retain_tick, without a cpuidle driver;
// kernel/time/tick-sched.c:tick_nohz_idle_got_tick, tick_nohz_next_event, can_stop_idle_tick,
// tick_nohz_full_update_tick; kernel/rcu/tree.c:rcu_needs_cpu; kernel/context_tracking.c; 6.12.78
// and 7.2: a CPU that has gone idle keeps its tick until that has hit it there, while it has
// callbacks of its own, and always with nohz=off; a nohz_full CPU stops
// it while one task runs, and is in an extended quiescent state in user mode; while there are such
// CPUs, one of the others keeps time and always ticks]
// [simplified: kernel/time/tick-sched.c: a nohz_full CPU looks at its tick at every tick and when a
// second task becomes runnable, not at every interrupt; the remote tick of once a second
// (kernel/sched/core.c:sched_tick_remote) is left out]

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { queueSize } from "../queue/queue";
import { gpInProgress } from "../rcu/grace";
import { listLength } from "../rcu/segcblist";
import { RcuData } from "../rcu/records";
import { callbackList, rcuData } from "../rcu/state";
import { nextTickAfter } from "./clock";
import { Cpu, cpuAt, nrCpus } from "./cpu";
import { armTick, eventQueue, stopTick, ticksSet } from "./events";
import { queued } from "./runqueue";
import { Task } from "./task";

/** Cpu.forcedTick, by grace periods of either kind. */
export const FORCED_BY_NORMAL: u8 = 1;
export const FORCED_BY_EXPEDITED: u8 = 2;

/** nohz=off: idle CPUs tick. */
let idleTicks: bool = false;
/** The CPU that keeps time and ticks for ever while others need not; none when < 0. */
let timekeeper: i32 = -1;

export function nohzInit(): void {
  idleTicks = config(Config.NOHZ) == 0;
  timekeeper = -1;
  let full: u32 = 0;
  for (let id = nrCpus(); id-- > 0; ) {
    if (cpuAt(id).nohzFull != 0) full++;
    else timekeeper = <i32>id;
  }
  assert(full == 0 || timekeeper >= 0); // the host leaves one CPU for housekeeping
  if (full == 0) timekeeper = -1;
}

/** Before time 0: what ticks although it is idle. */
export function startIdleTicks(): void {
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (ticksAlways(cpuAt(id))) armTick(cpuAt(id), nextTickAfter(0));
  }
}

@inline
function ticksAlways(cpu: Cpu): bool {
  return idleTicks || <i32>cpu.id == timekeeper;
}

/** tick_sched_do_timer: it hits the idle loop, or a softirq on top of it. */
@inline
export function noteIdleTick(cpu: Cpu): void {
  if (cpu.curr == 0) cpu.gotIdleTick = 1;
}

/** A task is switched to: the idle loop is left, and begins anew next time. */
@inline
export function endIdleLoop(cpu: Cpu): void {
  cpu.gotIdleTick = 0;
}

/**
 * A round of the idle loop, cpuidle_idle_call: does the CPU tick on? One that has just gone idle
 * does, until a tick has hit it there. So a CPU that owed the running grace period a report makes
 * it at that tick, and no scan need find it idle.
 */
export function tickOfIdle(cpu: Cpu): void {
  const mayStop = cpu.gotIdleTick != 0 || cpu.tickEvent == 0;
  cpu.gotIdleTick = 0;
  if (ticksAlways(cpu) || rcuNeedsCpu(rcuData(cpu.id))) {
    if (cpu.tickEvent == 0) armTick(cpu, nextTickAfter(cpu.now));
  } else if (mayStop) {
    stopTick(cpu);
  }
}

/** rcu_needs_cpu: it has callbacks to invoke itself. */
function rcuNeedsCpu(data: RcuData): bool {
  return data.offloaded == 0 && listLength(callbackList(data)) != 0;
}

/** At the end of a tick: a nohz_full CPU with one task needs no other one. */
export function tickOfFull(cpu: Cpu): void {
  if (cpu.nohzFull == 0 || cpu.forcedTick != 0) return;
  if (queued(cpu) == 1 && cpu.softirqPending == 0) stopTick(cpu);
}

/**
 * An interrupt finds a nohz_full CPU in the kernel while RCU waits for it urgently: it ticks until
 * it has reported [same: kernel/rcu/tree.c:__rcu_irq_enter_check_tick, 6.12].
 */
export function forceTick(cpu: Cpu): void {
  if (cpu.nohzFull == 0 || rcuData(cpu.id).urgentQs == 0) return;
  if (cpu.curr != 0 && changetype<Task>(cpu.curr).userMode != 0) return;
  forceTickOf(cpu, FORCED_BY_NORMAL);
}

/** Makes a nohz_full CPU tick until the mark is taken away again. */
export function forceTickOf(cpu: Cpu, by: u8): void {
  if (cpu.nohzFull == 0) return;
  cpu.forcedTick |= by;
  if (cpu.tickEvent == 0) armTick(cpu, nextTickAfter(cpu.now));
}

/** A task was queued: two of them need a tick to share a CPU. */
export function tickForMore(cpu: Cpu): void {
  if (cpu.nohzFull == 0 || cpu.tickEvent != 0 || queued(cpu) < 2) return;
  armTick(cpu, nextTickAfter(cpu.now));
}

/** An interrupt, a switch or a system call: RCU watches from here on. */
@inline
export function rcuWatches(cpu: Cpu): void {
  if ((cpu.dynticks & 1) == 0) cpu.dynticks++;
}

/** A tick has come up: is nothing left but ticks that change nothing? */
export function onlyTicksLeft(): bool {
  if (!idleTicks && timekeeper < 0) return false;
  if (queueSize(eventQueue()) + 1 != ticksSet) return false;
  if (gpInProgress()) return false;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    const data = rcuData(id);
    if (listLength(callbackList(data)) != 0) return false;
    const cpu = cpuAt(id);
    // a busy loop that has its CPU to itself without a tick would go on for ever
    const forever = cpu.coasting != 0 && cpu.tickEvent == 0;
    if (cpu.softirqPending != 0 || cpu.timersDue != 0) return false;
    if (queued(cpu) != 0 && !forever) return false;
  }
  return true;
}
