// How large a cache is, and how it is laid out.

import { initDivision } from "./locate";
import { Cache, CpuSlab, cpuSlab, Slab } from "./records";

/** A CPU's partial list holds at most this many slabs: 120 objects of half full slabs. */
export function cpuPartialSlabsMax(objs_per_slab: u32): u32 {
  return (2 * 120 + objs_per_slab - 1) / objs_per_slab;
}

/**
 * Slabs for `objects` objects. One CPU cannot take objects out of another one's active slab and
 * partial list, so each CPU adds what it can hold back.
 */
export function slabCapacity(objects: u32, objs_per_slab: u32, cpus: u32): u64 {
  const dense = ((<u64>objects) + objs_per_slab - 1) / objs_per_slab;
  return dense + (<u64>cpus) * (1 + cpuPartialSlabsMax(objs_per_slab));
}

@inline
function align64(bytes: u64): u64 {
  return (bytes + 63) & ~63;
}

/** Bytes before the object records, from an address that is a multiple of 64. */
@inline
export function headBytes(slab_capacity: u64, cpus: u32): u64 {
  const per_cpu = (<u64>cpus) * offsetof<CpuSlab>();
  return align64((<u64>offsetof<Cache>()) + per_cpu + slab_capacity * offsetof<Slab>());
}

/**
 * Bytes of a 6.12 cache: cache record, per-CPU records, slab records and object records. With
 * these, `objects` objects can be live at any time, whatever CPUs allocated and freed them.
 */
export function cacheBytes(
  objects: u32,
  record_bytes: u32,
  objs_per_slab: u32,
  cpus: u32,
): u64 {
  const slabs = slabCapacity(objects, objs_per_slab, cpus);
  return headBytes(slabs, cpus) + align64(slabs * objs_per_slab * record_bytes);
}

/**
 * Lays out an empty 6.12 cache at `cache` (64-byte aligned). `record_bytes` is a multiple of 4;
 * the geometry is the caller's, geometry.ts has the kernel's rule.
 */
export function cacheInit(
  cache: usize,
  objects: u32,
  record_bytes: u32,
  objs_per_slab: u32,
  slab_order: u32,
  cpus: u32,
  cpu_partial_slabs: u32,
  min_partial: u32,
): void {
  assert(cpu_partial_slabs <= cpuPartialSlabsMax(objs_per_slab)); // planned in slabCapacity
  const slabs = slabCapacity(objects, objs_per_slab, cpus);
  initCache(cache, slabs, record_bytes, objs_per_slab, slab_order, cpus);
  const c = changetype<Cache>(cache);
  c.cpu_partial_slabs = cpu_partial_slabs;
  c.min_partial = min_partial;
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    const per_cpu = cpuSlab(cache, cpu);
    per_cpu.slab = 0;
    per_cpu.freelist = 0;
    per_cpu.partial = 0;
  }
}

/** What both generations have: an empty cache of `slabs` slabs. Per-CPU records are left alone. */
export function initCache(
  cache: usize,
  slabs: u64,
  record_bytes: u32,
  objs_per_slab: u32,
  slab_order: u32,
  cpus: u32,
): void {
  assert((cache & 63) == 0); // object records start on a cache line
  assert(record_bytes >= 4 && (record_bytes & 3) == 0); // a free object holds a link
  assert(objs_per_slab >= 1 && objs_per_slab <= 32767); // slab->objects has 15 bits
  assert(cpus >= 1); // somebody must allocate
  const head = headBytes(slabs, cpus);
  const end = (<u64>cache) + head + slabs * objs_per_slab * record_bytes;
  assert(end <= 0xffffffff); // addresses have 32 bits
  memory.fill(cache, 0, offsetof<Cache>());
  const c = changetype<Cache>(cache);
  c.objects = <u32>(cache + <usize>head);
  c.record_bytes = record_bytes;
  c.objs_per_slab = objs_per_slab;
  c.slab_order = slab_order;
  c.cpus = cpus;
  c.slabs = <u32>(cache + offsetof<Cache>() + cpus * offsetof<CpuSlab>());
  c.slab_capacity = <u32>slabs;
  initDivision(cache);
}

/** Makes the cache SLAB_TYPESAFE_BY_RCU: pages of discarded slabs wait, see pages.ts. */
export function cacheSetTypesafe(cache: usize): void {
  changetype<Cache>(cache).typesafe = 1;
}
