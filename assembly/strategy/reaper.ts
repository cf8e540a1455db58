// A kernel thread that does what strategies put off to a later time: draining a list by a timer,
// and kvfree_rcu's monitor and worker. It exists only where a policy of the run needs it.
//
// [simplified: kernel/workqueue.c, 6.12: one thread of nice 0 in place of delayed work items; one
//  timer for the lists of all mms, which drains them together]

import { Collect, Config, Drain, Workload } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config } from "../memory/slots";
import { stepLater } from "../mm/later";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { jiffiesAt } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { newTask } from "../sched/extra";
import { Task, TaskKind } from "../sched/task";
import { mmAt, mmTotal } from "../vma/mm";
import { bulkFree, bulkMonitor } from "./bulk";
import { drainDead } from "./dead-list";
import { bulkDue, drainTimerInit, listDue, setListDue, setReaper } from "./drain-timer";
import { exitPolicy, munmapPolicy, Policy } from "./policy";

@inline
function needsReaper(policy: Policy): bool {
  return policy.collect == <u32>Collect.BULK || policy.drain == <u32>Drain.INTERVAL_TIMER;
}

/** Makes the thread if a policy needs it; the host has planned it. */
export function reaperInit(): void {
  drainTimerInit();
  if (!needsReaper(exitPolicy()) && !needsReaper(munmapPolicy())) return;
  const reaper = newTask(TaskKind.REAPER, 0);
  reaper.cpu = <u32>config(Config.EXIT_CPU);
  setReaper(reaper);
}

/** The timer of the lists has expired. */
function drainAll(cpu: Cpu): void {
  setListDue(u64.MAX_VALUE);
  for (let id: u32 = 0; id < mmTotal(); id++) {
    const mm = mmAt(id);
    if (mm.listHead == 0 && id != 0) continue;
    drainDead(cpu, mm, CostSlot.DRAIN_LIST);
    mm.lastDrain = jiffiesAt(cpu.now);
  }
}

/** Its program, see sched/programs.ts. */
export function stepReaper(cpu: Cpu, task: Task): u64 {
  if (config(Config.WORKLOAD) == <u64>Workload.MM) return stepLater(cpu, task);
  if (cpu.now >= listDue()) drainAll(cpu);
  if (cpu.now >= bulkDue()) bulkMonitor(cpu);
  if (!bulkFree(cpu, task)) return GOES_ON;
  const due = min(listDue(), bulkDue());
  if (due == u64.MAX_VALUE) return SLEEPS;
  return due <= cpu.now ? GOES_ON : due;
}
