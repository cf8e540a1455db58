// How RCU's kernel threads run: their priority, and the CPUs they may use.
//
// [same: kernel/rcu/tree.c:rcu_spawn_gp_kthread, rcu_cpu_kthread_setup; kernel/rcu/tree_nocb.h:
// rcu_spawn_cpu_nocb_kthread; 6.12: with rcutree.kthread_prio the grace-period kthread and the
// rcuogs are SCHED_FIFO, the rcuops only with CONFIG_RCU_NOCB_CPU_CB_BOOST, rcuc only with
// CONFIG_RCU_BOOST]
// [same: kernel/rcu/tree_plugin.h:rcu_bind_gp_kthread, kernel/kthread.c (HK_TYPE_KTHREAD), 6.12:
// with nohz_full they keep to the other CPUs; elsewhere users do so with taskset]

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { nrCpus } from "./cpu";
import { inSet, SET_RCU_KTHREADS } from "./place";
import { gpKthread, rcuc, rcuog, rcuop, Task } from "./task";

export function kthreadsInit(): void {
  const priority = <u8>config(Config.KTHREAD_PRIO);
  const boost = config(Config.RCU_BOOST) != 0;
  const callbackBoost = config(Config.RCU_NOCB_CPU_CB_BOOST) != 0;
  place(gpKthread(), priority);
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    place(rcuog(cpu), priority);
    place(rcuop(cpu), callbackBoost ? priority : 0);
    rcuc(cpu).priority = boost ? priority : 0;
  }
}

/** The grace-period kthread lies where the workload puts it, if it may run there. */
export function startGpKthread(home: u32): void {
  gpKthread().cpu = inSet(SET_RCU_KTHREADS, home) ? home : lowestAllowed();
}

function lowestAllowed(): u32 {
  let cpu: u32 = 0;
  while (!inSet(SET_RCU_KTHREADS, cpu)) cpu++;
  return cpu;
}

function place(task: Task, priority: u8): void {
  task.priority = priority;
  task.allowed = SET_RCU_KTHREADS;
  if (!inSet(SET_RCU_KTHREADS, task.cpu)) task.cpu = lowestAllowed();
}
