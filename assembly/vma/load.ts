// Building the address space before the clock starts: VMAs come from the host in ascending order.

import { AllocationOrder, Config } from "../abi/config";
import { LoadAnswer, Metric, Region } from "../abi/metric";
import { RESIDENT_SHIFT } from "../abi/page";
import { VmaFlag } from "../abi/vma";
import { config, metric, setMetric } from "../memory/slots";
import { isGeneration72, regionBase, STAGED_BYTES } from "../memory/map";
import { permutationInit, permute, PERMUTATION_BYTES } from "../memory/permute";
import { treeAppend, treeInit, treeLoad, treeSetReclaimAtOnce } from "../index/tree";
import { measure } from "../metrics/dead";
import { PAGES_PER_HUGE, setHuge, wholeBlocks } from "../page/huge-vma";
import { mapsFile, residentPages } from "../page/resident";
import { cacheFirstObject as firstObjectOf } from "../slab/slab";
import { homeOf, Mm, MM_TREE, mmAt, mmTotal, theMm } from "./mm";
import { allocLock, allocVma } from "./objects";
import { noteTables, tableVmasInit } from "./table-vmas";
import {
  changeState,
  LOCK_RECORD_BYTES,
  setLength,
  setStart,
  Vma,
  vmaAt,
  vmaPages,
  VMA_RECORD_BYTES,
  vmaStart,
  VmaState,
} from "./record";

/** Page numbers end below this: 57-bit addresses. */
const PAGES_END: u64 = 1 << 45;

let lastPage: u64 = 0;
let loaded: u32 = 0;
/** First objects of the two caches where all are allocated beforehand, in random order; else 0. */
let firstVma: u32 = 0;
let firstLock: u32 = 0;
const ORDER: usize = memory.data(PERMUTATION_BYTES, 8);

export function loadInit(): void {
  // exit_mmap leaves RCU mode anyway
  for (let id: u32 = 0; id < mmTotal(); id++) {
    const tree = <usize>mmAt(id).tree;
    treeInit(tree, regionBase(Region.INDEX), <u32>config(Config.GENERATION), false);
    treeSetReclaimAtOnce(tree, true); // nobody looks while it is built
  }
  lastPage = 0;
  tableVmasInit();
  loaded = 0;
  firstVma = 0;
  if (isGeneration72()) allocateParent();
  if (config(Config.ALLOCATION_ORDER) == <u64>AllocationOrder.RANDOM) allocateAll();
}

/** VMAs of the process that waits: they live on, so a slab they share never empties. */
export const PARENT_VMAS: u32 = 12;

/** [simplified: kernel 7.2, mm/slub.c; in 6.12 this would move no measured figure] */
function allocateParent(): void {
  for (let i: u32 = 0; i < PARENT_VMAS; i++) allocVma(<u32>config(Config.EXIT_CPU));
}

/** Fresh caches hand out objects in ascending order, so the n-th object is n records on. */
function allocateAll(): void {
  const vmas = <u32>config(Config.VMAS);
  const cpu = <u32>config(Config.EXIT_CPU);
  permutationInit(ORDER, vmas);
  for (let i: u32 = 0; i < vmas; i++) {
    const vma = allocVma(cpu);
    const lock = allocLock(cpu);
    if (i == 0) {
      firstVma = isGeneration72() ? firstObjectOf(regionBase(Region.VMA_CACHE)) : vma;
      firstLock = lock;
    }
    if (isGeneration72()) {
      vmaAt(firstVma + i * VMA_RECORD_BYTES).lock = vma; // neighbours come in any order
      continue;
    }
    assert(vma == firstVma + i * VMA_RECORD_BYTES); // what vmaObject relies on
    assert(lock == firstLock + i * LOCK_RECORD_BYTES);
  }
}

/** Object of the VMA that comes `index`-th in the address space, allocated on `cpu`. */
function vmaObject(index: u32, cpu: u32): u32 {
  if (firstVma == 0) return allocVma(cpu);
  const drawn = firstVma + permute(ORDER, index) * VMA_RECORD_BYTES;
  return isGeneration72() ? vmaAt(drawn).lock : drawn;
}

function lockObject(index: u32, cpu: u32): u32 {
  if (firstVma == 0) return allocLock(cpu);
  return isGeneration72() ? 0 : firstLock + permute(ORDER, index) * LOCK_RECORD_BYTES;
}

/** Takes `count` VMAs from the staging area. */
export function loadStaged(count: u32): i32 {
  let at = regionBase(Region.STAGING);
  for (let i: u32 = 0; i < count; i++, at += STAGED_BYTES) {
    const first = load<u64>(at);
    const pages = load<u64>(at, 8);
    if (atNextMm()) {
      lastPage = 0;
      tableVmasInit();
    }
    if (pages == 0 || (lastPage != 0 && first <= lastPage)) return LoadAnswer.NOT_ASCENDING;
    if (first >= PAGES_END || pages > PAGES_END - first) return LoadAnswer.BEYOND_END;
    if (<u64>loaded == config(Config.VMAS)) return LoadAnswer.TOO_MANY;
    const vma = attachVma(first, pages, load<u32>(at, 16));
    const huge = load<u32>(at, 20);
    if (huge != 0 && !touchHuge(vma, huge)) return LoadAnswer.HUGE_MISFIT;
    lastPage = first + pages - 1;
  }
  return LoadAnswer.OK;
}

/** VMAs of one mm: all have as many. */
function vmasEach(): u32 {
  return <u32>config(Config.VMAS) / mmTotal();
}

/** Does the next VMA begin another address space? */
function atNextMm(): bool {
  return vmasEach() != 0 && loaded % vmasEach() == 0;
}

/** The mm that the next VMA belongs to. */
function mmOfNext(): Mm {
  return mmTotal() == 1 ? theMm() : mmAt(loaded / vmasEach());
}

/** A VMA's huge pages; false when they are too many, or its memory is not anonymous. */
function touchHuge(vma: Vma, huge: u32): bool {
  if (mapsFile(vma) || <u64>huge > wholeBlocks(vma)) return false;
  const pages = <u64>huge * PAGES_PER_HUGE;
  // a share that was rounded off may say fewer pages than the huge ones have
  const resident = max(residentPages(vma), pages);
  setHuge(vma, huge, resident - pages);
  return true;
}

function attachVma(first: u64, pages: u64, flags: u32): Vma {
  const mm = mmOfNext();
  const cpu = homeOf(mm.id);
  const address = vmaObject(loaded, cpu);
  const lock = lockObject(loaded, cpu);
  assert(address != 0); // the plan has an object for every VMA
  const vma = vmaAt(address);
  if (firstVma == 0 || !isGeneration72()) vma.lock = lock;
  setStart(vma, first);
  setLength(vma, pages);
  vma.flags = <u16>flags & ~<u16>VmaFlag.HUGE;
  vma.resident = <u16>(flags >> RESIDENT_SHIFT);
  vma.group = 0;
  vma.life++;
  changeState(vma, VmaState.FREE, VmaState.ATTACHED);
  const stored = treeAppend(<usize>mm.tree, first, first + pages - 1, address);
  assert(stored == 0); // and nodes for all of them
  mm.mapCount++;
  if ((flags & <u32>VmaFlag.ACCOUNT) != 0) mm.chargedPages += pages;
  loaded++;
  // a process that only exits is measured whole; one that unmaps, in what it unmaps
  if (config(Config.MUNMAP_CALLS) == 0) measure(vma);
  noteTables(mm, vma);
  return vma;
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
