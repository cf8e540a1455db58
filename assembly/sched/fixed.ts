// Fixed priorities (SCHED_FIFO): the highest runs until it sleeps; equals take turns in the order
// in which they became runnable. Runs before everything of the fair class.
//
// [same: kernel/sched/rt.c:enqueue_task_rt, pick_task_rt, wakeup_preempt_rt, 6.12: a preempted task
// stays at the head of its priority; a woken one joins the tail; only a higher one preempts]
// [left out: the share that a starved fair class gets (kernel/sched/deadline.c:fair_server_init,
// and kernel/sched/rt.c:sched_rt_runtime_exceeded before it), SCHED_RR, deadlines]

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
