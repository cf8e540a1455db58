// VMAs come into an index and leave it.
//
// [simplified: nodes that a store replaces are reused at once, since every walk is one step here;
//  lib/maple_tree.c:mas_free gives them to RCU]

import { Access, Breach, Happened, MmCost, MmCount, Missing } from "../abi/mm";
import { MmGeneration, MmSetting } from "../abi/mm";
import { treeErase, treeInit, treeSetReclaimAtOnce, treeStore } from "../index/tree";
import { frees, moveOn, report } from "../oracle/lifetime";
import { sheafAlloc, sheafFree, slabAlloc, slabFree } from "../slab/slab";
import { cacheKernelBytes, cacheLastPath } from "../slab/slab";
import { ALLOC_NEW_SLAB, SHEAF_ALLOC_REFILL, SHEAF_ALLOC_SLAB } from "../slab/slab";
import { spend, spendSlabFree } from "./charge";
import { leavePages, wantPages } from "./demand";
import { Actor, Life, MmStruct, mmTree, MmVma, mmVma, setProtection } from "./records";
import { add, generation, happened, oracleOn, seqMask, setting } from "./settings";
import { addressOf, lockCache, nodePool, vmaCache } from "./world";

/** Touched pages of all mms. */
export let pagesUsed: u64 = 0;

export function memoryInit(): void {
  pagesUsed = 0;
}

/** Pages of memory are taken; false when the limit MEMORY_PAGES has none left. */
export function takePages(mm: MmStruct, pages: u64): bool {
  const limit = setting(MmSetting.MEMORY_PAGES);
  if (limit != 0 && pagesUsed + pages + slabPages() > limit) {
    happened(Happened.OUT_OF_MEMORY);
    return false;
  }
  pagesUsed += pages;
  wantPages(mm, pages);
  return true;
}

export function returnPages(mm: MmStruct, pages: u64): void {
  assert(pagesUsed >= pages); // more came back than were taken
  pagesUsed -= pages;
  leavePages(mm, pages);
}

function slabPages(): u64 {
  return cacheKernelBytes(vmaCache) >> 12;
}

export function initTree(mm: MmStruct): void {
  const rules: u32 = generation == <u32>MmGeneration.V7_2 ? 1 : 0;
  treeInit(mmTree(mm), nodePool, rules, true);
  treeSetReclaimAtOnce(mmTree(mm), true);
}

/** A VMA of the mm, not in its index yet; 0 when the cache is used up. */
export function allocVma(cpu: u32, mm: MmStruct): u32 {
  const typesafe = generation == <u32>MmGeneration.V7_2;
  const address = typesafe ? sheafAlloc(vmaCache, cpu) : slabAlloc(vmaCache, cpu);
  if (address == 0) {
    happened(Happened.OUT_OF_MEMORY);
    return 0;
  }
  spendAlloc(cacheLastPath(vmaCache), typesafe);
  const vma = mmVma(address);
  assert(vma.state == <u8>Life.FREE); // the slab handed out what somebody has
  vma.state = <u8>Life.ALLOCATED;
  vma.life++;
  vma.mm = addressOf(mm);
  vma.seq = seqMask;
  vma.ref = 0;
  vma.writer = 0;
  vma.flags = 0;
  vma.touched = 0;
  vma.group = 0;
  vma.queued = 0;
  vma.freed = 0;
  if (generation == <u32>MmGeneration.V6_12) {
    vma.lock = slabAlloc(lockCache, cpu);
    assert(vma.lock != 0); // planned one a VMA
    spend(MmCost.LOCK_ALLOC_FAST);
    if ((cacheLastPath(lockCache) & ALLOC_NEW_SLAB) != 0) spend(MmCost.LOCK_ALLOC_NEW_SLAB);
  }
  add(MmCount.ALLOCATED, 1);
  return address;
}

/** Where the objects came from: in 7.2 a refill of a sheaf is what costs. */
function spendAlloc(path: u32, typesafe: bool): void {
  spend(MmCost.ALLOC_FAST);
  const slow = typesafe ? SHEAF_ALLOC_REFILL | SHEAF_ALLOC_SLAB : ALLOC_NEW_SLAB;
  if ((path & slow) != 0) spend(MmCost.ALLOC_NEW_SLAB);
}

/** Into the index. Its owner holds mmap_lock for write and the VMA is write-locked by birth. */
export function attach(mm: MmStruct, address: u32): void {
  const vma = mmVma(address);
  assert(vma.state == <u8>Life.ALLOCATED); // only fresh ones come in
  assert(vma.start < vma.end); // no empty VMA
  vma.seq = mm.seq;
  vma.queued = mm.holds;
  if (generation == <u32>MmGeneration.V7_2) {
    assert(vma.ref == 0); // [same: include/linux/mmap_lock.h:vma_mark_attached, 7.2]
    vma.ref = 1;
  }
  vma.state = <u8>Life.ATTACHED;
  storeRange(mm, address);
  mm.mapCount++;
}

/** A VMA of actor.y pages with protection actor.z; none where memory is used up. */
export function makeVma(actor: Actor, mm: MmStruct, start: u64): void {
  const made = allocVma(actor.cpu, mm);
  if (made == 0) return;
  const vma = mmVma(made);
  vma.start = start;
  vma.end = start + actor.y;
  setProtection(vma, <u32>actor.z);
  spend(MmCost.STORE);
  attach(mm, made);
}

export function storeRange(mm: MmStruct, address: u32): void {
  const vma = mmVma(address);
  const failed = treeStore(mmTree(mm), vma.start, vma.end - 1, address);
  assert(failed == 0); // nodes were planned
}

/** Empties pages of the index: in one store, as the kernel does. */
export function clearRange(mm: MmStruct, start: u64, end: u64): void {
  const failed = treeStore(mmTree(mm), start, end - 1, 0);
  assert(failed == 0); // nodes were planned
}

export function eraseAt(mm: MmStruct, page: u64): void {
  treeErase(mmTree(mm), page);
}

/** __vm_area_free: back to the slab. False: a breach. */
export function freeNow(actor: Actor, cpu: u32, address: u32, from: Life, deferred: bool): bool {
  const vma = mmVma(address);
  if (!frees(actor, address, deferred)) return false;
  if (oracleOn && generation == <u32>MmGeneration.V7_2 && vma.state == <u8>Life.ATTACHED) {
    // I8: only detached VMAs are freed (mm/vma_init.c:vm_area_free asserts it)
    actor.vmaLife = vma.life;
    report(actor, address, Breach.READER_INSIDE, Access.FREE, Missing.VMA_WRITE_LOCK);
    return false;
  }
  if (!moveOn(actor, address, from, Life.FREE)) return false;
  if (generation == <u32>MmGeneration.V6_12) spendSlabFree(slabFree(lockCache, cpu, vma.lock));
  if (generation == <u32>MmGeneration.V7_2) {
    spend(MmCost.FREE_VMA);
    sheafFree(vmaCache, cpu, address);
  } else spendSlabFree(slabFree(vmaCache, cpu, address));
  add(MmCount.FREED, 1);
  return true;
}

/** A copy for split and fork: all but the lock. */
export function copyVma(to: MmVma, from: MmVma): void {
  to.start = from.start;
  to.end = from.end;
  to.flags = from.flags;
}
