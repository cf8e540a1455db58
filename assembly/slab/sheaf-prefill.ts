// A sheaf that somebody holds for himself, with as many objects as he may need: the maple tree has
// one during a store that may split nodes.
//
// [same: mm/slub.c:kmem_cache_prefill_sheaf, kmem_cache_alloc_from_sheaf, kmem_cache_return_sheaf,
//  barn_get_full_or_empty_sheaf, 7.2, for sizes up to the sheaf's capacity]

import { barnGetEmpty, barnGetFull, barnIsFull, barnPutFull } from "./barn";
import { refillObjects } from "./node-refill";
import { Cache } from "./records";
import { flushSheaf } from "./sheaf-flush";
import { allocSheaf, freeSheaf } from "./sheaf-pool";
import { barnOf, CpuSheaves, cpuSheaves, NO_SHEAF, sheafAt, sheafSlot } from "./sheaf-records";

/** A sheaf with at least `size` objects; NO_SHEAF when the planned capacity is used up. */
export function sheafPrefill(cache: usize, cpu: u32, size: u32): u32 {
  assert(cpu < changetype<Cache>(cache).cpus); // a CPU of this machine
  assert(size <= barnOf(cache).capacity); // larger ones are not sheaves of the cache
  const sheaf = anySheaf(cache, cpuSheaves(cache, cpu));
  if (sheaf == NO_SHEAF || sheafAt(sheaf).size >= size || refill(cache, sheaf)) return sheaf;
  flushSheaf(cache, sheaf);
  freeSheaf(cache, sheaf);
  return NO_SHEAF;
}

/** The spare, whatever is in it; else one of the barn, full or empty; else a new one. */
function anySheaf(cache: usize, per_cpu: CpuSheaves): u32 {
  const spare = per_cpu.spare;
  per_cpu.spare = NO_SHEAF;
  if (spare != NO_SHEAF) return spare;
  const full = barnGetFull(cache);
  if (full != NO_SHEAF) return full;
  const empty = barnGetEmpty(cache);
  return empty != NO_SHEAF ? empty : allocSheaf(cache);
}

/** Fills a sheaf from slabs; false when there were not enough objects. */
function refill(cache: usize, sheaf: u32): bool {
  const wanted = barnOf(cache).capacity - sheafAt(sheaf).size;
  const filled = refillObjects(cache, sheafSlot(sheaf, sheafAt(sheaf).size), wanted);
  sheafAt(sheaf).size += filled;
  return filled == wanted;
}

/** An object of a prefilled sheaf; there must be one. */
export function sheafTake(cache: usize, sheaf: u32): u32 {
  const size = sheafAt(sheaf).size;
  assert(size > 0); // no more than were asked for
  sheafAt(sheaf).size = size - 1;
  changetype<Cache>(cache).objects_live++;
  return load<u32>(sheafSlot(sheaf, size - 1));
}

/** Gives a prefilled sheaf back: the CPU's spare, a full one for the barn, or to the slabs. */
export function sheafReturn(cache: usize, cpu: u32, sheaf: u32): void {
  const per_cpu = cpuSheaves(cache, cpu);
  if (per_cpu.spare == NO_SHEAF) {
    per_cpu.spare = sheaf;
    return;
  }
  if (!barnIsFull(cache) && refill(cache, sheaf)) {
    barnPutFull(cache, sheaf);
    return;
  }
  flushSheaf(cache, sheaf);
  freeSheaf(cache, sheaf);
}
