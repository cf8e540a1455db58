// The slab model: what the rest of the engine uses of it.

export {
  cacheKernelBytes,
  cacheLastPath,
  cacheListLocks,
  cacheNrPartial,
  cacheObjectsCached,
  cacheObjectsLive,
  cachePagesLive,
  cacheSlabsDiscarded,
  cacheSlabsLive,
  cacheSlabsMade,
  cacheSlabsWaiting,
  cacheSlackBytes,
  cacheSlowFrees,
} from "./account";
export { slabAlloc } from "./alloc";
export { slabFreeBulk } from "./bulk";
export { slabFree } from "./free";
export {
  cpuPartialObjects,
  cpuPartialSlabs,
  minPartial,
  objectsPerSlab,
  sheafCapacity,
  slabOrder,
} from "./geometry";
export { cacheBytes, cacheInit, cacheSetTypesafe } from "./layout";
export { slabPageReturn, slabPendingTake } from "./pages";
export {
  ALLOC_CPU_PARTIAL,
  ALLOC_FAILED,
  ALLOC_FAST,
  ALLOC_NEW_SLAB,
  ALLOC_NODE_PARTIAL,
  ALLOC_REFILL,
  FREE_EMPTIED,
  FREE_FAST,
  FREE_FROZEN,
  FREE_LIST_LOCK,
  FREE_SLOW,
  FREE_TO_PARTIAL,
  pathDiscarded,
  pathMoved,
} from "./path";
