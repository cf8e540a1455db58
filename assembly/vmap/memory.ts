// Memory that the subsystem takes from the machine: pages of allocations, page tables, area
// records.
//
// [same: mm/vmalloc.c:__vunmap, vfree, 5.0 to 7.2: vfree gives the pages themselves back at once;
//  what stays until the purge is the address space and its record, and what stays for ever are the
//  page tables: unmapping clears entries and frees no table]
// With Config.VMAP_LAZY_HOLDS an area keeps its pages until it is purged. No kernel does so: it is
// how reports of memory that ran out under a starved purge read.
// [simplified: mm/vmalloc.c: the kernel kills processes before it panics; here are none to kill, so
//  the first page that cannot be had ends the run as an out-of-memory panic]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { VmapMetric } from "../abi/vmalloc";
import {
  addWorkloadMetric,
  config,
  cost,
  maxWorkloadMetric,
  setWorkloadMetric,
} from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { Area, areaPages, areasLive } from "./area";
import { RANGE_START } from "./free-space";
import { objectPages, objectsTracked } from "./objects";
import { areaFromList, areaToList, orderFromList, pageListsKept } from "./page-lists";

/** Entries of a page table, as a power of two. */
const TABLE_SHIFT: u64 = 9;
/** Tables of the first 2 TiB of the range are known one by one, a bit each. */
const KNOWN_TABLES: u64 = 1 << 20;
export const TABLE_BITS_BYTES: u64 = KNOWN_TABLES / 8;
/** Where no objects are followed: records of areas in a page of slab, 72 bytes each. */
const AREAS_PER_PAGE: u64 = 56;

let tables: usize = 0;
let allocated: u64 = 0;
let tablePages: u64 = 0;
let panicked: bool = false;

export function memoryInit(base: usize): void {
  tables = base;
  memory.fill(base, 0, <usize>TABLE_BITS_BYTES);
  allocated = 0;
  tablePages = 0;
  panicked = false;
  setWorkloadMetric(VmapMetric.OOM_AT, u64.MAX_VALUE);
}

/** The machine has panicked: everybody stops. */
@inline
export function outOfMemory(): bool {
  return panicked;
}

export function usedPages(): u64 {
  return allocated + tablePages + slabPages();
}

function slabPages(): u64 {
  if (objectsTracked()) return objectPages();
  return (<u64>areasLive() + AREAS_PER_PAGE - 1) / AREAS_PER_PAGE;
}

/** Page tables under [start, start + pages) that are there for the first time. */
function newTables(start: u64, pages: u64): u64 {
  let fresh: u64 = 0;
  const first = (start - RANGE_START) >> TABLE_SHIFT;
  const last = (start - RANGE_START + pages - 1) >> TABLE_SHIFT;
  for (let table = first; table <= last; table++) {
    if (table >= KNOWN_TABLES) {
      fresh++; // beyond 2 TiB nothing comes back to the same addresses in any run
      continue;
    }
    const at = tables + <usize>(table >> 3);
    const bit = <u8>1 << <u8>(table & 7);
    if ((load<u8>(at) & bit) != 0) continue;
    store<u8>(at, load<u8>(at) | bit);
    fresh++;
  }
  return fresh;
}

/** Takes the pages of an allocation and the tables that map it; false when memory is out. */
export function takePages(cpu: Cpu, start: u64, pages: u64): bool {
  const fresh = newTables(start, pages);
  tablePages += fresh;
  cpu.now += cost(CostSlot.VMAP_TABLE) * fresh;
  if (pageListsKept()) {
    cpu.now += areaFromList(cpu.id, pages);
    for (let i: u64 = 0; i < fresh; i++) cpu.now += orderFromList(cpu.id, 0);
  }
  allocated += pages;
  addWorkloadMetric(VmapMetric.PAGE_TABLE_PAGES, fresh);
  const used = usedPages();
  maxWorkloadMetric(VmapMetric.USED_PEAK_PAGES, used);
  if (used <= config(Config.VMAP_MEMORY_PAGES)) return true;
  if (!panicked) setWorkloadMetric(VmapMetric.OOM_AT, cpu.now);
  panicked = true;
  return false;
}

/** An area is purged. */
export function purgedPagesBack(cpu: Cpu, area: Area): void {
  if (area.populated == 0) return;
  area.populated = 0;
  givePages(cpu, areaPages(area) - 1); // the guard page has none
}

/** Pages go back to the list of the CPU that frees them. */
export function givePages(cpu: Cpu, pages: u64): void {
  assert(allocated >= pages); // nothing is freed twice
  allocated -= pages;
  if (pageListsKept()) cpu.now += areaToList(cpu.id, pages);
}

export function allocatedPages(): u64 {
  return allocated;
}
