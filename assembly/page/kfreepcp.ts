// kfreepcp/N: the kernel threads of a patch posted in October 2021, which take the emptying of long
// per-CPU lists out of the exit.
//
// [same: the posted patch, mm/page_alloc.c:run_kfreepcp, 5.15: it runs while the flag of its CPU is
//  set; for every zone with more than `high` pages on this CPU's list it moves what nr_pcp_free
//  says for nr_pcp_high, again until none is left, then clears the flag: a request that came
//  meanwhile is lost; it looks at the raw `high`, so a list of high 0 is never drained]
// As posted, the code that finds a list too long clears the flag instead of setting it; only the
// RCU callback of a dead task sets it, for the CPU on which that task ran last, and wakes the
// thread of the CPU that runs the callback. As intended, the code that finds the list too long
// sets the flag of its own CPU and wakes its thread.

import { PageStat } from "../abi/page";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { newTask } from "../sched/extra";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task, taskIndex, TaskKind } from "../sched/task";
import { trim } from "./bulk";
import { pcpFree, pcpHigh } from "./high";
import { freepcpOf, kfreepcpDone, kfreepcpSeen } from "./kfreepcp-state";
import { listIndex, Migrate } from "./pcp";
import { pcpGeneration, pcpOf, zoneAt, ZONES } from "./state";
import { addStat, pageStat, setStat } from "./stats";

/** smpboot_register_percpu_thread: one thread a CPU. */
export function kfreepcpInit(cpus: u32): void {
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    const task = newTask(TaskKind.KFREEPCP, cpu);
    task.cpu = cpu;
    freepcpOf(cpu).task = taskIndex(task);
  }
}

/** Where a thread stands (Task.phase). */
enum Phase {
  LOOK,
  /** Its last round is over, and the flag is to be cleared: what lands before is lost. */
  CLEAR,
}

/** The thread's program, see sched/programs.ts. */
export function stepKfreepcp(cpu: Cpu, task: Task): u64 {
  const own = freepcpOf(task.subject);
  while (cpu.now <= horizon) {
    if (task.phase == <u8>Phase.CLEAR) {
      kfreepcpDone(task.subject);
      task.phase = <u8>Phase.LOOK;
    }
    if (own.shouldRun == 0) return SLEEPS; // woken for another CPU's sake
    kfreepcpSeen(task.subject);
    if (pageStat(PageStat.KFREEPCP_RUNS) == 0) setStat(PageStat.KFREEPCP_FIRST, cpu.now);
    addStat(PageStat.KFREEPCP_RUNS, 1);
    if (!kfreepcpRound(cpu, task.subject)) task.phase = <u8>Phase.CLEAR;
    if (resched(cpu)) return GOES_ON;
  }
  return GOES_ON;
}

/** One look at every zone for one CPU's lists; true while one of them is still too long. */
export function kfreepcpRound(cpu: Cpu, owner: u32): bool {
  let more = false;
  for (let id: u32 = 0; id < ZONES; id++) {
    const zone = zoneAt(id);
    const pcp = pcpOf(owner, zone);
    if (pcp.count == 0 || pcp.high == 0 || pcp.count <= pcp.high) continue;
    const high = pcpHigh(pcp, zone, pcpGeneration, false);
    const pages = pcpFree(pcp, high, pcpGeneration, false);
    trim(cpu, zone, pcp, pages, listIndex(Migrate.MOVABLE, 0), pcpGeneration);
    if (pcp.count > pcp.high) more = true;
  }
  return more;
}
