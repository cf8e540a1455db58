// The OOM killer: who is chosen, and what memory looked like. A kill is an outcome of the run.
//
// [same: mm/oom_kill.c:out_of_memory, oom_evaluate_task, oom_badness, 6.12 and 7.2: the process
//  with most resident pages and page tables; of equals the one that came later; nobody as long as a
//  victim is still there. Dead VMAs are slab memory and count for nobody: who piled them up is not
//  who is killed]
// [same: mm/oom_kill.c:find_lock_task_mm, 6.12 and 7.2: an exiting process has no mm any more and
//  cannot be chosen]
// [simplified: every oom_score_adj is 0; the waiting parent and the page tables of bystanders and
//  of a restarted process are too small to count]
// [left out: oom_reaper, which looks two seconds later; memory reserves of the victim]

import { Config, Workload } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { LoadConfig, LoadKind, LoadMetric } from "../abi/load";
import { Metric } from "../abi/metric";
import { PageStat } from "../abi/page";
import { Span } from "../abi/timeline";
import { config, cost, metric } from "../memory/slots";
import { timelineSpan } from "../metrics/timeline";
import { mmOutOfMemory } from "../mm/oom";
import { pagesInBuddy } from "../page/audit";
import { addStat, pageStat, setStat } from "../page/stats";
import { mmPages } from "../page/zap";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { exitTask, taskAt, TaskKind, TaskState } from "../sched/task";
import { theMm } from "../vma/mm";
import { addLoadMetric, bystanderAt, framesOf, loadConfig } from "../workload/load";
import { killRestart, restartAlive, restartPages } from "../workload/restart";

/**
 * What PageStat.OOM_VICTIM says of the process under study: the one that unmaps, or the restarted
 * one; a bystander is its number + 1.
 */
const PROCESS: u32 = 0;
const NOBODY: u32 = u32.MAX_VALUE;

let processDies: bool = false;

export function oomInit(): void {
  processDies = false;
}

/** The OOM killer has chosen the process under study: it exits on its way to user mode. */
export function processKilled(): bool {
  return processDies;
}

/** Has it an mm that can be chosen? */
function processCounts(): bool {
  if (config(Config.WORKLOAD) == <u64>Workload.EXITS) return restartAlive();
  return (
    config(Config.WORKLOAD) == <u64>Workload.MUNMAP && exitTask().kind == <u8>TaskKind.MUNMAP
  );
}

function processPages(): u64 {
  if (config(Config.WORKLOAD) == <u64>Workload.EXITS) return restartPages();
  return mmPages(0).rss + config(Config.PROGRAM_PAGES_BELOW) + config(Config.PROGRAM_PAGES_ABOVE);
}

@inline
function isMemory(index: u32): bool {
  const it = bystanderAt(index);
  const kind = loadConfig(it.group, LoadConfig.KIND);
  return kind == <u64>LoadKind.MEMORY || kind == <u64>LoadKind.CHURN;
}

@inline
function isAlive(index: u32): bool {
  return taskAt(bystanderAt(index).task).state != <u8>TaskState.DEAD;
}

/** A victim that has not given its memory back: nobody else is chosen. */
function victimPending(): bool {
  if (processDies && processCounts()) return true;
  for (let index: u32 = 0; index < <u32>config(Config.LOAD_TASKS); index++) {
    if (isMemory(index) && isAlive(index) && bystanderAt(index).killed != 0) return true;
  }
  return false;
}

/** out_of_memory for a task that found no page: kills somebody, or waits for who is dying. */
export function outOfMemory(cpu: Cpu): void {
  cpu.now += cost(CostSlot.OOM_KILL);
  if (config(Config.WORKLOAD) == <u64>Workload.MM) return mmOutOfMemory(cpu);
  if (victimPending()) return;
  let victim = processCounts() ? PROCESS : NOBODY;
  let most: u64 = victim == PROCESS ? processPages() : 0;
  for (let index: u32 = 0; index < <u32>config(Config.LOAD_TASKS); index++) {
    if (!isMemory(index) || !isAlive(index)) continue;
    const pages = <u64>framesOf(bystanderAt(index)).count;
    if (victim != NOBODY && pages < most) continue;
    victim = index + 1;
    most = pages;
  }
  assert(victim != NOBODY); // who asks for a page is a process itself
  report(cpu, victim, most);
  kill(cpu, victim);
}

function report(cpu: Cpu, victim: u32, pages: u64): void {
  timelineSpan(cpu, Span.OOM_KILL, cpu.now - cost(CostSlot.OOM_KILL), 0);
  addStat(PageStat.OOM_KILLS, 1);
  if (pageStat(PageStat.OOM_KILLS) != 1) return;
  setStat(PageStat.OOM_TIME, cpu.now);
  setStat(PageStat.OOM_VICTIM, <u64>victim);
  setStat(PageStat.OOM_VICTIM_PAGES, pages);
  setStat(PageStat.OOM_FREE, pagesInBuddy());
  setStat(PageStat.OOM_DEAD, metric(Metric.DEAD));
  setStat(PageStat.OOM_LISTED, <u64>theMm().listSize);
}

function kill(cpu: Cpu, victim: u32): void {
  if (victim == PROCESS) {
    processDies = true;
    if (config(Config.WORKLOAD) == <u64>Workload.EXITS) killRestart(cpu);
    else wakeTask(cpu, exitTask());
    return;
  }
  const it = bystanderAt(victim - 1);
  it.killed = 1;
  addLoadMetric(it.group, LoadMetric.KILLED, 1);
  wakeTask(cpu, taskAt(it.task));
}
