// The OOM killer among address spaces: who is chosen, and what it takes until its memory is back.
//
// [same: mm/oom_kill.c:oom_evaluate_task, oom_badness, find_lock_task_mm, 6.12 and 7.2: most
//  touched pages and page tables; of equals the later one; an mm that a reaper or exit has marked
//  MMF_OOM_SKIP does not count; nobody is chosen while a victim's mm is not marked so. Dead VMAs
//  are slab memory and count for nobody]
// [same: mm/oom_kill.c:__oom_kill_process, queue_oom_reaper: all threads of the mm get SIGKILL, and
//  oom_reaper looks at it two seconds later]
// [simplified: a process is its mm; every oom_score_adj is 0. An mm without threads of this world
//  cannot be chosen]

import { CostSlot } from "../abi/cost";
import { MmCount } from "../abi/mm";
import { PageStat } from "../abi/page";
import { Span } from "../abi/timeline";
import { cost } from "../memory/slots";
import { timelineSpan } from "../metrics/timeline";
import { pagesInBuddy } from "../page/audit";
import { addStat, pageStat, setStat } from "../page/stats";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { passOn, taskOf } from "./machine";
import { queueReaper } from "./oom-reaper";
import { ActorState, MmFlag, MmStruct } from "./records";
import { count } from "./settings";
import { kill } from "./step";
import { actorAt, actorCount, addressOf, breakWorld, mmAt, mmCount } from "./world";

/** Nobody was killed yet. */
const NOBODY: u32 = u32.MAX_VALUE;

let first: u32 = NOBODY;

export function mmOomInit(): void {
  first = NOBODY;
}

/** Has it a thread whose mm it still is? */
function hasThread(mm: MmStruct): bool {
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.mm != addressOf(mm) || actor.state == <u8>ActorState.NEW) continue;
    if (actor.state != <u8>ActorState.DONE) return true;
  }
  return false;
}

function victimPending(): bool {
  for (let id: u32 = 0; id < mmCount; id++) {
    const mm = mmAt(id);
    const skip = (mm.flags & MmFlag.OOM_SKIP) != 0;
    if ((mm.flags & MmFlag.OOM_VICTIM) != 0 && !skip && hasThread(mm)) return true;
  }
  return false;
}

/** out_of_memory among address spaces: kills one, or waits for the one that is dying. */
export function mmOutOfMemory(cpu: Cpu): void {
  if (victimPending()) return;
  let victim = NOBODY;
  let most: u32 = 0;
  for (let id: u32 = 0; id < mmCount; id++) {
    const mm = mmAt(id);
    const counts = mm.alive != 0 && mm.users > 0 && (mm.flags & MmFlag.OOM_SKIP) == 0;
    if (!counts || !hasThread(mm)) continue;
    const pages = mm.rss + mm.tables;
    if (victim != NOBODY && pages < most) continue;
    victim = id;
    most = pages;
  }
  if (victim == NOBODY) return panic(cpu);
  report(cpu, victim, most);
  killMm(cpu, mmAt(victim));
}

/** [same: mm/oom_kill.c:out_of_memory: "System is deadlocked on memory"]: the run ends here. */
function panic(cpu: Cpu): void {
  setStat(PageStat.OOM_PANIC, cpu.now);
  breakWorld();
}

function report(cpu: Cpu, victim: u32, pages: u32): void {
  timelineSpan(cpu, Span.OOM_KILL, cpu.now - cost(CostSlot.OOM_KILL), 0);
  addStat(PageStat.OOM_KILLS, 1);
  if (first != NOBODY) return;
  first = victim;
  setStat(PageStat.OOM_TIME, cpu.now);
  setStat(PageStat.OOM_VICTIM, <u64>victim);
  setStat(PageStat.OOM_VICTIM_PAGES, <u64>pages);
  setStat(PageStat.OOM_FREE, pagesInBuddy());
  setStat(PageStat.OOM_DEAD, count(MmCount.DEAD));
  setStat(PageStat.OOM_LISTED, listedVmas());
  setStat(PageStat.OOM_LISTED_VICTIM, <u64>mmAt(victim).listSize);
}

/** Dead VMAs on the lists of all address spaces. */
export function listedVmas(): u64 {
  let sum: u64 = 0;
  for (let id: u32 = 0; id < mmCount; id++) sum += <u64>mmAt(id).listSize;
  return sum;
}

function killMm(cpu: Cpu, mm: MmStruct): void {
  mm.flags |= MmFlag.OOM_VICTIM;
  kill(mm);
  passOn(cpu);
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.mm != addressOf(mm) || actor.state != <u8>ActorState.RUNNABLE) continue;
    wakeTask(cpu, taskOf(id)); // from a pause
  }
  queueReaper(cpu, mm);
}

/** A thread is over: was it the last one of the first victim? */
export function noteEnd(cpu: Cpu): void {
  if (first == NOBODY || pageStat(PageStat.OOM_GONE) != 0) return;
  const mm = mmAt(first);
  if (mm.users == 0 && !hasThread(mm)) setStat(PageStat.OOM_GONE, cpu.now);
}
