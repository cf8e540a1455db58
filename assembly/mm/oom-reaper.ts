// oom_reaper: takes the pages of a victim that does not get to its own exit, because it waits for a
// lock or for a CPU.
//
// [same: mm/oom_kill.c:queue_oom_reaper, wake_oom_reaper, oom_reaper, oom_reap_task, 6.12 and 7.2:
//  two seconds after the kill, unless exit has been there; up to 10 tries for mmap_lock, HZ / 10
//  apart; the VMAs stay, their pages go (bystander.ts); then MMF_OOM_SKIP, and another victim may
//  be chosen]

import { Op } from "../abi/mm";
import { Config } from "../abi/config";
import { PageStat } from "../abi/page";
import { config } from "../memory/slots";
import { addStat } from "../page/stats";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { jiffiesAt, timeoutExpiry } from "../sched/clock";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { newTask } from "../sched/extra";
import { horizon } from "../sched/horizon";
import { Task, TaskKind } from "../sched/task";
import { takeSpent } from "./charge";
import { stepReap } from "./bystander";
import { settleFrames } from "./frames";
import { passOn } from "./machine";
import { Actor, MmStruct } from "./records";
import { actorAt, actorCount, addressOf, broken, mmAt, mmCount, mmOf, setTime } from "./world";

/** OOM_REAPER_DELAY, in seconds. */
const DELAY_SECONDS: u64 = 2;

let task: usize = 0;

/** When each victim is looked at lies in MmStruct.reapAt; the thread works through them in turn. */
export function oomReaperInit(): void {
  const reaper = newTask(TaskKind.OOM_REAPER, actorCount - 1);
  reaper.cpu = <u32>config(Config.EXIT_CPU);
  task = changetype<usize>(reaper);
}

/** The host makes its thread the last one: it has no program and no mm. */
function itsActor(): Actor {
  return actorAt(actorCount - 1);
}

export function queueReaper(cpu: Cpu, mm: MmStruct): void {
  mm.refs++; // mmgrab of signal->oom_mm
  mm.reapAt = timeoutExpiry(cpu.now, DELAY_SECONDS * config(Config.HZ));
  wakeTask(cpu, changetype<Task>(task)); // it looks when the first one is due
}

/** The victim that is due first; 0 for none. */
function dueFirst(): u32 {
  let found: u32 = 0;
  for (let id: u32 = 0; id < mmCount; id++) {
    const mm = mmAt(id);
    if (mm.reapAt == 0) continue;
    if (found == 0 || mm.reapAt < mmOf(found).reapAt) found = addressOf(mm);
  }
  return found;
}

/** Its program, see sched/programs.ts. */
export function stepOomReaper(cpu: Cpu): u64 {
  const actor = itsActor();
  while (cpu.now <= horizon) {
    if (broken) return SLEEPS;
    if (actor.op == <u8>Op.NONE) {
      const next = dueFirst();
      if (next == 0) return SLEEPS;
      const due = mmOf(next).reapAt;
      if (due > cpu.now) return due;
      mmOf(next).reapAt = 0;
      begin(actor, next);
    }
    const tries = actor.tries;
    reap(cpu, actor);
    if (actor.tries != tries) return timeoutExpiry(cpu.now, config(Config.HZ) / 10);
    if (cpu.needResched != 0) return GOES_ON;
  }
  return GOES_ON;
}

function begin(actor: Actor, mm: u32): void {
  actor.op = <u8>Op.OOM_REAP;
  actor.x = <u64>mm;
  actor.pc = 0;
  actor.tries = 0;
}

/** One step on the victim in hand. */
function reap(cpu: Cpu, actor: Actor): void {
  const mm = mmOf(<u32>actor.x);
  actor.cpu = <u16>cpu.id;
  setTime(cpu.now, jiffiesAt(cpu.now));
  const before = mm.rss;
  if (stepReap(actor)) actor.op = <u8>Op.NONE;
  addStat(PageStat.OOM_REAPED, <u64>(before - mm.rss));
  cpu.now += takeSpent();
  settleFrames(cpu, actor.id);
  passOn(cpu);
}
