// vmstat_update: once a second a worker of each CPU looks after its per-CPU lists.
//
// [same: mm/vmstat.c:vmstat_update, refresh_cpu_vm_stats, mm/page_alloc.c:decay_pcp_high, 6.7 on:
//  every list's `high` falls by an eighth, and what is then too much goes in chunks of a batch; its
//  timer is deferrable, so an idle CPU is not woken for it; up to 6.6 only lists of other nodes'
//  memory are drained]
// [simplified: rounds between the last touch and the exit are a setting, one by default: the
//  measured programs sleep a second there, and their exits of up to 21 ms are not interrupted by a
//  worker]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { PageStat, PcpGeneration } from "../abi/page";
import { config, cost } from "../memory/slots";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { WORK_DONE, WorkKind } from "../sched/work";
import { queueWork, workInit } from "../sched/workqueue";
import { drainChunks } from "./bulk";
import { decayHigh } from "./high";
import { hasPages, pcpGeneration, pcpOf, vmstatAddress, zoneAt, ZONES } from "./state";
import { addStat, pageStat } from "./stats";

//  0      24
//  ┌──────┬─────┐
//  │ work │ due │
//  └──────┴─────┘
/** vmstat_work of a CPU. */
@unmanaged
class VmstatWork {
  work0: u64;
  work1: u64;
  work2: u64;
  /** When its timer expires. */
  due: u64;
}

const INTERVAL_PS: u64 = 1_000_000_000_000;

@inline
function vmstatOf(cpu: u32): VmstatWork {
  return changetype<VmstatWork>(vmstatAddress(cpu));
}

export function vmstatInit(): void {
  if (!hasPages()) return;
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    workInit(vmstatAddress(cpu), WorkKind.VMSTAT, cpu);
    vmstatOf(cpu).due = INTERVAL_PS;
  }
}

/** A tick of a busy CPU: the timer wheel has the work queued when it is due. */
export function vmstatTick(cpu: Cpu): void {
  if (!hasPages() || config(Config.KWORKERS_PER_CPU) == 0) return;
  const own = vmstatOf(cpu.id);
  if (cpu.now < own.due) return;
  own.due = cpu.now + INTERVAL_PS;
  queueWork(cpu, vmstatAddress(cpu.id));
}

/** The work itself. */
export function stepVmstat(cpu: Cpu): u64 {
  cpu.now += cost(CostSlot.VMSTAT_UPDATE);
  decayLists(cpu, cpu.id);
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

/** Rounds on one CPU before time 0, and the next one a second later. */
export function roundsBefore(cpu: Cpu): void {
  const rounds = <u32>config(Config.VMSTAT_ROUNDS_BEFORE);
  for (let round: u32 = 0; round < rounds; round++) decayLists(cpu, cpu.id);
}

/**
 * A process has slept and goes on, to exit soon. What fell due while its CPU was idle has run by
 * then, once however long it slept: its timer is deferrable, so the first tick after the sleep has
 * it queued. And pages were taken since the last burst of frees, each of which halves what is noted
 * of that.
 * [simplified: what the process does between its sleep and its exit takes no time here, and has
 *  ended the burst altogether; mm/page_alloc.c:rmqueue_pcplist]
 */
export function roundAfterSleep(cpu: Cpu): void {
  if (!hasPages() || cpu.now < vmstatOf(cpu.id).due) return;
  const now = cpu.now;
  decayLists(cpu, cpu.id);
  cpu.now = now;
  vmstatOf(cpu.id).due = now + INTERVAL_PS;
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
