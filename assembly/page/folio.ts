// Huge pages that were cut: each of their pages has an entry of its own, and all stay one folio.
//
// [same: mm/huge_memory.c:__split_huge_pmd_locked, 6.12 and 7.2: the deposited table becomes the
//  block's page table, the folio is mapped by 512 entries and stays whole]
// [same: mm/rmap.c:__folio_remove_rmap, mm/huge_memory.c:deferred_split_folio, 6.12 and 7.2: the
//  folio is queued when pages of it are unmapped and others are not, once; its frames are free
//  when the last page is unmapped, all of them at once, and it leaves the queue]
// [same: mm/huge_memory.c:deferred_split_scan, 6.12 and 7.2: the shrinker takes the queue's first
//  folios apart: what nobody maps is free, the rest are pages like others]
// [simplified: a folio is held by its mappings alone; while a gather holds pages of some, none can
//  be taken apart (the kernel refuses those alone: can_split_folio); which of its frames are mapped
//  is not kept, only how many. split_queue_lock is free]
// [left out: whole huge pages on the queue, which 6.12 and 7.2 put there at their first touch and
//  the shrinker takes off again, as they are not underused]

import { CostSlot } from "../abi/cost";
import { PageStat } from "../abi/page";
import { giveRecord, RECORD_POOL_BYTES, recordPoolInit, takeRecord } from "../memory/record-pool";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { freeUnits } from "./free";
import { HUGE_ORDER, PAGES_PER_HUGE } from "./huge-vma";
import { listIndex, Migrate } from "./pcp";
import { FrameList, popHead, pushHead, pushTail, takenLow } from "./runs";
import { addStat, maxStat } from "./stats";

enum FolioState {
  /** Every page of it is mapped. */
  MAPPED,
  /** Some are: it is on the deferred split queue. */
  QUEUED,
  /** It has been taken apart: its mapped pages are pages like others. */
  APART,
}

//  0       4        8       12     16     20
//  ┌───────┬────────┬───────┬──────┬──────┐
//  │ block │ mapped │ state │ next │ prev │
//  └───────┴────────┴───────┴──────┴──────┘
/** A huge page whose pmd was split. */
@unmanaged
export class Folio {
  /** Its first frame >> 9. */
  block: u32;
  /** Pages of it that are mapped. */
  mapped: u32;
  state: u32;
  /** Towards the tail of the queue, and towards its head. */
  next: u32;
  prev: u32;
}

const FOLIO_BYTES: u32 = 20;

@lazy const POOL: usize = memory.data(RECORD_POOL_BYTES, 4);

/** Folios that are still one. */
let whole: u32 = 0;
/** split_queue, split_queue_len. */
let queueHead: u32 = 0;
let queueTail: u32 = 0;
let queueLength: u32 = 0;
/** Pages of queued folios that nobody maps. */
let unmapped: u32 = 0;

export function folioBytes(folios: u64): u64 {
  return folios * <u64>FOLIO_BYTES;
}

export function foliosInit(base: usize, bytes: u64): void {
  recordPoolInit(POOL, base, bytes);
  whole = 0;
  queueHead = 0;
  queueTail = 0;
  queueLength = 0;
  unmapped = 0;
}

@inline
export function folioAt(address: u32): Folio {
  return changetype<Folio>(<usize>address);
}

/** Frames of all folios that are still one, for audits. */
export function folioFrames(): u64 {
  return <u64>whole * PAGES_PER_HUGE;
}

export function deferredLength(): u32 {
  return queueLength;
}

/** __split_huge_pmd of the first of some huge pages; answers its folio. */
export function splitHugePmd(cpu: Cpu, huge: FrameList): u32 {
  const address = takeRecord(POOL, FOLIO_BYTES);
  assert(address != 0); // the host plans one for each split
  const taken = popHead(huge, 1);
  assert(taken == 1); // every huge page that was counted has a block
  const folio = folioAt(address);
  folio.block = takenLow;
  folio.mapped = <u32>PAGES_PER_HUGE;
  folio.state = FolioState.MAPPED;
  folio.next = 0;
  folio.prev = 0;
  whole++;
  cpu.now += cost(CostSlot.SPLIT_HUGE_PMD);
  addStat(PageStat.SPLIT_PMD, 1);
  return address;
}

function enqueue(cpu: Cpu, address: u32): void {
  const folio = folioAt(address);
  folio.state = FolioState.QUEUED;
  folio.next = 0;
  folio.prev = queueTail;
  if (queueTail != 0) folioAt(queueTail).next = address;
  else queueHead = address;
  queueTail = address;
  queueLength++;
  cpu.now += cost(CostSlot.DEFERRED_SPLIT);
  addStat(PageStat.DEFERRED_SPLIT, 1);
}

function dequeue(folio: Folio): void {
  if (folio.prev != 0) folioAt(folio.prev).next = folio.next;
  else queueHead = folio.next;
  if (folio.next != 0) folioAt(folio.next).prev = folio.prev;
  else queueTail = folio.prev;
  queueLength--;
}

/** Pages of a folio that was taken apart are unmapped as small ones: true. */
export function unmapApart(address: u32, pages: u32): bool {
  const folio = folioAt(address);
  if (folio.state != FolioState.APART) return false;
  folio.mapped -= pages;
  if (folio.mapped == 0) giveRecord(POOL, address);
  return true;
}

/**
 * folio_remove_rmap_ptes of some of its pages. True when they were the last: its frames are the
 * first of `huge`, and the folio is no more.
 */
export function unmapFolio(cpu: Cpu, address: u32, pages: u32, huge: FrameList): bool {
  const folio = folioAt(address);
  assert(pages <= folio.mapped); // none is unmapped twice
  folio.mapped -= pages;
  const queued = folio.state == FolioState.QUEUED;
  if (folio.mapped != 0) {
    if (!queued) enqueue(cpu, address);
    unmapped += pages;
    maxStat(PageStat.DEFERRED_PAGES_MAX, <u64>unmapped);
    return false;
  }
  if (queued) {
    dequeue(folio);
    unmapped -= <u32>PAGES_PER_HUGE - pages;
  }
  pushHead(huge, folio.block, 1, false);
  whole--;
  giveRecord(POOL, address);
  return true;
}

/** deferred_split_scan: takes up to `most` folios apart; how many. `mapped` gets what stays. */
export function splitDeferred(cpu: Cpu, most: u32, mapped: FrameList): u32 {
  let done: u32 = 0;
  while (done < most && queueHead != 0) {
    splitFolio(cpu, folioAt(queueHead), mapped);
    done++;
  }
  return done;
}

function splitFolio(cpu: Cpu, folio: Folio, mapped: FrameList): void {
  dequeue(folio);
  const first = folio.block << HUGE_ORDER;
  const gone = <u32>PAGES_PER_HUGE - folio.mapped;
  cpu.now +=
    cost(CostSlot.SPLIT_FOLIO) +
    <u64>folio.mapped * cost(CostSlot.SPLIT_FOLIO_MAPPED) +
    <u64>gone * cost(CostSlot.PAGE_FREE);
  pushTail(mapped, first, folio.mapped, false);
  freeUnits(cpu, listIndex(Migrate.MOVABLE, 0), first + folio.mapped, gone, false);
  unmapped -= gone;
  whole--;
  folio.state = FolioState.APART;
  addStat(PageStat.SPLIT_FOLIO, 1);
}
