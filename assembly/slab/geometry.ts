// How the kernel cuts pages into objects: mm/slub.c:calculate_order, set_cpu_partial,
// min_partial from do_kmem_cache_create, calculate_sheaf_capacity.
// Same rule in 6.12 and 7.2. A caller that measured another geometry passes its own numbers.

/** Bytes of a page. */
export const PAGE_BYTES: u32 = 4096;
/** slub_max_order: larger slabs are only taken for objects that do not fit. */
export const SLUB_MAX_ORDER: u32 = 3;
/** MAX_ORDER of the page allocator (10: 4 MiB). */
const PAGE_ORDER_MAX: u32 = 10;
/** Largest value of slab->objects, a field of 15 bits. */
const OBJECTS_PER_SLAB_MAX: u32 = 32767;
/** Bytes of a sheaf before its array of pointers. */
const SHEAF_HEADER_BYTES: u32 = 32;
const POINTER_BYTES: u32 = 8;

/** Index of the highest set bit counted from 1; 0 for 0. */
@inline
function fls(x: u32): u32 {
  return 32 - clz<u32>(x);
}

/** Smallest order whose pages hold `bytes` (at least 1). */
function orderOf(bytes: u32): u32 {
  return fls((bytes - 1) / PAGE_BYTES);
}

/** Smallest order from `from` with a waste of at most 1/`fraction`; beyond the maximum if none. */
function orderWithWaste(object_bytes: u32, from: u32, fraction: u32): u32 {
  let order = from;
  for (; order <= SLUB_MAX_ORDER; order++) {
    const slab_bytes = PAGE_BYTES << order;
    if (slab_bytes % object_bytes <= slab_bytes / fraction) break;
  }
  return order;
}

/** Page order of the slabs of `object_bytes` objects on a machine with `cpus` present CPUs. */
export function slabOrder(object_bytes: u32, cpus: u32): u32 {
  assert(object_bytes >= 8 && object_bytes <= PAGE_BYTES << PAGE_ORDER_MAX); // a slab cache's range
  assert(cpus >= 1); // for one present CPU the kernel counts the possible ones: pass those
  const fit = max<u32>((PAGE_BYTES << SLUB_MAX_ORDER) / object_bytes, 1);
  const wanted = min<u32>(4 * (fls(cpus) + 1), fit);
  const from = orderOf(wanted * object_bytes);
  if ((PAGE_BYTES << from) / object_bytes > OBJECTS_PER_SLAB_MAX) {
    return orderOf(object_bytes * OBJECTS_PER_SLAB_MAX) - 1;
  }
  for (let fraction: u32 = 16; fraction > 1; fraction >>= 1) {
    const order = orderWithWaste(object_bytes, from, fraction);
    if (order <= SLUB_MAX_ORDER) return order;
  }
  return orderOf(object_bytes);
}

/** Objects in a slab of 2^order pages. */
export function objectsPerSlab(object_bytes: u32, order: u32): u32 {
  return (PAGE_BYTES << order) / object_bytes;
}

/** Objects a CPU's list of partial slabs is meant to hold, 6.12 (cpu_partial). */
export function cpuPartialObjects(object_bytes: u32): u32 {
  if (object_bytes >= PAGE_BYTES) return 6;
  if (object_bytes >= 1024) return 24;
  if (object_bytes >= 256) return 52;
  return 120;
}

/** Slabs on a CPU's list of partial slabs at most, 6.12: they are taken to be half full. */
export function cpuPartialSlabs(object_bytes: u32, objs_per_slab: u32): u32 {
  return (cpuPartialObjects(object_bytes) * 2 + objs_per_slab - 1) / objs_per_slab;
}

/** Partial slabs a node keeps although they are empty. */
export function minPartial(object_bytes: u32): u32 {
  const half = (fls(object_bytes) - 1) / 2;
  return min<u32>(max<u32>(half, 5), 10);
}

/** Bytes of the kernel's memory for a sheaf of `capacity` objects. */
export function sheafObjectBytes(capacity: u32): u32 {
  return kmallocBytes(SHEAF_HEADER_BYTES + capacity * POINTER_BYTES);
}

/** Bytes of the kmalloc bucket that holds `bytes` (8 KiB is the largest). */
function kmallocBytes(bytes: u32): u32 {
  if (bytes <= 8) return 8;
  if (bytes > 64 && bytes <= 96) return 96;
  if (bytes > 128 && bytes <= 192) return 192;
  return 1 << fls(bytes - 1);
}

/** Objects in a sheaf, 7.2; `asked` is what the cache's creator asks for (0: nothing). */
export function sheafCapacity(object_bytes: u32, asked: u32): u32 {
  let base: u32 = 60;
  if (object_bytes >= PAGE_BYTES) base = 4;
  else if (object_bytes >= 1024) base = 12;
  else if (object_bytes >= 256) base = 26;
  const bytes = kmallocBytes(SHEAF_HEADER_BYTES + base * POINTER_BYTES);
  return max<u32>(asked, (bytes - SHEAF_HEADER_BYTES) / POINTER_BYTES);
}
