// Shrinkers: who can be asked to give memory back when little is free, and how hard.
//
// [same: mm/shrinker.c:do_shrink_slab, 6.12 and 7.2: how much a pass of a priority scans, what it
//  leaves for later passes (nr_deferred), batches of 128]
// [same: kernel/rcu/tree.c (6.12), mm/slab_common.c (7.2): kfree_rcu_shrink_count,
//  kfree_rcu_shrink_scan: a scan runs the monitor at once and counts all that was queued]
// [as intended, in no kernel: a shrinker of the mm's list of dead VMAs, which a scan hands to RCU
//  as the one group it is]
// [same: mm/huge_memory.c:deferred_split_count, deferred_split_scan, 6.12 and 7.2: cut huge pages,
//  which a scan takes apart (page/folio.ts)]
// [left out: shrinkers of other caches, as nothing else is cached here]
//
// A scan of VMAs frees no page itself: what it hands over comes back after a grace period. So
// reclaim makes no progress by it, and who needs a page at once does not get one. Cut huge pages
// free what nobody maps of them: that does not count as reclaimed, but is there at the next try.

import { Config, Workload } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { PageStat } from "../abi/page";
import { config } from "../memory/slots";
import { mmBulkCount, mmBulkScan, mmListCount, mmListScan } from "../mm/shrink";
import { deferredLength, splitDeferred } from "../page/folio";
import { pagesOf } from "../page/mm-pages";
import { addStat } from "../page/stats";
import { mmPages } from "../page/zap";
import { Cpu } from "../sched/cpu";
import { jiffiesAt } from "../sched/clock";
import { lazyShrinkCount, lazyShrinkScan } from "../rcu/lazy-shrinker";
import { bulkMonitor, bulkQueued } from "../strategy/bulk";
import { drainDead } from "../strategy/dead-list";
import { setListDue } from "../strategy/drain-timer";
import { theMm } from "../vma/mm";

enum Shrinker {
  /** The list of dead VMAs of the mm. */
  MM_LIST,
  /** kvfree_rcu. */
  KVFREE_RCU,
  /** Lazy callbacks (rcu/lazy-shrinker.ts). */
  RCU_LAZY,
  /** Huge pages that were cut. */
  DEFERRED_SPLIT,
  COUNT,
}

const SEEKS: u64 = 2;
const BATCH: u64 = 128;

/** nr_deferred of each. */
const DEFERRED: usize = memory.data(<i32>Shrinker.COUNT * 8, 8);

export function shrinkersInit(): void {
  memory.fill(DEFERRED, 0, <usize>Shrinker.COUNT * 8);
}

/** shrink_slab: one pass over all shrinkers. */
export function shrinkSlab(cpu: Cpu, priority: u64): void {
  for (let which: i32 = 0; which < Shrinker.COUNT; which++) shrinkOne(cpu, which, priority);
}

function countObjects(which: i32): u64 {
  if (which == Shrinker.RCU_LAZY) return lazyShrinkCount();
  if (which == Shrinker.DEFERRED_SPLIT) return <u64>deferredLength();
  if (which == Shrinker.KVFREE_RCU) return amongMms() ? mmBulkCount() : <u64>bulkQueued();
  if (config(Config.LIST_SHRINKER) == 0) return 0;
  return amongMms() ? mmListCount() : <u64>theMm().listSize;
}

/** Are there several address spaces, with lists of their own? */
@inline
function amongMms(): bool {
  return config(Config.WORKLOAD) == <u64>Workload.MM;
}

/** Takes up to `batch` cut huge pages apart, unless a gather holds some of their pages. */
function scanFolios(cpu: Cpu, batch: u64): u64 {
  const pages = mmPages(0);
  return <u64>(pages.partEntries == 0 ? splitDeferred(cpu, <u32>batch, pagesOf(pages)) : 0);
}

/** Hands over what there is, or of some `batch`; false: nothing was there (SHRINK_STOP). */
function scanObjects(cpu: Cpu, which: i32, batch: u64): bool {
  const objects = scan(cpu, which, batch);
  if (objects == 0) return false;
  addStat(PageStat.SHRINK_SCANS, 1);
  addStat(PageStat.SHRINK_OBJECTS, objects);
  return true;
}

function scan(cpu: Cpu, which: i32, batch: u64): u64 {
  if (which == Shrinker.RCU_LAZY) return lazyShrinkScan(cpu, batch);
  if (which == Shrinker.DEFERRED_SPLIT) return scanFolios(cpu, batch);
  const objects = countObjects(which);
  if (objects == 0) return 0;
  if (which == Shrinker.KVFREE_RCU) {
    if (amongMms()) return mmBulkScan(cpu);
    bulkMonitor(cpu);
    return objects;
  }
  if (amongMms()) return mmListScan(cpu, batch);
  const mm = theMm();
  drainDead(cpu, mm, CostSlot.DRAIN_LIST);
  mm.lastDrain = jiffiesAt(cpu.now);
  setListDue(u64.MAX_VALUE);
  return objects;
}

/** What a pass of a priority adds to what is to be scanned. */
@inline
function share(freeable: u64, priority: u64): u64 {
  return ((freeable >> priority) * 4) / SEEKS;
}

/** How many of `freeable` objects a pass is to scan: what was put off adds by its urgency. */
export function toScan(freeable: u64, deferred: u64, priority: u64): u64 {
  return min((deferred >> priority) + share(freeable, priority), 2 * freeable);
}

/** do_shrink_slab */
function shrinkOne(cpu: Cpu, which: i32, priority: u64): void {
  const freeable = countObjects(which);
  if (freeable == 0) return;
  const slot = DEFERRED + (<usize>which << 3);
  const deferred = load<u64>(slot);
  let left = toScan(freeable, deferred, priority);
  let scanned: u64 = 0;
  while (left >= BATCH || left >= freeable) {
    const batch = min(BATCH, left);
    if (!scanObjects(cpu, which, batch)) break;
    left -= batch;
    scanned += batch;
  }
  const before = deferred + share(freeable, priority);
  store<u64>(slot, min(before > scanned ? before - scanned : 0, 2 * freeable));
}
