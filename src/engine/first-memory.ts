// What is there when a run begins, against the machine's memory: slabs of VMAs and their locks, index
// nodes, chains, touched pages and the page tables above them. An upper bound: the engine has no
// answer to a first page that it does not find.

import { Config } from "../../assembly/abi/config.ts";
import type { MmWorkload, RunSpec, WorkloadType } from "../api/types.ts";
import { LimitError } from "../errors.ts";
import { type AddressSpace, CHUNK_VMAS } from "../input/address-space.ts";
import { residentOf } from "../input/resident.ts";
import type { EngineMemory } from "./abi.ts";
import { mmHasMemory } from "./reclaim.ts";
import { objectsPerSlab } from "./workloads/mm.ts";

const PAGE_BYTES = 4096;
/** Index nodes for one VMA, with gaps between all of them. */
const NODE_BYTES_A_VMA = 64;
const CHAINS_A_PAGE = 64;
/** Page tables of a process above the last level, and of what lies around its area. */
const UPPER_TABLES = 6;
/** Pages in blocks that single pages may have broken: one of each zone, and the zones' ends. */
const HUGE_SPARE = 4 * 1024;
/** Pages of ZONE_NORMAL for each that ZONE_DMA32 keeps (sysctl_lowmem_reserve_ratio). */
const LOWMEM_RESERVE_RATIO = 256;
/** Locks of 6.12 in a slab of the workload mm. */
const MM_LOCKS_A_SLAB = 102;
/** VMAs that the workload mm of 7.2 takes from slabs before they are wanted: two sheaves. */
const MM_IN_SHEAVES = 2 * 64;
/** Pages that a table of each level maps, as powers of 2. */
const TABLE_LEVELS = [9, 18, 27] as const;

const nodePages = (vmas: number): number => Math.ceil((vmas * NODE_BYTES_A_VMA) / PAGE_BYTES);

/** Pages that the slabs of a cache take for so many objects; its slots follow each other. */
function cachePages(memory: EngineMemory, first: Config, objects: number): number {
  const [objects_per_slab, order] = [1, 2].map((slot) => Number(memory.readConfig(first + slot)));
  return Math.ceil(objects / objects_per_slab!) * 2 ** order!;
}

/** First pages of workloads whose processes exit or unmap. */
function exitPages(memory: EngineMemory, { machine, space }: RunSpec<WorkloadType>): number {
  const { pages, owned_pages, tables_max, huge_vmas } = residentOf(space);
  const vmas = space.vma_count + (machine.slab.vmas_freed_before ?? 0);
  const has_locks = machine.generation !== "7.2";
  const slabs = cachePages(memory, Config.VMA_BYTES, vmas);
  const lock_slabs = has_locks ? cachePages(memory, Config.LOCK_BYTES, vmas) : 0;
  const chains = Math.ceil(Math.min(space.vma_count, pages) / CHAINS_A_PAGE);
  const tables = tables_max + UPPER_TABLES * Number(memory.readConfig(Config.MMS));
  const spare = huge_vmas > 0 ? HUGE_SPARE : 0;
  const index = nodePages(space.vma_count) + chains;
  return owned_pages + tables + slabs + lock_slabs + index + spare;
}

/** Touched pages and page tables of one address space, from VMA to VMA in the order of addresses. */
class Touched {
  pages = 0;
  tables = 0;
  /** Of each level, the first block behind those that are counted. */
  readonly #behind = TABLE_LEVELS.map(() => 0);

  add(start_page: number, pages: number): void {
    if (pages === 0) return;
    this.pages += pages;
    for (const [at, level] of TABLE_LEVELS.entries()) {
      const behind = Math.floor((start_page + pages - 1) / 2 ** level) + 1;
      const from = Math.max(Math.floor(start_page / 2 ** level), this.#behind[at]!);
      this.tables += Math.max(behind - from, 0);
      this.#behind[at] = behind;
    }
  }

  get all(): number {
    return this.pages + this.tables;
  }
}

/** Those of an address space in memory: by the pages that are touched in each VMA of its area. */
const counted = new WeakMap<AddressSpace, Map<number, number>>();

/** Touched pages and their tables of the scenario's own address space, which is read once for it. */
function ownTouched(space: AddressSpace, touched_pages: number): number {
  const by_touched = counted.get(space) ?? new Map<number, number>();
  counted.set(space, by_touched);
  const known = by_touched.get(touched_pages);
  if (known !== undefined) return known;
  const { first_vma, vma_count } = space.area ?? { first_vma: 0, vma_count: space.vma_count };
  const touched = new Touched();
  let vma = 0;
  for (const { length, start_page, page_count } of space.chunks(CHUNK_VMAS)) {
    for (let at = 0; at < length; at++, vma++) {
      const in_area = vma >= first_vma && vma < first_vma + vma_count;
      // of what lies around the area a page at most is written before
      touched.add(start_page[at]!, in_area ? Math.min(page_count[at]!, touched_pages) : 1);
    }
  }
  by_touched.set(touched_pages, touched.all);
  return touched.all;
}

/** First pages of the workload mm. */
function mmPages(workload: MmWorkload, { machine, space }: RunSpec<WorkloadType>): number {
  const kernel = workload.kernel ?? machine.generation;
  const others = workload.mms.map(({ vmas }) => {
    const touched = new Touched();
    for (const vma of [...vmas].sort((a, b) => a.start - b.start)) {
      touched.add(vma.start, vma.touched);
    }
    return { vmas: vmas.length, pages: touched.all };
  });
  const vmas = others.reduce((sum, other) => sum + other.vmas, space.vma_count);
  const objects = vmas + (kernel === "7.2" ? MM_IN_SHEAVES : 0);
  const locks = kernel === "6.12" ? Math.ceil(vmas / MM_LOCKS_A_SLAB) : 0;
  const touched = others.reduce(
    (sum, { pages }) => sum + pages,
    ownTouched(space, workload.touched_pages),
  );
  return (
    touched +
    Math.ceil(objects / objectsPerSlab(machine)) +
    locks +
    nodePages(vmas + workload.mms.length)
  );
}

/** Throws LimitError where it does not fit. Slabs are as the engine has cut them in its plan. */
export function checkFirstMemory(memory: EngineMemory, spec: RunSpec<WorkloadType>): void {
  const zones = [Config.ZONE_DMA32_PAGES, Config.ZONE_NORMAL_PAGES];
  const [dma32, normal] = zones.map((slot) => Number(memory.readConfig(slot))) as [number, number];
  if (dma32 + normal === 0) return; // a run without page frames
  const { workload } = spec;
  if (workload?.type === "mm" && !mmHasMemory(spec)) return; // its memory has no end
  const needed = workload?.type === "mm" ? mmPages(workload, spec) : exitPages(memory, spec);
  const reserve = dma32 > 0 ? Math.floor(normal / LOWMEM_RESERVE_RATIO) : 0;
  const available = dma32 + normal - Number(memory.readConfig(Config.MIN_FREE_PAGES)) - reserve;
  if (needed <= available) return;
  throw new LimitError({
    problem: "memory at the beginning does not fit the machine's",
    needed: needed * PAGE_BYTES,
    available: available * PAGE_BYTES,
    unit: "bytes",
    hint: "more machine.memory.ram, or less populated",
  });
}
