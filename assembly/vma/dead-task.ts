// What is left of a process when its parent has reaped it goes by a chain of callbacks, each of
// which waits for a grace period of its own:
//
//   6.12   delayed_put_task_struct ──────────────────────────▶ put_cred_rcu
//   7.2    delayed_put_task_struct ▶ __put_task_struct_rcu_cb ▶ put_cred_rcu
//
// [same: kernel/exit.c:delayed_put_task_struct, include/linux/sched/task.h:put_task_struct, which
//  goes through call_rcu() in 7.2 whatever the preemption model; kernel/fork.c:__put_task_struct,
//  kernel/cred.c:__put_cred, as a forked process has credentials of its own]
// [simplified: one record for all, that of the task; a task's stack goes back to the CPU's cache of
//  two without a callback (kernel/fork.c:try_release_thread_stack_to_cache)]

import { isGeneration72 } from "../memory/map";
import { kfreepcpTaskGone } from "../page/kfreepcp-state";
import { queueCallback, queuePidCallback } from "../rcu/call";
import { Cpu } from "../sched/cpu";
import { deferOthers } from "./node-callbacks";
import { CallbackKind, vmaAt } from "./record";

/**
 * Callbacks that follow the first of the chain in 7.2. [measured: of the seven that every row
 * invokes beside slab pages, three come in two batches after the others; the chain explains two of
 * them, what the third is is not known]
 */
const OTHER_CALLBACKS_72: u32 = 1;

/** release_task(): the callbacks of the PID and of the task, which died on a CPU. */
export function queueDeadTask(cpu: Cpu, pid: u32, task: u32, diedOn: u32): void {
  vmaAt(pid).func = <u8>CallbackKind.FOREIGN;
  vmaAt(task).func = <u8>CallbackKind.TASK_GONE;
  vmaAt(task).lock = diedOn;
  queuePidCallback(cpu, pid);
  queueCallback(cpu, task);
}

/** delayed_put_task_struct() has run: the thread of kfreepcp listens to it. */
export function taskGone(cpu: Cpu, task: u32): void {
  kfreepcpTaskGone(cpu, vmaAt(task).lock);
  if (!isGeneration72()) return taskStructFreed(cpu, task);
  vmaAt(task).func = <u8>CallbackKind.TASK_STRUCT;
  queueCallback(cpu, task);
  deferOthers(cpu, OTHER_CALLBACKS_72);
}

/** __put_task_struct(): the credentials are left. */
export function taskStructFreed(cpu: Cpu, task: u32): void {
  vmaAt(task).func = <u8>CallbackKind.FOREIGN;
  queueCallback(cpu, task);
}
