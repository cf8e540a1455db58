// Allocation in 7.2: mm/slub.c:alloc_from_pcs, __pcs_replace_empty_main, alloc_from_pcs_bulk. The
// caller may sleep (GFP_KERNEL), as all who allocate VMAs may.

import { barnGetEmpty, barnPutEmpty, barnReplaceEmpty } from "./barn";
import { WORD } from "./detached";
import { nodeFreeBulk } from "./node-free";
import { allocSingle, refillObjects } from "./node-refill";
import {
  ALLOC_FAILED,
  ONE_MOVED,
  SHEAF_ALLOC_BARN,
  SHEAF_ALLOC_FAST,
  SHEAF_ALLOC_REFILL,
  SHEAF_ALLOC_SLAB,
  SHEAF_ALLOC_SPARE,
} from "./path";
import { Cache } from "./records";
import { flushSheaf } from "./sheaf-flush";
import { allocSheaf, freeSheaf } from "./sheaf-pool";
import { barnOf, CpuSheaves, cpuSheaves, NO_SHEAF, sheafAt, sheafSlot } from "./sheaf-records";

/** An object for this CPU, or 0 when the planned capacity is used up; the path is in last_path. */
export function sheafAlloc(cache: usize, cpu: u32): u32 {
  const c = changetype<Cache>(cache);
  assert(cpu < c.cpus); // a CPU of this machine
  const per_cpu = cpuSheaves(cache, cpu);
  let path = SHEAF_ALLOC_FAST;
  if (sheafAt(per_cpu.main).size == 0) {
    path = replaceEmptyMain(cache, per_cpu);
    if (path == 0) return allocWithoutSheaf(cache);
  }
  c.last_path = path;
  c.objects_live++;
  const main = per_cpu.main;
  const size = sheafAt(main).size - 1;
  sheafAt(main).size = size;
  return load<u32>(sheafSlot(main, size));
}

function allocWithoutSheaf(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  const object = allocSingle(cache);
  c.last_path = object == 0 ? ALLOC_FAILED : SHEAF_ALLOC_SLAB;
  if (object != 0) c.objects_live++;
  return object;
}

/** A main sheaf with objects from the spare or the barn; 0 when neither has any. */
@inline
function replaceFromStock(cache: usize, per_cpu: CpuSheaves): u32 {
  const spare = per_cpu.spare;
  if (spare != NO_SHEAF && sheafAt(spare).size > 0) {
    per_cpu.spare = per_cpu.main;
    per_cpu.main = spare;
    return SHEAF_ALLOC_SPARE;
  }
  const full = barnReplaceEmpty(cache, per_cpu.main);
  if (full == NO_SHEAF) return 0;
  per_cpu.main = full;
  return SHEAF_ALLOC_BARN;
}

/** Makes the main sheaf one with objects; returns the path, or 0 when that is impossible. */
function replaceEmptyMain(cache: usize, per_cpu: CpuSheaves): u32 {
  const path = replaceFromStock(cache, per_cpu);
  if (path != 0) return path;
  const full = fillSheaf(cache, takeEmpty(cache, per_cpu));
  if (full == NO_SHEAF) return 0;
  if (per_cpu.spare == NO_SHEAF) per_cpu.spare = per_cpu.main;
  else barnPutEmpty(cache, per_cpu.main);
  per_cpu.main = full;
  return SHEAF_ALLOC_REFILL + sheafAt(full).size * ONE_MOVED;
}

/** An empty sheaf: the spare, one of the barn, or a new one. */
function takeEmpty(cache: usize, per_cpu: CpuSheaves): u32 {
  const spare = per_cpu.spare;
  per_cpu.spare = NO_SHEAF;
  if (spare != NO_SHEAF) return spare;
  const empty = barnGetEmpty(cache);
  return empty != NO_SHEAF ? empty : allocSheaf(cache);
}

/** Fills an empty sheaf from slabs; if that fails, all goes back and the sheaf too. */
function fillSheaf(cache: usize, sheaf: u32): u32 {
  if (sheaf == NO_SHEAF) return NO_SHEAF;
  const capacity = barnOf(cache).capacity;
  const filled = refillObjects(cache, sheafSlot(sheaf, 0), capacity);
  sheafAt(sheaf).size = filled;
  if (filled == capacity) return sheaf;
  flushSheaf(cache, sheaf);
  freeSheaf(cache, sheaf);
  return NO_SHEAF;
}

/**
 * kmem_cache_alloc_bulk: `count` objects to an array of words at `array`, from sheaves while they
 * last, the rest straight from slabs. Returns true, or false with none taken.
 */
export function sheafAllocBulk(cache: usize, cpu: u32, array: usize, count: u32): bool {
  const c = changetype<Cache>(cache);
  assert(cpu < c.cpus); // a CPU of this machine
  const got = takeFromSheaves(cache, cpuSheaves(cache, cpu), array, count);
  const rest = count - got;
  if (rest > 0) {
    const filled = refillObjects(cache, array + got * WORD, rest);
    if (filled < rest) {
      nodeFreeBulk(cache, array + got * WORD, filled);
      nodeFreeBulk(cache, array, got);
      c.last_path = ALLOC_FAILED;
      return false;
    }
  }
  c.last_path = rest > 0 ? SHEAF_ALLOC_SLAB : SHEAF_ALLOC_FAST;
  c.objects_live += count;
  return true;
}

function takeFromSheaves(cache: usize, per_cpu: CpuSheaves, array: usize, count: u32): u32 {
  let got: u32 = 0;
  while (got < count) {
    if (sheafAt(per_cpu.main).size == 0 && replaceFromStock(cache, per_cpu) == 0) break;
    const main = per_cpu.main;
    const batch = min<u32>(count - got, sheafAt(main).size);
    const size = sheafAt(main).size - batch;
    sheafAt(main).size = size;
    memory.copy(array + got * WORD, sheafSlot(main, size), batch * WORD);
    got += batch;
  }
  return got;
}
