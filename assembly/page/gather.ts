// mmu_gather: pages that are unmapped but not yet freed, and their way to the page allocator.
//
// [same: mm/mmu_gather.c, include/asm-generic/tlb.h, 6.12 and 7.2: 8 entries on the stack, then up
//  to 19 pages of 510, in each of which the last entry stays unused; a full gather is flushed, its
//  pages stay for the next round; pages are freed a batch at a time, at most 512 to a call, with a
//  chance to reschedule after each; the gather's own pages go when it is finished]
// [same: mm/mmu_gather.c:__tlb_remove_folio_pages_size, 6.12 and 7.2: pages of a cut huge page that
//  lie together are two entries, the first page and how many; they put as many references at once]
// [same: mm/swap.c:folios_put_refs, mm/page_alloc.c:free_unref_folios, 6.12 and 7.2: a huge page is
//  one entry and one folio, freed to the per-CPU list of its order; a page of the page cache loses
//  a reference and stays]
// [simplified: mm/mmu_gather.c: in a round small pages come first, then huge ones, tables, pages of
//  files, and those of the program itself. A gather page that cannot be had counts all the same,
//  where the kernel would flush early. TLB flushes have no cost of their own: instruction-counted
//  rows have none]

import { CostSlot } from "../abi/cost";
import { PageStat } from "../abi/page";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_KERNEL, resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { allocPages } from "./alloc";
import { freeUnits } from "./free";
import { HUGE_ORDER } from "./huge-vma";
import { batchesOf, hugeOf, MmPages, pagesOf, tablesOf } from "./mm-pages";
import { listIndex, Migrate } from "./pcp";
import { FrameList, popHead, takenDown, takenLength, takenLow } from "./runs";
import { addStat, maxStat } from "./stats";

const BUNDLE: u32 = 7;
const BATCH: u32 = 509;
const BATCHES_MAX: u32 = 19;
/** Pages queued when the gather is full. */
export const GATHER_FULL: u32 = BUNDLE + BATCHES_MAX * BATCH;
/** Pages that go to the per-CPU list together (PAGEVEC_SIZE); interrupts land between. */
const FREE_STEP: u32 = 31;

/** Free slots of the round under way; where one is left, two entries that belong together fit. */
@inline
export function gatherRoom(mm: MmPages): u32 {
  return mm.entries < GATHER_FULL ? GATHER_FULL - mm.entries : 0;
}

/** What an entry of the gather is. */
export enum Entry {
  PAGE,
  /** A whole one of 2 MiB. */
  HUGE,
  TABLE,
  /** A page that its put leaves to the page cache. */
  FILE,
  /** Pages of a cut huge page that has others mapped. */
  PART,
  /** Its put frees nothing. */
  OTHER,
}

/** tlb_remove_page for `pages` pages, which fit; new gather pages are allocated as needed. */
export function gatherPages(cpu: Cpu, mm: MmPages, pages: u32, entry: Entry): void {
  mm.entries += pages;
  if (entry == Entry.PAGE) mm.pageEntries += pages;
  else if (entry == Entry.HUGE) mm.hugeEntries += pages;
  else if (entry == Entry.TABLE) mm.tableEntries += pages;
  else if (entry == Entry.FILE) mm.fileEntries += pages;
  else if (entry == Entry.PART) mm.partEntries += pages;
  addStat(PageStat.GATHER_ENTRIES, <u64>pages);
  const over = mm.entries > BUNDLE ? mm.entries - BUNDLE : 0;
  const needed = min((over + BATCH - 1) / BATCH, BATCHES_MAX);
  while (mm.batchPages < needed) {
    allocPages(cpu, Migrate.UNMOVABLE, 1, batchesOf(mm));
    mm.batchPages++;
  }
}

/** tlb_flush_mmu: what is queued will be freed by `stepFlush`. */
export function beginFlush(mm: MmPages): void {
  mm.flushing = 1;
  mm.firstCall = 1;
  mm.callLeft = 0;
  mm.flushTime = 0;
}

/** Frees what is queued; false when it has to pause. */
export function stepFlush(cpu: Cpu, task: Task, mm: MmPages): bool {
  while (mm.entries != 0) {
    if (mm.callLeft == 0) beginCall(mm);
    const start = cpu.now;
    freeSome(cpu, mm);
    mm.flushTime += cpu.now - start;
    task.midStep = mm.callLeft != 0 ? MID_KERNEL : 0;
    if (cpu.now > horizon) return false;
    if (task.midStep == 0 && mm.entries != 0 && resched(cpu)) return false;
  }
  mm.flushing = 0;
  addStat(PageStat.GATHER_FLUSHES, 1);
  addStat(PageStat.PAGE_FREEING, mm.flushTime);
  maxStat(PageStat.GATHER_FLUSH_MAX, mm.flushTime);
  return true;
}

function beginCall(mm: MmPages): void {
  mm.callLeft = min(mm.entries, mm.firstCall != 0 ? BUNDLE : BATCH);
  mm.firstCall = 0;
  addStat(PageStat.FREE_CALLS, 1);
}

/** A few entries of the call under way. */
function freeSome(cpu: Cpu, mm: MmPages): void {
  const most = min(mm.callLeft, FREE_STEP);
  const pages = min(most, mm.pageEntries);
  const huge = min(most - pages, mm.hugeEntries);
  const tables = min(most - pages - huge, mm.tableEntries);
  const file = min(most - pages - huge - tables, mm.fileEntries);
  const parts = min(most - pages - huge - tables - file, mm.partEntries);
  cpu.now +=
    <u64>pages * cost(CostSlot.PAGE_FREE) +
    <u64>tables * cost(CostSlot.TABLE_FREE) +
    <u64>parts * cost(CostSlot.PAGE_PUT);
  if (huge != 0) giveHuge(cpu, mm, huge);
  if (file != 0) leaveFile(cpu, mm, file);
  if (pages != 0) giveFrames(cpu, pagesOf(mm), pages, Migrate.MOVABLE);
  if (tables != 0) giveFrames(cpu, tablesOf(mm), tables, Migrate.UNMOVABLE);
  mm.pageEntries -= pages;
  mm.tableEntries -= tables;
  mm.partEntries -= parts;
  mm.entries -= most;
  mm.callLeft -= most;
  mm.rss -= <u64>pages;
}

/** Huge pages go to the per-CPU list of their order. */
function giveHuge(cpu: Cpu, mm: MmPages, huge: u32): void {
  cpu.now += <u64>huge * cost(CostSlot.HUGE_PAGE_FREE);
  addStat(PageStat.HUGE_FREED, <u64>huge);
  let left = huge;
  while (left != 0) {
    const taken = popHead(hugeOf(mm), left);
    assert(taken != 0); // every huge page that was counted has a block
    freeUnits(cpu, listIndex(Migrate.MOVABLE, HUGE_ORDER), takenLow, takenLength, takenDown);
    left -= taken;
  }
  mm.hugeEntries -= huge;
}

/** The page cache keeps its reference: nothing is freed. */
function leaveFile(cpu: Cpu, mm: MmPages, pages: u32): void {
  cpu.now += <u64>pages * cost(CostSlot.PAGE_PUT);
  addStat(PageStat.LEFT_TO_CACHE, <u64>pages);
  mm.fileEntries -= pages;
}

/** Frees frames of a list in its order. */
export function giveFrames(cpu: Cpu, from: FrameList, frames: u32, migrate: Migrate): void {
  let left = frames;
  while (left != 0) {
    const taken = popHead(from, left);
    assert(taken != 0); // every page that was counted has a frame
    freeUnits(cpu, listIndex(migrate, 0), takenLow, takenLength, takenDown);
    left -= taken;
  }
}

/** tlb_batch_list_free: the gather's own pages, of which so many are paid for elsewhere. */
export function finishGather(cpu: Cpu, mm: MmPages, paid: u32): void {
  if (mm.batchPages > paid) {
    cpu.now += <u64>(mm.batchPages - paid) * cost(CostSlot.GATHER_PAGE_FREE);
  }
  giveFrames(cpu, batchesOf(mm), batchesOf(mm).count, Migrate.UNMOVABLE);
  mm.batchPages = 0;
}

/** Frames of an mm that are not freed yet, for audits. */
export function framesLeft(mm: MmPages): u32 {
  const huge = hugeOf(mm).count << HUGE_ORDER;
  return huge + pagesOf(mm).count + tablesOf(mm).count + batchesOf(mm).count;
}
