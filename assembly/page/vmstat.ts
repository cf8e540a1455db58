// The periodic work of memory statistics. Once a second vmstat_shepherd has vmstat_update queued,
// which also looks after the CPU's page lists.
//
// [same: mm/vmstat.c:vmstat_shepherd, vmstat_update, refresh_cpu_vm_stats, 6.12 and 7.2;
//  mm/page_alloc.c:decay_pcp_high, 6.7 on: every list's `high` falls by an eighth, and what is
//  then too much goes in chunks of a batch; up to 6.6 only lists of other nodes' memory are
//  drained]
// [same: DECLARE_DEFERRABLE_WORK, kernel/time/timer.c:run_local_timers: an idle CPU is not woken
//  for these timers; the next tick of the CPU has the work queued]
// [same: kernel/sched/deadline.c:dl_server_timer: in 6.12 an idle CPU has such a tick 950 ms after
//  it last ran a task of the fair class, since the timer of the fair server asks it to reschedule;
//  in 7.2 the server of an idle CPU just stops (dl_defer_idle). So a process of 7.2 that goes on
//  after a second finds these timers overdue, one of 6.12 finds the work done]
// [simplified: the timers of CPU 0 are those of the shepherd; those of the others have their own
//  vmstat_update queued, as where each re-arms itself. In 6.12 a sleep that ends within 50 ms of a
//  full second of jiffies would find them overdue as well]
// [simplified: rounds between the last touch and the exit are a setting, one by default: the
//  measured programs sleep a second there]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { PageStat, PcpGeneration } from "../abi/page";
import { config, cost } from "../memory/slots";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { newerFair } from "../sched/virtual";
import { WORK_DONE, WorkKind } from "../sched/work";
import { periodicAddress, queueWork, workInit } from "../sched/workqueue";
import { drainChunks } from "./bulk";
import { decayHigh } from "./high";
import { hasPages, pcpGeneration, pcpOf, zoneAt, ZONES } from "./state";
import { addStat, pageStat } from "./stats";

//  0      24
//  ┌──────┬─────┐
//  │ work │ due │
//  └──────┴─────┘
/** vmstat_work of a CPU; the one after the last CPU's is the shepherd's. */
@unmanaged
class VmstatWork {
  work0: u64;
  work1: u64;
  work2: u64;
  /** When its timer expires. */
  due: u64;
}

/** sysctl_stat_interval */
const INTERVAL_PS: u64 = 1_000_000_000_000;
const SHEPHERDS_CPU: u32 = 0;

@inline
function vmstatOf(cpu: u32): VmstatWork {
  return changetype<VmstatWork>(periodicAddress(cpu));
}

/** Runs with page frames, and those that begin after a rest, have this work. */
@inline
function hasVmstat(): bool {
  if (config(Config.KWORKERS_PER_CPU) == 0) return false;
  return hasPages() || config(Config.IDLE_BEFORE_PS) != 0;
}

/** Did the timers expire before time 0, while the CPU was idle, and nobody had the work queued? */
function overdueAtFirst(): bool {
  return newerFair && config(Config.IDLE_BEFORE_PS) >= INTERVAL_PS;
}

export function vmstatInit(): void {
  if (!hasVmstat()) return;
  const overdue = overdueAtFirst();
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    workInit(periodicAddress(cpu), WorkKind.VMSTAT, cpu);
    vmstatOf(cpu).due = overdue ? 0 : INTERVAL_PS;
  }
  workInit(periodicAddress(nrCpus()), WorkKind.VMSTAT_SHEPHERD, 0);
}

/** A tick of a busy CPU: the timer wheel has the work queued when it is due. */
export function vmstatTick(cpu: Cpu): void {
  if (!hasVmstat()) return;
  const own = vmstatOf(cpu.id);
  if (cpu.now < own.due) return;
  own.due = cpu.now + INTERVAL_PS;
  queueWork(cpu, periodicAddress(cpu.id == SHEPHERDS_CPU ? nrCpus() : cpu.id));
}

/** vmstat_shepherd: its own CPU has something to fold, as it has run a task. */
export function stepShepherd(cpu: Cpu): u64 {
  cpu.now += cost(CostSlot.VMSTAT_SHEPHERD);
  queueWork(cpu, periodicAddress(cpu.id));
  return WORK_DONE;
}

/** vmstat_update */
export function stepVmstat(cpu: Cpu): u64 {
  cpu.now += cost(CostSlot.VMSTAT_UPDATE);
  if (hasPages()) decayLists(cpu, cpu.id);
  return WORK_DONE;
}

/** Lowers and trims all lists of a CPU; code of `cpu` does it. */
function decayLists(cpu: Cpu, owner: u32): void {
  if (pcpGeneration == <u32>PcpGeneration.V5_15) return;
  const holds = pageStat(PageStat.BULK_HOLDS);
  const pages = pageStat(PageStat.BULK_PAGES);
  for (let id: u32 = 0; id < ZONES; id++) {
    const zone = zoneAt(id);
    const pcp = pcpOf(owner, zone);
    drainChunks(cpu, zone, pcp, decayHigh(pcp), pcpGeneration);
  }
  addStat(PageStat.DECAY_HOLDS, pageStat(PageStat.BULK_HOLDS) - holds);
  addStat(PageStat.DECAY_PAGES, pageStat(PageStat.BULK_PAGES) - pages);
}

/** Rounds on one CPU before time 0, but for the last one if that is overdue. */
export function roundsBefore(cpu: Cpu): void {
  const rounds = <u32>config(Config.VMSTAT_ROUNDS_BEFORE);
  const done = overdueAtFirst() && rounds != 0 ? rounds - 1 : rounds;
  for (let round: u32 = 0; round < done; round++) decayLists(cpu, cpu.id);
}

/**
 * A process has slept and goes on, to exit soon. What fell due while its CPU was idle has run by
 * then in 6.12, once however long it slept; in 7.2 it is overdue. And pages were taken since the
 * last burst of frees, each of which halves what is noted of that.
 * [simplified: what the process does between its sleep and its exit takes no time here, and has
 *  ended the burst altogether; mm/page_alloc.c:rmqueue_pcplist]
 */
export function afterSleep(cpu: Cpu): void {
  if (!hasPages() || cpu.now < vmstatOf(cpu.id).due) return;
  const now = cpu.now;
  if (!newerFair) {
    decayLists(cpu, cpu.id);
    cpu.now = now;
    vmstatOf(cpu.id).due = now + INTERVAL_PS;
  }
  for (let id: u32 = 0; id < ZONES; id++) {
    const zone = zoneAt(id);
    zone.lockFreeAt = min(zone.lockFreeAt, now);
    pcpOf(cpu.id, zone).freeCount = 0;
  }
}

/** The run is over: as many more rounds on every CPU as the configuration asks for. */
export function roundsAfter(): void {
  const rounds = <u32>config(Config.VMSTAT_ROUNDS_AFTER);
  for (let round: u32 = 0; round < rounds; round++) {
    for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) decayLists(cpuAt(cpu), cpu);
  }
}
