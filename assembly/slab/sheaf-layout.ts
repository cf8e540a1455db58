// How large a 7.2 cache is, and how it is laid out.

import { headBytes, initCache } from "./layout";
import { Cache } from "./records";
import { allocSheaf } from "./sheaf-pool";
import { Barn, cpuSheaves, MAX_FULL_SHEAVES, NO_SHEAF, Sheaf } from "./sheaf-records";

/** main, spare and rcu_free. */
const SHEAVES_PER_CPU: u32 = 3;

/** Bytes of a Sheaf record with its objects. */
function sheafBytes(capacity: u32): u32 {
  return (offsetof<Sheaf>() + capacity * 4 + 15) & ~15;
}

/**
 * Sheaves that can exist: a new one is only allocated while the barn has no empty one, so there
 * are at most the CPUs' own, ten full ones, the waiting ones and the one in hand.
 */
function sheafRecords(cpus: u32, sheaves_waiting: u32): u64 {
  return (<u64>cpus) * SHEAVES_PER_CPU + MAX_FULL_SHEAVES + sheaves_waiting + 1;
}

/** Slabs for `objects` objects besides those that sheaves of other CPUs and grace periods hold. */
function sheafSlabCapacity(
  objects: u32,
  objs_per_slab: u32,
  cpus: u32,
  capacity: u32,
  sheaves_waiting: u32,
): u64 {
  const sheaves = (<u64>cpus) * SHEAVES_PER_CPU + sheaves_waiting + 1;
  return ((<u64>objects) + sheaves * capacity + objs_per_slab - 1) / objs_per_slab;
}

@inline
function objectBytes(slabs: u64, objs_per_slab: u32, record_bytes: u32): u64 {
  return (slabs * objs_per_slab * record_bytes + 63) & ~63;
}

/**
 * Bytes of a 7.2 cache. `objects` counts those that are live, and in a typesafe cache those in
 * slabs that wait for a grace period; `sheaves_waiting` rcu sheaves can wait at a time.
 */
export function sheafCacheBytes(
  objects: u32,
  record_bytes: u32,
  objs_per_slab: u32,
  cpus: u32,
  capacity: u32,
  sheaves_waiting: u32,
): u64 {
  const slabs = sheafSlabCapacity(objects, objs_per_slab, cpus, capacity, sheaves_waiting);
  const sheaves = sheafRecords(cpus, sheaves_waiting) * sheafBytes(capacity);
  const barn = ((<u64>offsetof<Barn>()) + sheaves + 63) & ~63;
  return headBytes(slabs, cpus) + objectBytes(slabs, objs_per_slab, record_bytes) + barn;
}

/** Lays out an empty 7.2 cache at `cache` (64-byte aligned); see cacheInit. */
export function sheafCacheInit(
  cache: usize,
  objects: u32,
  record_bytes: u32,
  objs_per_slab: u32,
  slab_order: u32,
  cpus: u32,
  min_partial: u32,
  capacity: u32,
  sheaves_waiting: u32,
): void {
  assert(capacity >= 1 && capacity <= 256); // a path counts the objects of a flushed barn
  const slabs = sheafSlabCapacity(objects, objs_per_slab, cpus, capacity, sheaves_waiting);
  initCache(cache, slabs, record_bytes, objs_per_slab, slab_order, cpus);
  const c = changetype<Cache>(cache);
  const base = (<u64>c.objects) + objectBytes(slabs, objs_per_slab, record_bytes);
  const records = sheafRecords(cpus, sheaves_waiting);
  assert(base + offsetof<Barn>() + records * sheafBytes(capacity) <= 0xffffffff); // 32 bits
  c.min_partial = min_partial;
  c.barn = <u32>base;
  memory.fill(<usize>base, 0, offsetof<Barn>());
  const barn = changetype<Barn>(<usize>base);
  barn.capacity = capacity;
  barn.sheaf_bytes = sheafBytes(capacity);
  barn.sheaf_records = <u32>records;
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    const per_cpu = cpuSheaves(cache, cpu);
    per_cpu.main = allocSheaf(cache);
    per_cpu.spare = NO_SHEAF;
    per_cpu.rcu_free = NO_SHEAF;
  }
}
