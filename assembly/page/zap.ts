// unmap_vmas, free_pgtables and tlb_finish_mmu of an mm with resident pages.
//
// [same: mm/memory.c:unmap_page_range (7.2: __zap_vma_range), zap_pte_range, free_pgtables;
//  mm/mmu_gather.c: a pass over all VMAs that queues their pages; when the gather is full, or has
//  a dirty page of a shared mapping whose rmap is delayed, it is flushed before the pass goes on;
//  page tables are freed in the second pass, through the gather (6.12 without a hypervisor) or by
//  RCU (7.2)]
// [same: mm/huge_memory.c:zap_huge_pmd, 6.12 and 7.2: a huge page is one entry of the gather; the
//  page table deposited for it is withdrawn and freed at once, without the gather]
// [measured: the gather is flushed when the pass comes to the vvar and vdso mappings; 6.12 and 7.2]
// [same: mm/memory.c:zap_pte_range, zap_pmd_range, 6.12 and 7.2: the loop over entries ends as soon
//  as a reschedule is wanted, and then there is a cond_resched(); so is there after each 2 MiB]
// [simplified: a reschedule waits for the end of a step of 64 pages; frames of page tables above
//  the last level are the program's, though each GiB with touched pages is a table to take down]

import { Config } from "../abi/config";
import { PageStat } from "../abi/page";
import { CostSlot } from "../abi/cost";
import { VmaFlag } from "../abi/vma";
import { config, cost } from "../memory/slots";
import { cursorNext } from "../index/tree";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { callRcu } from "../rcu/call";
import { CallbackKind, vmaAt, vmaStart } from "../vma/record";
import { beginAnon, unlinkAnon } from "./anon-vma";
import {
  beginFlush,
  Entry,
  finishGather,
  gatherPages,
  gatherRoom,
  giveFrames,
  stepFlush,
} from "./gather";
import { unmapApart, unmapFolio } from "./folio";
import { cutPages, dropHugeVma, hugeVmaOf, isHuge, PAGES_PER_HUGE } from "./huge-vma";
import { hugeOf, MmPages, tablesOf } from "./mm-pages";
import { Migrate } from "./pcp";
import {
  firstTableFrom,
  firstUpperFrom,
  hugePages,
  lastTableCounted,
  lastUpperTable,
  mapsFile,
  mapsShmem,
  residentPages,
  tableOf,
  upperTables,
  vmaTables,
} from "./resident";
import { mmPagesAddress, newTableCallback } from "./state";
import { addStat } from "./stats";

/** Pages unmapped between two looks at the clock. */
const ZAP_STEP: u32 = 64;
/** Page tables to one callback (MAX_TABLE_BATCH). */
const TABLE_BATCH: u32 = 509;
/** What MmPages.zapFile says of the VMA in hand: bits; 0 for anonymous memory. */
const FILE: u8 = 1;
const DIRTY: u8 = 2;
const SHMEM: u8 = 4;

@inline
export function mmPages(mm: u32): MmPages {
  return changetype<MmPages>(mmPagesAddress(mm));
}

/** The first pass begins: pages of the program below the area come first. */
export function beginUnmap(cpu: Cpu, mm: MmPages): void {
  gatherPages(cpu, mm, <u32>config(Config.PROGRAM_PAGES_BELOW), Entry.OTHER);
}

/** The first pass is over: those above it come last. */
export function endUnmap(cpu: Cpu, mm: MmPages): void {
  gatherPages(cpu, mm, <u32>config(Config.PROGRAM_PAGES_ABOVE), Entry.OTHER);
}

/** unmap_vmas over all VMAs of the cursor; false when it has to pause. */
export function stepUnmap(cpu: Cpu, task: Task, mm: MmPages, cursor: usize): bool {
  while (true) {
    if (mm.flushing != 0) {
      if (!stepFlush(cpu, task, mm)) return false;
    } else if (mm.cutVma != 0) {
      if (!zapPart(cpu, task, mm)) return false;
    } else if (mm.hugeLeft != 0) {
      if (!zapHuge(cpu, task, mm)) return false;
    } else if (mm.zapLeft != 0) {
      if (!zapSome(cpu, task, mm)) return false;
    } else {
      const at = cursorNext(cursor);
      if (at == 0) return true;
      cpu.now += cost(CostSlot.UNMAP_VMA);
      openVma(cpu, mm, at);
      if (vmaIsDone(mm) && (cpu.now > horizon || resched(cpu))) return false;
    }
  }
}

/** Nothing of the VMA in hand is left to be unmapped. */
@inline
function vmaIsDone(mm: MmPages): bool {
  return (mm.zapLeft | mm.hugeLeft | mm.cutVma) == 0;
}

function openVma(cpu: Cpu, mm: MmPages, address: u32): void {
  const vma = vmaAt(address);
  mm.hugeLeft = hugePages(vma);
  mm.zapLeft = <u32>(residentPages(vma) - <u64>mm.hugeLeft * PAGES_PER_HUGE);
  if (isHuge(vma)) {
    const cut = cutPages(hugeVmaOf(vma));
    mm.zapLeft -= cut;
    mm.cutVma = cut != 0 ? address : 0;
  }
  if (vmaIsDone(mm)) {
    if ((vma.flags & <u16>VmaFlag.SPECIAL) != 0 && mm.entries != 0) beginFlush(mm);
    return;
  }
  cpu.now += cost(CostSlot.ZAP_VMA);
  mm.zapFile = mapsFile(vma) ? FILE : 0;
  if (mm.zapFile == 0) return;
  if (mapsShmem(vma)) mm.zapFile |= SHMEM;
  // its dirty pages' rmap waits for the TLB: the gather is flushed when the VMA is done
  const dirty = <u16>(VmaFlag.SHARED | VmaFlag.WRITE);
  if ((vma.flags & dirty) == dirty) mm.zapFile |= DIRTY;
}

/**
 * Pages of a cut huge page, at either end of the VMA in hand. [same: mm/memory.c:zap_present_ptes,
 * 6.12 and 7.2: entries of one folio that follow each other are unmapped together]
 * [simplified: mm/memory.c:zap_pmd_range: those of both ends come first]
 */
function zapPart(cpu: Cpu, task: Task, mm: MmPages): bool {
  const its = hugeVmaOf(vmaAt(mm.cutVma));
  const head = its.headFolio != 0;
  const folio = head ? its.headFolio : its.tailFolio;
  const pages = head ? its.head : its.tail;
  if (head) its.headFolio = 0;
  else its.tailFolio = 0;
  if ((its.headFolio | its.tailFolio) == 0) mm.cutVma = 0;
  if (unmapApart(folio, pages)) {
    mm.zapLeft += pages;
    return true;
  }
  const start = cpu.now;
  cpu.now += <u64>pages * cost(CostSlot.ZAP_FOLIO_PAGE);
  const last = unmapFolio(cpu, folio, pages, hugeOf(mm));
  gatherPages(cpu, mm, 1, last ? Entry.HUGE : Entry.PART);
  if (pages != 1) gatherPages(cpu, mm, 1, Entry.OTHER);
  mm.rss -= <u64>pages;
  return zapped(cpu, task, mm, start, false);
}

/** What each step ends with: is the gather full, and may another step follow at once? */
function zapped(cpu: Cpu, task: Task, mm: MmPages, start: u64, forced: bool): bool {
  addStat(PageStat.ZAP, cpu.now - start);
  if (gatherRoom(mm) == 0 || forced) beginFlush(mm);
  task.midStep = 0;
  return cpu.now <= horizon && !resched(cpu);
}

/**
 * A huge page of the VMA in hand.
 * [simplified: mm/memory.c:zap_pmd_range: they come before the VMA's small ones]
 */
function zapHuge(cpu: Cpu, task: Task, mm: MmPages): bool {
  const start = cpu.now;
  cpu.now += cost(CostSlot.ZAP_HUGE_PAGE) + cost(CostSlot.TABLE_FREE);
  giveFrames(cpu, tablesOf(mm), 1, Migrate.UNMOVABLE);
  gatherPages(cpu, mm, 1, Entry.HUGE);
  mm.rss -= PAGES_PER_HUGE;
  mm.hugeLeft--;
  return zapped(cpu, task, mm, start, false);
}

/** Pages of files and of shared memory are unmapped: the mm has them no more. */
function uncountFile(mm: MmPages, pages: u64): void {
  mm.rss -= pages;
  if ((mm.zapFile & SHMEM) != 0) mm.rssShmem -= pages;
  else mm.rssFile -= pages;
}

/** A few pages of the VMA in hand. */
function zapSome(cpu: Cpu, task: Task, mm: MmPages): bool {
  const pages = min(min(mm.zapLeft, ZAP_STEP), gatherRoom(mm));
  const start = cpu.now;
  const file = mm.zapFile != 0;
  cpu.now += <u64>pages * cost(file ? CostSlot.ZAP_FILE_PAGE : CostSlot.ZAP_PAGE);
  gatherPages(cpu, mm, pages, file ? Entry.FILE : Entry.PAGE);
  if (file) uncountFile(mm, <u64>pages);
  mm.zapLeft -= pages;
  return zapped(cpu, task, mm, start, (mm.zapFile & DIRTY) != 0 && mm.zapLeft == 0);
}

/**
 * free_pgtables begins. Only tables all of whose addresses lie from page `floor` up to `ceiling`
 * are freed: others may map neighbours that stay. [same: mm/memory.c:free_pgd_range, 6.12 and 7.2]
 * [simplified: a table that a neighbour without touched pages has kept goes with the exit]
 */
export function beginTables(mm: MmPages, floor: u64, ceiling: u64): void {
  mm.lastBlock = firstTableFrom(floor);
  mm.tablesEnd = tableOf(ceiling);
  mm.lastUpper = firstUpperFrom(floor);
  beginAnon(mm, floor, ceiling);
}

/** What free_pgtables pays for one VMA besides its fixed price. */
export function freeTables(cpu: Cpu, mm: MmPages, address: u32): void {
  const vma = vmaAt(address);
  const pages = residentPages(vma);
  if (pages == 0) return;
  if (!mapsFile(vma)) unlinkAnon(cpu, mm, vma);
  const upper = upperTables(vmaStart(vma), pages, mm.lastUpper, mm.ceiling);
  mm.lastUpper = max(mm.lastUpper, lastUpperTable(vmaStart(vma), pages));
  const tables = vmaTables(vma, mm.lastBlock, mm.tablesEnd);
  mm.lastBlock = lastTableCounted;
  cpu.now += <u64>(tables + upper) * cost(CostSlot.PGTABLE_FREE);
  mm.tablesDown += tables;
  if (isHuge(vma)) dropHugeVma(vma);
}

/**
 * tlb_finish_mmu: frees what is left, `tables` page tables, and the pages of the gather, of which
 * `paid` are in a price already; false when it has to pause, and is to be called again.
 */
export function stepFinish(cpu: Cpu, task: Task, mm: MmPages, tables: u32, paid: u32): bool {
  if (mm.flushing == 0) {
    takeTables(cpu, mm, tables);
    beginFlush(mm);
  }
  if (!stepFlush(cpu, task, mm)) return false;
  finishGather(cpu, mm, paid);
  return true;
}

/** All page tables of an mm that RCU has not got yet: those of an exit. */
export function allTables(mm: MmPages): u32 {
  return tablesOf(mm).count - mm.tablesQueued;
}

/**
 * The page tables go with the last round. [simplified: mm/memory.c:free_pgtables queues them one by
 * one, so that a gather that fills up is flushed there]
 */
function takeTables(cpu: Cpu, mm: MmPages, count: u32): void {
  assert(count <= allTables(mm)); // none is freed twice
  let tables = count;
  mm.tablesDown = 0;
  if (config(Config.TABLES_BY_RCU) == 0) {
    gatherPages(cpu, mm, tables, Entry.TABLE);
    return;
  }
  mm.tablesQueued += tables;
  addStat(PageStat.TABLES_BY_RCU, <u64>tables);
  while (tables != 0) {
    const batch = min(tables, TABLE_BATCH);
    const record = newTableCallback();
    vmaAt(record).func = <u8>CallbackKind.TABLES;
    vmaAt(record).lock = <u32>changetype<usize>(mm);
    vmaAt(record).group = batch;
    callRcu(cpu, record);
    tables -= batch;
  }
}
