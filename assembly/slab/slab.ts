// The slab model: what the rest of the engine uses of it.

export {
  cacheFirstObject,
  cacheForgetDiscards,
  cacheKernelBytes,
  cacheLastPath,
  cacheListLocks,
  cacheNrPartial,
  cacheObjectsCached,
  cacheObjectsLive,
  cacheObjectsWaiting,
  cachePagesLive,
  cacheSlabsDiscarded,
  cacheSlabsLive,
  cacheSlabsMade,
  cacheSlabsWaiting,
  cacheSlackBytes,
  cacheSlowFrees,
} from "./account";
export { cacheAudit } from "./audit";
export { slabAlloc } from "./alloc";
export { slabFreeBulk } from "./bulk";
export {
  countedAlloc,
  countedAtHand,
  countedBytes,
  countedFree,
  countedFreeBulk,
  countedInit,
} from "./counted";
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
  SHEAF_ALLOC_BARN,
  SHEAF_ALLOC_FAST,
  SHEAF_ALLOC_REFILL,
  SHEAF_ALLOC_SLAB,
  SHEAF_ALLOC_SPARE,
  SHEAF_FREE_BARN,
  SHEAF_FREE_FAST,
  SHEAF_FREE_FLUSH,
  SHEAF_FREE_NEW,
  SHEAF_FREE_RCU,
  SHEAF_FREE_SPARE,
} from "./path";
export {
  RCU_SHEAF_NONE,
  RCU_SHEAF_QUEUED,
  rcuSheafDiscard,
  rcuSheafObject,
  rcuSheafPush,
  rcuSheafReturn,
  rcuSheafSize,
  rcuSheafTake,
} from "./rcu-sheaf";
export {
  sheafBarnLocks,
  sheafKernelBytes,
  sheafNrEmpty,
  sheafNrFull,
  sheafObjectsFlushed,
  sheafRcuFailures,
  sheafSheavesLive,
} from "./sheaf-account";
export { sheafAlloc, sheafAllocBulk } from "./sheaf-alloc";
export { barnShrink, sheafFlushCpu } from "./sheaf-flush";
export { sheafFree, sheafFreeBulk } from "./sheaf-free";
export { sheafCacheBytes, sheafCacheInit } from "./sheaf-layout";
export { sheafPrefill, sheafReturn, sheafTake } from "./sheaf-prefill";
