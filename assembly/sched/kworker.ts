// A kworker's program: takes items off its pool's list one after the other, as long as it is the
// only one of its pool that runs.
// [same: kernel/workqueue.c:worker_thread, process_one_work, wq_worker_sleeping, wq_worker_running,
//  keep_working, need_more_worker; 6.12 and 7.2]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { GOES_ON, SLEEPS } from "./answer";
import { Cpu } from "./cpu";
import { Task, TaskKind } from "./task";
import { Work, WORK_DONE } from "./work";
import { stepWork } from "./works";
import { at, goIdle, kick, leaveIdle, Pool, Worker, workerAt } from "./workqueue";

/** Where a worker's program stands (Task.phase). */
enum Phase {
  IDLE,
  WORKING,
}

/** worker_thread */
export function stepKworker(cpu: Cpu, task: Task): u64 {
  const worker = workerAt(task.subject);
  const pool = at<Pool>(worker.pool);
  if (task.phase == <u8>Phase.IDLE) {
    leaveIdle(worker);
    if (pool.head == 0 || pool.running != 0) {
      goIdle(worker); // woken for nothing, as another worker took the item: the first to be woken
      return SLEEPS;
    }
    if (worker.uncounted == 0) pool.running++;
    task.phase = <u8>Phase.WORKING;
  }
  if (worker.work == 0) {
    if (pool.head == 0 || pool.running > 1) return rest(worker, pool, task);
    take(cpu, worker, pool, task);
  }
  if (worker.sleeping != 0) awake(worker, pool, task);
  const answer = stepWork(cpu, task, worker.work);
  if (answer == WORK_DONE) {
    finish(worker, pool, task);
    return GOES_ON;
  }
  if (answer != GOES_ON) sleeps(cpu, worker, pool);
  return answer;
}

function take(cpu: Cpu, worker: Worker, pool: Pool, task: Task): void {
  const work = at<Work>(pool.head);
  worker.work = pool.head;
  pool.head = work.next;
  if (pool.head == 0) pool.tail = 0;
  work.pending = 0;
  worker.currentAt = task.sumExec; // as of its last charge
  // the unbound pool: whoever may run beside it is woken for the next item
  if (worker.uncounted != 0) kick(cpu, pool);
  cpu.now += cost(CostSlot.WORK_START);
}

function finish(worker: Worker, pool: Pool, task: Task): void {
  worker.work = 0;
  task.midStep = 0;
  if (task.kind == <u8>TaskKind.KWORKER && worker.uncounted != 0) {
    worker.uncounted = 0; // WORKER_CPU_INTENSIVE ends with the item
    pool.running++;
  }
}

/** Nothing to do, or somebody else does it. */
function rest(worker: Worker, pool: Pool, task: Task): u64 {
  if (worker.uncounted == 0) pool.running--;
  task.phase = <u8>Phase.IDLE;
  goIdle(worker);
  return SLEEPS;
}

/** wq_worker_sleeping: the item blocks, and another one may start. */
function sleeps(cpu: Cpu, worker: Worker, pool: Pool): void {
  worker.sleeping = 1;
  if (worker.uncounted != 0) return;
  pool.running--;
  kick(cpu, pool);
}

/** wq_worker_running */
function awake(worker: Worker, pool: Pool, task: Task): void {
  worker.sleeping = 0;
  worker.currentAt = task.sumExec;
  if (worker.uncounted == 0) pool.running++;
}
