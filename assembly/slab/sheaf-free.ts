// Freeing in 7.2: mm/slub.c:free_to_pcs, __pcs_replace_full_main, free_to_pcs_bulk.

import { barnGetEmpty, barnIsFull, barnPutFull, barnReplaceFull } from "./barn";
import { WORD } from "./detached";
import { slabIndexOf } from "./locate";
import { nodeFreeBulk } from "./node-free";
import {
  BULK_MAX,
  joinPaths,
  ONE_MOVED,
  SHEAF_FREE_BARN,
  SHEAF_FREE_FAST,
  SHEAF_FREE_FLUSH,
  SHEAF_FREE_NEW,
  SHEAF_FREE_SPARE,
} from "./path";
import { Cache } from "./records";
import { flushMain, flushSheaf } from "./sheaf-flush";
import { allocSheaf } from "./sheaf-pool";
import { barnOf, CpuSheaves, cpuSheaves, NO_SHEAF, sheafAt, sheafSlot } from "./sheaf-records";

/** Frees one object on this CPU; returns the path. */
export function sheafFree(cache: usize, cpu: u32, object: u32): u32 {
  const c = changetype<Cache>(cache);
  assert(cpu < c.cpus); // a CPU of this machine
  assert(slabIndexOf(cache, object) < c.slabs_touched); // an object of this cache
  const per_cpu = cpuSheaves(cache, cpu);
  let path = SHEAF_FREE_FAST;
  if (sheafAt(per_cpu.main).size == barnOf(cache).capacity) {
    path = replaceFullMain(cache, per_cpu);
  }
  c.objects_live--;
  const main = per_cpu.main;
  const size = sheafAt(main).size;
  assert(size == 0 || load<u32>(sheafSlot(main, size - 1)) != object); // freed twice in a row
  store<u32>(sheafSlot(main, size), object);
  sheafAt(main).size = size + 1;
  return path;
}

/** Room in the main sheaf from the spare or the barn; 0 when neither gives any. */
@inline
function replaceFromStock(cache: usize, per_cpu: CpuSheaves): u32 {
  const main = per_cpu.main;
  const spare = per_cpu.spare;
  if (spare == NO_SHEAF) {
    const empty = barnGetEmpty(cache);
    if (empty == NO_SHEAF) return 0;
    per_cpu.spare = main;
    per_cpu.main = empty;
    return SHEAF_FREE_BARN;
  }
  if (sheafAt(spare).size < barnOf(cache).capacity) {
    per_cpu.main = spare;
    per_cpu.spare = main;
    return SHEAF_FREE_SPARE;
  }
  if (barnIsFull(cache)) return 0;
  const empty = barnReplaceFull(cache, main);
  if (empty == NO_SHEAF) return 0;
  per_cpu.main = empty;
  return SHEAF_FREE_BARN;
}

/** Makes the main sheaf one with room; returns the path. */
function replaceFullMain(cache: usize, per_cpu: CpuSheaves): u32 {
  const path = replaceFromStock(cache, per_cpu);
  if (path != 0) return path;
  const spare = per_cpu.spare;
  if (spare != NO_SHEAF && barnIsFull(cache)) {
    // Nobody wants another full sheaf: the spare is emptied and becomes the main one.
    const flushed = flushSheaf(cache, spare);
    per_cpu.spare = per_cpu.main;
    per_cpu.main = spare;
    return flushed;
  }
  const empty = allocSheaf(cache);
  if (empty == NO_SHEAF) return flushMain(cache, per_cpu);
  if (spare == NO_SHEAF) {
    per_cpu.spare = per_cpu.main;
    per_cpu.main = empty;
    return SHEAF_FREE_NEW;
  }
  barnPutFull(cache, per_cpu.main);
  per_cpu.main = empty;
  return SHEAF_FREE_NEW | SHEAF_FREE_BARN;
}

/**
 * kmem_cache_free_bulk: frees `count` objects (at most 2048) whose addresses are an array of words
 * at `array`. When sheaves run out, the rest goes straight to slabs, which reorders it. Returns the
 * path.
 */
export function sheafFreeBulk(cache: usize, cpu: u32, array: usize, count: u32): u32 {
  const c = changetype<Cache>(cache);
  assert(count <= BULK_MAX); // a path could not hold the sums
  assert(cpu < c.cpus); // a CPU of this machine
  const per_cpu = cpuSheaves(cache, cpu);
  const capacity = barnOf(cache).capacity;
  c.objects_live -= count;
  let path: u32 = 0;
  let done: u32 = 0;
  while (done < count) {
    let step = SHEAF_FREE_FAST;
    if (sheafAt(per_cpu.main).size == capacity) step = replaceFromStock(cache, per_cpu);
    if (step == 0) return joinPaths(path, freeRest(cache, array + done * WORD, count - done));
    path |= step;
    const main = per_cpu.main;
    const size = sheafAt(main).size;
    const batch = min<u32>(count - done, capacity - size);
    memory.copy(sheafSlot(main, size), array + done * WORD, batch * WORD);
    sheafAt(main).size = size + batch;
    done += batch;
  }
  return path;
}

function freeRest(cache: usize, array: usize, count: u32): u32 {
  const freed = nodeFreeBulk(cache, array, count);
  return SHEAF_FREE_FLUSH | ((freed & ~255) + count * ONE_MOVED);
}
