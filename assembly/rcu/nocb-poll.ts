// rcu_nocb_poll: every rcuog looks for callbacks each time a jiffy's sleep is over, and nobody
// wakes it. A run ends when nothing but such looks is left.
// [same: kernel/rcu/tree_nocb.h:nocb_gp_wait, __call_rcu_nocb_wake; 6.12 and 7.2]

import { queueSize } from "../queue/queue";
import { timeoutExpiry } from "../sched/clock";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { armTimer, eventQueue, ticksSet } from "../sched/events";
import { queued } from "../sched/runqueue";
import { rcuog } from "../sched/task";
import { IN_TURN } from "../sched/turns";
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
  if (onlyPollsLeft()) return never;
  asleep++;
  return timeoutExpiry(cpu.now, SLEEP_JIFFIES);
}

/** Does nothing happen but such looks? Other rcuogs may be in the middle of theirs. */
function onlyPollsLeft(): bool {
  if (gpInProgress()) return false;
  let turns: u32 = 0;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (listLength(callbackList(rcuData(id))) != 0) return false;
    const cpu = cpuAt(id);
    if (queued(cpu) != pollersOn(id) || cpu.softirqPending != 0 || cpu.inSoftirq != 0) return false;
    if (cpu.runEvent != 0 && cpu.runEvent != IN_TURN) turns++;
  }
  return queueSize(eventQueue()) == ticksSet + asleep + turns;
}

/** rcuogs on a CPU's queue: awake, or asleep in debt. */
function pollersOn(cpu: u32): u32 {
  let count: u32 = 0;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    const task = rcuog(id);
    if (task.onRq != 0 && task.cpu == cpu) count++;
  }
  return count;
}
