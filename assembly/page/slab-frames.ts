// The page frames of the VMA and lock slabs: allocated before the processes' memory, and back on
// the per-CPU list when a slab is discarded.
// [simplified: mm/slub.c:allocate_slab, __free_slab, 6.12: slabs of higher orders are frames like
//  others; slabs that a run fills anew take none]

import { Config } from "../abi/config";
import { Region } from "../abi/metric";
import { config } from "../memory/slots";
import { isGeneration72, regionBase } from "../memory/map";
import { Cpu } from "../sched/cpu";
import { cacheSlabsLive } from "../slab/slab";
import { allocPages } from "./alloc";
import { giveFrames } from "./gather";
import { Migrate } from "./pcp";
import { FRAME_LIST_BYTES, FrameList } from "./runs";

const FRAMES: usize = memory.data(16, 8);

export function slabFrames(): FrameList {
  return changetype<FrameList>(FRAMES);
}

/** Before the processes' memory: the slabs of their VMAs. */
export function allocSlabFrames(cpu: Cpu): void {
  memory.fill(FRAMES, 0, <usize>FRAME_LIST_BYTES);
  const vmas = <u32>cacheSlabsLive(regionBase(Region.VMA_CACHE));
  const locks: u32 = isGeneration72() ? 0 : cacheSlabsLive(regionBase(Region.LOCK_CACHE));
  const pages =
    (vmas << <u32>config(Config.VMA_SLAB_ORDER)) + (locks << <u32>config(Config.LOCK_SLAB_ORDER));
  allocPages(cpu, Migrate.UNMOVABLE, pages, slabFrames());
}

/** A slab went back to the page allocator. */
export function freeSlabFrames(cpu: Cpu, slabs: u32, order: u32): void {
  const pages = min(slabs << order, slabFrames().count);
  if (pages != 0) giveFrames(cpu, slabFrames(), pages, Migrate.UNMOVABLE);
}
