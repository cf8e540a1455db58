// The slab model's exports as the tests see them.

import { loadRoom, type Target } from "../queue/load.ts";

interface Constants {
  ALLOC_FAST: WebAssembly.Global;
  ALLOC_REFILL: WebAssembly.Global;
  ALLOC_CPU_PARTIAL: WebAssembly.Global;
  ALLOC_NODE_PARTIAL: WebAssembly.Global;
  ALLOC_NEW_SLAB: WebAssembly.Global;
  ALLOC_FAILED: WebAssembly.Global;
  FREE_FAST: WebAssembly.Global;
  FREE_SLOW: WebAssembly.Global;
  FREE_FROZEN: WebAssembly.Global;
  FREE_TO_PARTIAL: WebAssembly.Global;
  FREE_LIST_LOCK: WebAssembly.Global;
  FREE_EMPTIED: WebAssembly.Global;
  SHEAF_ALLOC_FAST: WebAssembly.Global;
  SHEAF_ALLOC_SPARE: WebAssembly.Global;
  SHEAF_ALLOC_BARN: WebAssembly.Global;
  SHEAF_ALLOC_REFILL: WebAssembly.Global;
  SHEAF_ALLOC_SLAB: WebAssembly.Global;
  SHEAF_FREE_FAST: WebAssembly.Global;
  SHEAF_FREE_SPARE: WebAssembly.Global;
  SHEAF_FREE_BARN: WebAssembly.Global;
  SHEAF_FREE_NEW: WebAssembly.Global;
  SHEAF_FREE_FLUSH: WebAssembly.Global;
  SHEAF_FREE_RCU: WebAssembly.Global;
  RCU_SHEAF_QUEUED: WebAssembly.Global;
  RCU_SHEAF_NONE: WebAssembly.Global;
}

export interface SlabRoom extends Constants {
  memory: WebAssembly.Memory;
  slabOrder(object_bytes: number, cpus: number): number;
  objectsPerSlab(object_bytes: number, order: number): number;
  cpuPartialObjects(object_bytes: number): number;
  cpuPartialSlabs(object_bytes: number, objs_per_slab: number): number;
  minPartial(object_bytes: number): number;
  sheafCapacity(object_bytes: number, asked: number): number;
  cacheBytes(objects: number, record_bytes: number, objs_per_slab: number, cpus: number): bigint;
  cacheInit(
    cache: number,
    objects: number,
    record_bytes: number,
    objs_per_slab: number,
    slab_order: number,
    cpus: number,
    cpu_partial_slabs: number,
    min_partial: number,
  ): void;
  cacheSetTypesafe(cache: number): void;
  slabAlloc(cache: number, cpu: number): number;
  slabFree(cache: number, cpu: number, object: number): number;
  slabFreeBulk(cache: number, cpu: number, array: number, count: number): number;
  slabPendingTake(cache: number): number;
  slabPageReturn(cache: number, slab: number): void;
  cacheAudit(cache: number): number;
  slabIndexOf(cache: number, object: number): number;
  cacheObjectsLive(cache: number): number;
  cacheObjectsWaiting(cache: number): number;
  cacheObjectsCached(cache: number): number;
  cacheSlabsLive(cache: number): number;
  cacheSlabsWaiting(cache: number): number;
  cacheSlabsDiscarded(cache: number): number;
  cacheSlabsMade(cache: number): number;
  cachePagesLive(cache: number): number;
  cacheKernelBytes(cache: number): bigint;
  cacheSlackBytes(cache: number, object_bytes: number): bigint;
  cacheLastPath(cache: number): number;
  cacheListLocks(cache: number): number;
  cacheSlowFrees(cache: number): number;
  cacheNrPartial(cache: number): number;
  countedBytes(objects: number, objs_per_slab: number): bigint;
  countedInit(
    cache: number,
    objects: number,
    objs_per_slab: number,
    cpu_partial_slabs: number,
    min_partial: number,
  ): void;
  countedAtHand(cache: number): number;
  countedAlloc(cache: number, count: number): number;
  countedFree(cache: number, object: number, count: number): void;
  countedFreeBulk(cache: number, array: number, count: number): void;
  pathMoved(path: number): number;
  pathDiscarded(path: number): number;
  sheafCacheBytes(
    objects: number,
    record_bytes: number,
    objs_per_slab: number,
    cpus: number,
    capacity: number,
    sheaves_waiting: number,
  ): bigint;
  sheafCacheInit(
    cache: number,
    objects: number,
    record_bytes: number,
    objs_per_slab: number,
    slab_order: number,
    cpus: number,
    min_partial: number,
    capacity: number,
    sheaves_waiting: number,
  ): void;
  sheafAlloc(cache: number, cpu: number): number;
  sheafAllocBulk(cache: number, cpu: number, array: number, count: number): number;
  sheafFree(cache: number, cpu: number, object: number): number;
  sheafPrefill(cache: number, cpu: number, size: number): number;
  sheafTake(cache: number, sheaf: number): number;
  sheafReturn(cache: number, cpu: number, sheaf: number): void;
  sheafFreeBulk(cache: number, cpu: number, array: number, count: number): number;
  sheafFlushCpu(cache: number, cpu: number): number;
  barnShrink(cache: number): number;
  rcuSheafPush(cache: number, cpu: number, object: number): number;
  rcuSheafTake(cache: number, cpu: number): number;
  rcuSheafReturn(cache: number, sheaf: number): number;
  rcuSheafDiscard(cache: number, sheaf: number): number;
  sheafNrFull(cache: number): number;
  sheafNrEmpty(cache: number): number;
  sheafSheavesLive(cache: number): number;
  sheafKernelBytes(cache: number): bigint;
  sheafBarnLocks(cache: number): number;
  sheafObjectsFlushed(cache: number): number;
  sheafRcuFailures(cache: number): number;
}

/** Where the tests put an array of object addresses (16 KiB), and their cache. */
export const ARRAY = 4096;
export const CACHE = 32768;

/** Address of the first object record: the first word of the cache. */
export function objectsBase(room: SlabRoom): number {
  return new Uint32Array(room.memory.buffer)[CACHE / 4]!;
}

export function loadSlab(target: Target = "release", pages = 64): SlabRoom {
  return loadRoom<SlabRoom>("slab", target, pages);
}

/** Writes object addresses to ARRAY. */
export function writeArray(room: SlabRoom, objects: readonly number[]): void {
  new Uint32Array(room.memory.buffer).set(objects, ARRAY / 4);
}

export function readArray(room: SlabRoom, count: number): number[] {
  return [...new Uint32Array(room.memory.buffer, ARRAY, count)];
}

/** Names of the bits of a path, in the order of the bits. */
export function bitNames(
  room: SlabRoom,
  path: number,
  names: readonly (keyof Constants)[],
): string[] {
  return names.filter((name) => (path & 255 & room[name].value) !== 0);
}
