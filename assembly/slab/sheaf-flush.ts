// Emptying sheaves into slabs: mm/slub.c:sheaf_flush_unused, sheaf_flush_main, pcs_flush_all,
// barn_shrink. Nothing does this by time: only a barn that is full, a shrink or a CPU that goes.

import { nodeFreeBulk } from "./node-free";
import { joinPaths, ONE_MOVED, SHEAF_FREE_FLUSH } from "./path";
import { freeSheaf } from "./sheaf-pool";
import { barnOf, CpuSheaves, cpuSheaves, NO_SHEAF, sheafAt, sheafSlot } from "./sheaf-records";

/** Objects that a flush of the main sheaf frees at a time. */
const PCS_BATCH_MAX: u32 = 32;
/** Counts of a path, without the bits that only a single free has. */
const COUNTS: u32 = ~255;

/** The last `count` objects of a sheaf go to their slabs; returns the path. */
function flushTop(cache: usize, sheaf: u32, count: u32): u32 {
  if (count == 0) return 0;
  const size = sheafAt(sheaf).size - count;
  sheafAt(sheaf).size = size;
  barnOf(cache).flushed += count;
  const freed = nodeFreeBulk(cache, sheafSlot(sheaf, size), count);
  return SHEAF_FREE_FLUSH | ((freed & COUNTS) + count * ONE_MOVED);
}

/** sheaf_flush_unused: all objects of a sheaf that no CPU uses. */
export function flushSheaf(cache: usize, sheaf: u32): u32 {
  return flushTop(cache, sheaf, sheafAt(sheaf).size);
}

/** sheaf_flush_main: all objects of the main sheaf, in chunks, from the top. */
export function flushMain(cache: usize, per_cpu: CpuSheaves): u32 {
  const main = per_cpu.main;
  let path: u32 = 0;
  while (sheafAt(main).size > 0) {
    const chunk = min<u32>(PCS_BATCH_MAX, sheafAt(main).size);
    path = joinPaths(path, flushTop(cache, main, chunk));
  }
  return path;
}

/**
 * pcs_flush_all without the rcu_free sheaf (rcuSheafTake): empties this CPU's sheaves. Returns the
 * path.
 */
export function sheafFlushCpu(cache: usize, cpu: u32): u32 {
  const per_cpu = cpuSheaves(cache, cpu);
  let path: u32 = 0;
  if (per_cpu.spare != NO_SHEAF) {
    path = flushSheaf(cache, per_cpu.spare);
    freeSheaf(cache, per_cpu.spare);
    per_cpu.spare = NO_SHEAF;
  }
  return joinPaths(path, flushMain(cache, per_cpu));
}

/** barn_shrink: empties the barn, newest sheaf first. Returns the path. */
export function barnShrink(cache: usize): u32 {
  const barn = barnOf(cache);
  let path: u32 = 0;
  let full = barn.full;
  let empty = barn.empty;
  barn.barn_locks++;
  barn.full = NO_SHEAF;
  barn.nr_full = 0;
  barn.empty = NO_SHEAF;
  barn.nr_empty = 0;
  while (full != NO_SHEAF) {
    const sheaf = full;
    full = sheafAt(sheaf).next;
    path = joinPaths(path, flushSheaf(cache, sheaf));
    freeSheaf(cache, sheaf);
  }
  while (empty != NO_SHEAF) {
    const sheaf = empty;
    empty = sheafAt(sheaf).next;
    freeSheaf(cache, sheaf);
  }
  return path;
}
