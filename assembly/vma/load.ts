// Building the address space before the clock starts: VMAs come from the host in ascending order.

import { AllocationOrder, Config } from "../abi/config";
import { LoadAnswer, Metric, Region } from "../abi/metric";
import { VmaFlag } from "../abi/vma";
import { config, metric, setMetric } from "../memory/slots";
import { regionBase } from "../memory/map";
import { permutationInit, permute, PERMUTATION_BYTES } from "../memory/permute";
import { treeAppend, treeInit, treeLoad } from "../index/tree";
import { slabAlloc } from "../slab/slab";
import { MM_TREE, theMm } from "./mm";
import { changeState, LOCK_RECORD_BYTES, vmaAt, VMA_RECORD_BYTES, VmaState } from "./record";

/** Bytes of a staged VMA: first page and pages as two words each, flags. */
export const STAGED_BYTES: u32 = 20;

/** Page numbers end below this: 57-bit addresses. */
const PAGES_END: u64 = 1 << 45;

let lastPage: u64 = 0;
let loaded: u32 = 0;
/** First objects of the two caches where all are allocated beforehand, in random order; else 0. */
let firstVma: u32 = 0;
let firstLock: u32 = 0;
const ORDER: usize = memory.data(PERMUTATION_BYTES, 8);

export function loadInit(): void {
  treeInit(MM_TREE, regionBase(Region.INDEX), 0, false); // exit_mmap leaves RCU mode anyway
  lastPage = 0;
  loaded = 0;
  firstVma = 0;
  if (config(Config.ALLOCATION_ORDER) == <u64>AllocationOrder.RANDOM) allocateAll();
}

/** Fresh caches hand out objects in ascending order, so the n-th object is n records on. */
function allocateAll(): void {
  const vmas = <u32>config(Config.VMAS);
  const cpu = <u32>config(Config.EXIT_CPU);
  permutationInit(ORDER, vmas);
  for (let i: u32 = 0; i < vmas; i++) {
    const vma = slabAlloc(regionBase(Region.VMA_CACHE), cpu);
    const lock = slabAlloc(regionBase(Region.LOCK_CACHE), cpu);
    if (i == 0) {
      firstVma = vma;
      firstLock = lock;
    }
    assert(vma == firstVma + i * VMA_RECORD_BYTES); // what vmaObject relies on
    assert(lock == firstLock + i * LOCK_RECORD_BYTES);
  }
}

/** Object of the VMA that comes `index`-th in the address space. */
function vmaObject(index: u32): u32 {
  if (firstVma != 0) return firstVma + permute(ORDER, index) * VMA_RECORD_BYTES;
  return slabAlloc(regionBase(Region.VMA_CACHE), <u32>config(Config.EXIT_CPU));
}

function lockObject(index: u32): u32 {
  if (firstVma != 0) return firstLock + permute(ORDER, index) * LOCK_RECORD_BYTES;
  return slabAlloc(regionBase(Region.LOCK_CACHE), <u32>config(Config.EXIT_CPU));
}

/** Takes `count` VMAs from the staging area. */
export function loadStaged(count: u32): i32 {
  let at = regionBase(Region.STAGING);
  for (let i: u32 = 0; i < count; i++, at += STAGED_BYTES) {
    const first = load<u64>(at);
    const pages = load<u64>(at, 8);
    if (pages == 0 || (loaded > 0 && first <= lastPage)) return LoadAnswer.NOT_ASCENDING;
    if (first >= PAGES_END || pages > PAGES_END - first) return LoadAnswer.BEYOND_END;
    if (<u64>loaded == config(Config.VMAS)) return LoadAnswer.TOO_MANY;
    attachVma(first, pages, load<u32>(at, 16));
    lastPage = first + pages - 1;
  }
  return LoadAnswer.OK;
}

function attachVma(first: u64, pages: u64, flags: u32): void {
  const address = vmaObject(loaded);
  const lock = lockObject(loaded);
  assert(address != 0 && lock != 0); // the plan has an object for every VMA
  const vma = vmaAt(address);
  vma.lock = lock;
  vma.startLo = <u32>first;
  vma.startHi = <u16>(first >> 32);
  vma.lengthLo = <u32>pages;
  vma.lengthHi = <u16>(pages >> 32);
  vma.flags = <u16>flags;
  vma.group = 0;
  vma.life++;
  changeState(vma, VmaState.FREE, VmaState.ATTACHED);
  const stored = treeAppend(MM_TREE, first, first + pages - 1, address);
  assert(stored == 0); // and nodes for all of them
  const mm = theMm();
  mm.mapCount++;
  if ((flags & <u32>VmaFlag.ACCOUNT) != 0) mm.chargedPages += pages;
  loaded++;
  setMetric(Metric.N_VMA, metric(Metric.N_VMA) + 1);
}

/**
 * Looks up `count` pages that stand in the staging area (8 bytes each); answers how many lie in a
 * VMA. The object of each is left in the place of its page, 0 where there is none.
 */
export function lookUpStaged(count: u32): u32 {
  const base = regionBase(Region.STAGING);
  let hits: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const at = base + (<usize>i << 3);
    const vma = treeLoad(MM_TREE, load<u64>(at));
    store<u64>(at, <u64>vma);
    if (vma != 0) hits++;
  }
  return hits;
}
