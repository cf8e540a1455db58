// rcu_nocb_poll: every rcuog looks for callbacks each time a jiffy's sleep is over, and nobody
// wakes it. A run ends when nothing but such looks is left.
// [same: kernel/rcu/tree_nocb.h:nocb_gp_wait, __call_rcu_nocb_wake; 6.12 and 7.2]

import { queueSize } from "../queue/queue";
import { timeoutExpiry } from "../sched/clock";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { armTimer, eventQueue, ticksSet } from "../sched/events";
import { queued } from "../sched/runqueue";
import { rcuog } from "../sched/task";
import { gpInProgress } from "./grace";
import { listLength } from "./segcblist";
import { nocbStride } from "./settings";
import { callbackList, rcuData, rcuState } from "./state";

/** schedule_timeout_idle(1) */
const SLEEP_JIFFIES: u64 = 1;

/** rcuogs that sleep until their next look. */
let asleep: u32 = 0;

/** Before time 0: all groups with offloaded CPUs are polled. */
export function startPolls(): void {
  asleep = 0;
  const state = rcuState();
  if (state.nocbPoll == 0) return;
  const stride = nocbStride(state.cpus);
  for (let id: u32 = 0; id < state.cpus; id += stride) {
    if (!leadsOffloaded(id, min<u32>(id + stride, state.cpus))) continue;
    armTimer(rcuog(id), timeoutExpiry(0, SLEEP_JIFFIES));
    asleep++;
  }
}

function leadsOffloaded(from: u32, end: u32): bool {
  for (let id = from; id < end; id++) if (rcuData(id).offloaded != 0) return true;
  return false;
}

/** A polling rcuog is awake. */
export function wakesToPoll(): void {
  asleep--;
}

/** Until when it sleeps now: for good when no callback will ever come. */
export function nextPoll(cpu: Cpu, never: u64): u64 {
  if (onlyPollsLeft(cpu)) return never;
  asleep++;
  return timeoutExpiry(cpu.now, SLEEP_JIFFIES);
}

function onlyPollsLeft(cpu: Cpu): bool {
  if (queueSize(eventQueue()) != ticksSet + asleep || gpInProgress()) return false;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (listLength(callbackList(rcuData(id))) != 0) return false;
    const other = cpuAt(id);
    const own: u32 = id == cpu.id ? 1 : 0;
    if (queued(other) != own || other.softirqPending != 0 || other.inSoftirq != 0) return false;
  }
  return true;
}
