// Fixed priorities (SCHED_FIFO): the highest runs until it sleeps; equals take turns in the order
// in which they became runnable. Runs before everything of the fair class.
//
// [same: kernel/sched/rt.c:enqueue_task_rt, pick_task_rt, wakeup_preempt_rt, 6.12: a preempted task
// stays at the head of its priority; a woken one joins the tail; only a higher one preempts]
// [simplified: kernel/sched/deadline.c:dl_server_start, update_curr_dl_se,
// kernel/sched/fair.c:fair_server_init, 6.12: fair tasks that have waited for 950 ms run for 50 ms,
// as its deferred server lets them, unless they have had 50 ms meanwhile; looked at in ticks]
// [left out: kernel/sched/rt.c: SCHED_RR, and pushing waiting tasks to other CPUs]

import { Cpu } from "./cpu";
import { Task, TaskState } from "./task";

/** Behind all of its priority. */
export function enqueueFixed(cpu: Cpu, task: Task): void {
  assert(task.onRq == 0 && task.priority != 0); // queued once, and of this class
  task.cpu = cpu.id;
  task.state = <u8>TaskState.RUNNABLE;
  task.onRq = 1;
  cpu.nrFixed++;
  let before: usize = 0;
  let at = cpu.fixedHead;
  while (at != 0 && changetype<Task>(at).priority >= task.priority) {
    before = at;
    at = changetype<Task>(at).nextRq;
  }
  task.nextRq = at;
  if (before == 0) cpu.fixedHead = changetype<usize>(task);
  else changetype<Task>(before).nextRq = changetype<usize>(task);
}

export function dequeueFixed(cpu: Cpu, task: Task): void {
  assert(task.onRq == 1); // it was queued
  if (cpu.fixedHead == changetype<usize>(task)) {
    cpu.fixedHead = task.nextRq;
  } else {
    let before = changetype<Task>(cpu.fixedHead);
    while (before.nextRq != changetype<usize>(task)) before = changetype<Task>(before.nextRq);
    before.nextRq = task.nextRq;
  }
  task.nextRq = 0;
  task.onRq = 0;
  cpu.nrFixed--;
}

const SERVER_PERIOD_PS: u64 = 1_000_000_000_000;
const SERVER_RUNTIME_PS: u64 = 50_000_000_000;

/**
 * In the tick: has the fair class waited too long, or been served long enough? Where it has had
 * what the server would have given it, the wait begins anew.
 */
export function tickFairServer(cpu: Cpu): void {
  if (cpu.nrRunning == 0) {
    cpu.starvedSince = 0;
    cpu.serverEnd = 0;
  } else if (cpu.serverEnd != 0) {
    if (cpu.now < cpu.serverEnd) return;
    cpu.serverEnd = 0;
    beginToWait(cpu);
    reorder(cpu);
  } else if (cpu.starvedSince == 0 || cpu.fairRan - cpu.fairRanBefore >= SERVER_RUNTIME_PS) {
    beginToWait(cpu);
  } else if (cpu.now - cpu.starvedSince >= SERVER_PERIOD_PS - SERVER_RUNTIME_PS) {
    cpu.serverEnd = cpu.now + SERVER_RUNTIME_PS;
    reorder(cpu);
  }
}

function beginToWait(cpu: Cpu): void {
  cpu.starvedSince = cpu.now;
  cpu.fairRanBefore = cpu.fairRan;
}

/** The order of the classes has changed, which only matters where both have tasks. */
function reorder(cpu: Cpu): void {
  if (cpu.fixedHead != 0) cpu.needResched = 1;
}
