// synchronize_rcu() and synchronize_rcu_expedited(), as a task's program asks for them: it looks
// whether its wait is over, and sleeps while it is not. The first look begins the wait.
//
// A normal wait has two ways. A callback of the waiter's own that wakes it: 6.12's default, and
// 7.2's while too many wait. Or a list that the grace-period kthread serves itself.
// [same: kernel/rcu/tree.c:synchronize_rcu, synchronize_rcu_normal, rcu_sr_normal_gp_init,
//  rcu_sr_normal_gp_cleanup; kernel/rcu/update.c:__wait_rcu_gp; 6.12 and 7.2]
// [simplified: the grace-period kthread wakes all who waited for it; the kernel leaves those beyond
//  the fifth to a work item (tree.c:rcu_sr_normal_gp_cleanup_work)]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { wakeTask } from "../sched/core";
import { Task, taskAt, taskIndex } from "../sched/task";
import { beginExpedited } from "./exp";
import { hurryCallback } from "./call";
import { startPoll } from "./poll";
import { Waiter } from "./records";
import { rcuData, rcuState, waiterOf } from "./state";

/** Waiter.phase */
const IDLE: u8 = 0;
const WAITS: u8 = 1;

/** In-flight waiters at which newcomers queue callbacks: 7.2 tree.c:RCU_SR_NORMAL_LATCH_THR. */
const LATCH_AT: u32 = 64;

/** synchronize_rcu(): true once it is over; otherwise the task sleeps and looks again. */
export function synchronizeIsOver(cpu: Cpu, task: Task): bool {
  const waiter = waiterOf(taskIndex(task));
  if (waiter.phase == IDLE) {
    begin(waiter);
    if (rcuState().expedited != 0 && rcuState().normal == 0) beginExpedited(cpu, waiter);
    else beginNormal(cpu, waiter);
  }
  return isOver(waiter);
}

/** synchronize_rcu_expedited(), which `rcu_normal` turns into a normal one. */
export function expeditedIsOver(cpu: Cpu, task: Task): bool {
  const waiter = waiterOf(taskIndex(task));
  if (waiter.phase == IDLE) {
    begin(waiter);
    if (rcuState().normal != 0) beginNormal(cpu, waiter);
    else beginExpedited(cpu, waiter);
  }
  return isOver(waiter);
}

function begin(waiter: Waiter): void {
  waiter.phase = WAITS;
  waiter.over = 0;
  waiter.link = 0;
}

function isOver(waiter: Waiter): bool {
  if (waiter.over == 0) return false;
  waiter.phase = IDLE;
  return true;
}

function beginNormal(cpu: Cpu, waiter: Waiter): void {
  const state = rcuState();
  if (state.wakeFromGp == 0 || state.srsLatched != 0) {
    if (rcuData(cpu.id).offloaded == 0) cpu.now += cost(CostSlot.CALL_RCU);
    hurryCallback(cpu, <u32>changetype<usize>(waiter));
    return;
  }
  waiter.link = state.srsNext;
  state.srsNext = changetype<usize>(waiter);
  state.srsCount++;
  if (state.latches != 0 && state.srsCount == LATCH_AT) state.srsLatched = 1;
  waiter.cookie = startPoll(cpu);
}

/** A waiter's callback (wakeme_after_rcu), or what the kthread does for it: its wait is over. */
export function endWait(cpu: Cpu, waiter: Waiter): void {
  waiter.over = 1;
  wakeTask(cpu, taskAt(waiter.task));
}

/** rcu_sr_normal_gp_init: who came before this grace period began is served by it. */
export function takeWaiters(): void {
  const state = rcuState();
  if (state.srsNext == 0) return;
  assert(state.srsRunning == 0); // the last grace period served all of its own
  state.srsRunning = state.srsNext;
  state.srsNext = 0;
}

/** rcu_sr_normal_gp_cleanup */
export function serveWaiters(cpu: Cpu): void {
  const state = rcuState();
  let at = state.srsRunning;
  state.srsRunning = 0;
  while (at != 0) {
    const waiter = changetype<Waiter>(at);
    at = waiter.link;
    assert(<i64>(state.gpSeq - waiter.cookie) >= 0); // a full grace period has passed for it
    endWait(cpu, waiter);
    if (--state.srsCount == 0) state.srsLatched = 0;
  }
}
