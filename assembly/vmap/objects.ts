// What a vmalloc takes from slabs: the record of its area, its descriptor, the array that names its
// pages. What these cost besides the fast ways, which the costs of the steps around them contain:
// slabs that come for the first time, frees into slabs that are not the CPU's own, slabs that go.
// Whoever frees what he has just allocated never sees any of it; thousands of areas that are held
// and go later see little else.
//
// [same: mm/slub.c, 6.12, by assembly/slab: one CPU slab a cache, partial lists, node list]
// [same: mm/vmalloc.c:alloc_vmap_area, va_clip, merge_or_add_vmap_area_augment, 6.12: a record of
//  its own for each area; that of a block which is used up goes at once, that of an area which
//  joins a neighbour goes in the purge]
// [simplified: mm/vmalloc.c:__vmalloc_area_node: arrays of more than one page are taken and freed
//  the fast way; arrays of one page are not (kmalloc-8)]
// [same: mm/vmalloc.c:preload_this_cpu_lock, va_clip, 6.12: the record that cuts a block in two is
//  the CPU's own spare one, which its next allocation replaces; the first one is of boot]
// [left out: objects of these caches that the rest of the kernel has; sheaves, 7.2: its profile
//  prices none of this, nor does 2019, so nothing is tracked there]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { HoleSearch } from "../abi/vmalloc";
import { config, cost } from "../memory/slots";
import {
  ALLOC_FAILED,
  ALLOC_FAST,
  ALLOC_NEW_SLAB,
  cacheBytes,
  cacheInit,
  cacheLastPath,
  cacheObjectsLive,
  cachePagesLive,
  cpuPartialSlabs,
  FREE_FAST,
  FREE_LIST_LOCK,
  FREE_TO_PARTIAL,
  minPartial,
  objectsPerSlab,
  pathDiscarded,
  pathMoved,
  slabAlloc,
  slabFree,
  slabOrder,
} from "../slab/slab";
import { orderFromList, orderToList, pageListsBytes, pageListsInit } from "./page-lists";

export enum ObjectKind {
  /** struct vmap_area */
  RECORD,
  /** struct vm_struct, which kmalloc-96 holds */
  DESCRIPTOR,
  /** the pointer to one page, kmalloc-8 */
  ARRAY,
  COUNT,
}

const BYTES: usize = memory.data<u32>([72, 96, 8]);
const CACHES: usize = memory.data(12, 4);
/** The simulator's own record of an object: a link while it is free. */
const LINK_BYTES: u32 = 4;

//  0        4       8
//  ┌────────┬───────┐
//  │ object │ empty │
//  └────────┴───────┘
/** ne_fit_preload_node: a CPU's spare record. */
@unmanaged
class Spare {
  object: u32;
  empty: u32;
}

const SPARE_BYTES: u64 = 8;

let spares: usize = 0;
let tracked: bool = false;
/** Records of blocks that are gone, not freed yet: at most two by any step. */
let gone: u32 = 0;
let goneToo: u32 = 0;

@inline
function bytesOf(kind: u32): u32 {
  return load<u32>(BYTES + (<usize>kind << 2));
}

@inline
function cacheOf(kind: u32): usize {
  return <usize>load<u32>(CACHES + (<usize>kind << 2));
}

function cacheRegion(kind: u32, areas: u32, cpus: u32): u64 {
  const bytes = bytesOf(kind);
  const order = slabOrder(bytes, cpus);
  const size = cacheBytes(areas, LINK_BYTES, objectsPerSlab(bytes, order), cpus);
  return (size + 63) & ~63;
}

/** Bytes of all of it. */
export function objectsBytes(areas: u32, cpus: u32): u64 {
  if (!isTree()) return 0;
  let sum = sparesAndLists(cpus);
  for (let kind: u32 = 0; kind < <u32>ObjectKind.COUNT; kind++) {
    sum += cacheRegion(kind, objectsPlanned(areas, cpus), cpus);
  }
  return sum;
}

function sparesAndLists(cpus: u32): u64 {
  return (<u64>cpus * SPARE_BYTES + pageListsBytes(cpus) + 63) & ~63;
}

/** One an area, and spare records. */
function objectsPlanned(areas: u32, cpus: u32): u32 {
  return areas + cpus;
}

function isTree(): bool {
  return config(Config.VMAP_SEARCH) == <u64>HoleSearch.TREE;
}

/** Lays out empty caches at `at` (64-byte aligned, cleared). */
export function objectsInit(at: usize, areas: u32, cpus: u32): void {
  tracked = isTree() && cost(CostSlot.VMAP_SLAB_FREE_SLOW) != 0;
  gone = 0;
  goneToo = 0;
  if (!isTree()) {
    pageListsInit(0, 0);
    return;
  }
  spares = at;
  pageListsInit(at + <usize>(<u64>cpus * SPARE_BYTES), cpus);
  const planned = objectsPlanned(areas, cpus);
  let next = at + <usize>sparesAndLists(cpus);
  for (let kind: u32 = 0; kind < <u32>ObjectKind.COUNT; kind++) {
    const bytes = bytesOf(kind);
    const order = slabOrder(bytes, cpus);
    const each = objectsPerSlab(bytes, order);
    store<u32>(CACHES + (<usize>kind << 2), <u32>next);
    cacheInit(
      next, planned, LINK_BYTES, each, order, cpus, cpuPartialSlabs(bytes, each), minPartial(bytes),
    );
    next += <usize>cacheRegion(kind, planned, cpus);
  }
}

/** Objects are followed: there is a price that hangs on them. */
@inline
export function objectsTracked(): bool {
  return tracked;
}

export function objectsLive(kind: ObjectKind): u32 {
  return tracked ? cacheObjectsLive(cacheOf(kind)) : 0;
}

/** Pages of all slabs there are. */
export function objectPages(): u64 {
  let sum: u64 = 0;
  for (let kind: u32 = 0; kind < <u32>ObjectKind.COUNT; kind++) {
    sum += <u64>cachePagesLive(cacheOf(kind));
  }
  return sum;
}

let price: u64 = 0;

/** What the last object taken or freed cost beyond the fast way. */
@inline
export function objectPrice(): u64 {
  return price;
}

/** An object for a CPU; 0 where none are followed. */
export function takeObject(id: u32, kind: ObjectKind): u32 {
  price = 0;
  if (!tracked) return 0;
  const cache = cacheOf(kind);
  const object = slabAlloc(cache, id);
  const path = cacheLastPath(cache);
  assert(path != ALLOC_FAILED); // as many are planned as there are areas
  if (path == ALLOC_FAST) return object;
  if (path != ALLOC_NEW_SLAB) {
    const moved = <u64>pathMoved(path);
    price = cost(CostSlot.VMAP_SLAB_ACTIVATE) + cost(CostSlot.VMAP_SLAB_MOVE) * moved;
    return object;
  }
  const order = slabOrder(bytesOf(kind), 1);
  const each = <u64>objectsPerSlab(bytesOf(kind), order);
  price =
    cost(CostSlot.VMAP_SLAB_NEW) +
    cost(CostSlot.VMAP_SLAB_NEW_OBJECT) * each +
    orderFromList(id, order);
  return object;
}

@inline
function spareOf(id: u32): Spare {
  return changetype<Spare>(spares + <usize>(<u64>id * SPARE_BYTES));
}

/** Sees to it that a CPU has a spare record; answers the price of its slab. */
export function preloadSpare(id: u32): u64 {
  if (!tracked || spareOf(id).empty == 0) return 0;
  spareOf(id).empty = 0;
  spareOf(id).object = takeObject(id, ObjectKind.RECORD);
  return price;
}

/** The CPU's spare record: what is left of a block has it. */
export function takeSpare(id: u32): u32 {
  if (!tracked) return 0;
  const object = spareOf(id).object;
  spareOf(id).object = 0;
  spareOf(id).empty = 1;
  return object;
}

/** Frees one on a CPU; answers the price. */
export function freeObject(id: u32, kind: ObjectKind, object: u32): u64 {
  price = 0;
  if (object == 0) return 0;
  const path = slabFree(cacheOf(kind), id, object);
  if (path == FREE_FAST) return 0;
  price = cost(CostSlot.VMAP_SLAB_FREE_SLOW);
  if ((path & FREE_TO_PARTIAL) != 0) price += cost(CostSlot.VMAP_SLAB_TO_PARTIAL);
  if ((path & FREE_LIST_LOCK) != 0) price += cost(CostSlot.VMAP_SLAB_LIST_LOCK);
  const discarded = <u64>pathDiscarded(path);
  price += cost(CostSlot.VMAP_SLAB_MOVE) * <u64>pathMoved(path);
  price += cost(CostSlot.VMAP_SLAB_DISCARD) * discarded;
  const order = slabOrder(bytesOf(kind), 1);
  for (let i: u64 = 0; i < discarded; i++) price += orderToList(id, order);
  return price;
}

/** A block's record is of no use any more: `freeGone` frees it. */
export function dropRecord(object: u32): void {
  if (object == 0) return;
  assert(goneToo == 0); // an area joins two blocks at most
  goneToo = gone;
  gone = object;
}

/** Frees the records that have been dropped, the first one first; answers the price. */
export function freeGone(id: u32): u64 {
  let sum: u64 = 0;
  if (goneToo != 0) sum += freeObject(id, ObjectKind.RECORD, goneToo);
  if (gone != 0) sum += freeObject(id, ObjectKind.RECORD, gone);
  goneToo = 0;
  gone = 0;
  return sum;
}
