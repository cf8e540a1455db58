// The machine's memory as the engine's configuration: zones, per-CPU lists, what is resident.

import { Config } from "../../assembly/abi/config.ts";
import { Kfreepcp, PcpGeneration } from "../../assembly/abi/page.ts";
import { hasListShrinker } from "../api/policy.ts";
import type { MemoryConfig, RunSpec, WorkloadType } from "../api/types.ts";
import { InputError } from "../errors.ts";
import { residentOf } from "../input/resident.ts";
import type { EngineMemory } from "./abi.ts";
import { takesMemory } from "./reclaim.ts";
import { callCount, checkedSpan } from "./workloads/munmap-calls.ts";

const PAGE_BYTES = 4096;
const GIB_PAGES = 2 ** 30 / PAGE_BYTES;
/** Memory below the devices' hole of a PC that has more than that. */
const LOW_PAGES = 3 * GIB_PAGES;
/** ZONE_DMA, which nothing here allocates from. */
const DMA_PAGES = 4096;
/** struct page: 64 bytes a page; taken from the top of memory. */
const MEMMAP_SHARE = 64 / PAGE_BYTES;
/** Hash tables of dentries and inodes, sized by memory (alloc_large_system_hash): 12 bytes a page. */
const HASH_SHARE = 12 / PAGE_BYTES / 8;
const TABLES_PER_CALLBACK = 509;

/**
 * What a run has that names no memory: the machine of the measured rows. Its list at the start is what
 * makes the bulk moves of 16, 64 and 256 MiB those that were counted on 6.12.
 */
export const DEFAULT_MEMORY: MemoryConfig = {
  ram_bytes: 4 * 2 ** 30,
  pcp_generation: "6.12",
  percpu_pagelist_high_fraction: 0,
  pcp_start_pages: 100,
  pcp_start_high: 1770,
  kfreepcp: "inline",
  vmstat_rounds_before: 1,
  vmstat_rounds_after: 0,
};

/** Managed pages of ZONE_DMA32 and ZONE_NORMAL of a PC with so much memory. */
function zonePages(ram_bytes: number): { dma32: number; normal: number } {
  const ram = Math.floor(ram_bytes / PAGE_BYTES);
  const low = ram >= 3.5 * GIB_PAGES ? LOW_PAGES : ram;
  const own = Math.ceil(ram * (MEMMAP_SHARE + HASH_SHARE));
  const high = ram - low;
  if (high > own) return { dma32: low - DMA_PAGES, normal: high - own };
  return { dma32: Math.max(ram - DMA_PAGES - own, 0), normal: 0 };
}

/** min_free_kbytes in pages: the root of 16 times the memory in KiB, from 128 KiB to 256 MiB. */
function minFreePages(managed: number): number {
  const kib = Math.floor(Math.sqrt(managed * 4 * 16));
  return Math.floor(Math.min(Math.max(kib, 128), 262_144) / 4);
}

const GENERATIONS: Record<MemoryConfig["pcp_generation"], PcpGeneration> = {
  "5.15": PcpGeneration.V5_15,
  "6.12": PcpGeneration.V6_12,
  "7.2": PcpGeneration.V7_2,
};

const KFREEPCP: Record<MemoryConfig["kfreepcp"], Kfreepcp> = {
  inline: Kfreepcp.INLINE,
  posted: Kfreepcp.POSTED,
  intended: Kfreepcp.INTENDED,
};

/** Workloads whose dead VMAs and index nodes come out of page frames. */
const PRESSED: readonly WorkloadType[] = ["exit", "munmap", "exits", "mm"];

/** Where pages are not modelled, a run with some is refused. Throws InputError. */
function checkWorkload(spec: RunSpec<WorkloadType>, pressed: boolean): void {
  const type = (spec.workload ?? { type: "exit" }).type;
  if (pressed && !PRESSED.includes(type)) {
    const expected = "exit, exits or munmap beside a bystander that takes memory";
    throw new InputError({ problem: "bad workload", found: type, expected });
  }
}

/**
 * How long the CPU of a process was idle before it exits or unmaps, ns. Other workloads begin with processes
 * that have just been made.
 */
function idleBefore({ workload, machine }: RunSpec<WorkloadType>): number {
  const type = workload?.type ?? "exit";
  return type === "exit" || type === "munmap" ? (machine.idle_before_ns ?? 0) : 0;
}

/** Teardowns of parts of an address space, each of which hands over page tables of its own. */
function teardowns({ workload, space }: RunSpec<WorkloadType>): number {
  return workload?.type === "munmap" ? callCount(workload, checkedSpan(workload, space)) : 0;
}

/**
 * Writes zones and lists where something is resident, or where the workload always has pages;
 * the specification's address space is that of `processes` together.
 */
export function writePages(
  memory: EngineMemory,
  spec: RunSpec<WorkloadType>,
  processes = 1,
  always = false,
): void {
  const resident = residentOf(spec.space);
  const under_pressure = takesMemory(spec);
  checkWorkload(spec, under_pressure);
  const write = (slot: Config, value: number) => memory.writeConfig(slot, BigInt(value));
  write(Config.MMS, processes);
  write(Config.RECLAIM, under_pressure ? 1 : 0);
  write(Config.LIST_SHRINKER, hasListShrinker(spec.strategy) ? 1 : 0);
  const idle_before = idleBefore(spec);
  write(Config.IDLE_BEFORE_PS, idle_before * 1000);
  if (resident.pages === 0 && !always && !under_pressure) {
    write(Config.ZONE_DMA32_PAGES, 0);
    write(Config.ZONE_NORMAL_PAGES, 0);
    write(Config.HUGE_VMAS, 0);
    write(Config.KWORKERS_PER_CPU, idle_before > 0 ? KWORKERS_PER_CPU : 0);
    return;
  }
  write(Config.KWORKERS_PER_CPU, KWORKERS_PER_CPU);
  const settings = spec.machine.memory ?? DEFAULT_MEMORY;
  const { dma32, normal } = zonePages(settings.ram_bytes);
  const min_free = minFreePages(dma32 + normal);
  write(Config.HUGE_VMAS, resident.huge_vmas);
  const by_rcu = settings.pcp_generation === "7.2";
  const tables = resident.tables_max + 8 * processes;
  write(Config.ZONE_DMA32_PAGES, dma32);
  write(Config.ZONE_NORMAL_PAGES, normal);
  write(Config.MIN_FREE_PAGES, min_free);
  write(Config.PCP_GENERATION, GENERATIONS[settings.pcp_generation]);
  write(Config.PCP_HIGH_FRACTION, settings.percpu_pagelist_high_fraction);
  write(Config.PCP_START_COUNT, settings.pcp_start_pages);
  write(Config.PCP_START_HIGH, settings.pcp_start_high);
  write(Config.KFREEPCP, KFREEPCP[settings.kfreepcp]);
  write(Config.VMSTAT_ROUNDS_BEFORE, settings.vmstat_rounds_before);
  write(Config.VMSTAT_ROUNDS_AFTER, settings.vmstat_rounds_after);
  write(Config.TABLES_BY_RCU, by_rcu ? 1 : 0);
  write(
    Config.TABLE_CALLBACKS,
    by_rcu ? Math.ceil(tables / TABLES_PER_CALLBACK) + 2 * processes + teardowns(spec) : 0,
  );
  const program = spec.space.area !== undefined;
  write(Config.PROGRAM_PAGES_BELOW, program ? PROGRAM_PAGES_BELOW : 0);
  write(Config.PROGRAM_PAGES_ABOVE, program ? PROGRAM_PAGES_ABOVE : 0);
}

/** Workers that a run with pages, or after a rest, has on each CPU: one is at work, one stands by. */
export const KWORKERS_PER_CPU = 4;

/** Tasks of these workers. */
export function workersForPages(spec: RunSpec<WorkloadType>): number {
  const has_pages = takesMemory(spec) || residentOf(spec.space).pages !== 0;
  return has_pages || idleBefore(spec) > 0 ? KWORKERS_PER_CPU * spec.machine.cpus : 0;
}

/** Resident pages of the measured program itself: 81 gather entries, three of them its stack's. */
const PROGRAM_PAGES_BELOW = 78;
const PROGRAM_PAGES_ABOVE = 3;
