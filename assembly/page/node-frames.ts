// The page frames of index nodes: in runs where somebody takes memory as many as hold all nodes
// that live or wait for a grace period; in others those of the slabs that the end of a tree
// empties, which can make a per-CPU list too long (vma/node-slabs.ts).
//
// [simplified: lib/maple_tree.c, mm/slub.c: nodes of 256 bytes as if they lay packed, 16 to a page;
//  frames follow the nodes at the end of each pass over the index and of each callback. They are
//  never refused: what is missing at the min watermark is taken when there is some again]

import { Config } from "../abi/config";
import { Region } from "../abi/metric";
import { poolNodesLive } from "../index/tree";
import { regionBase } from "../memory/map";
import { config } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { allocPages } from "./alloc";
import { giveFrames } from "./gather";
import { Migrate } from "./pcp";
import { FRAME_LIST_BYTES, FrameList } from "./runs";
import { hasPages } from "./state";

const NODES_A_PAGE: u32 = 16;
const FRAMES: usize = memory.data(16, 8);

export function nodeFrames(): FrameList {
  return changetype<FrameList>(FRAMES);
}

/** Before the processes' memory: frames of the nodes there are, whose end empties so many slabs. */
export function nodeFramesInit(cpu: Cpu, slabs: u64): void {
  memory.fill(FRAMES, 0, <usize>FRAME_LIST_BYTES);
  settleNodeFrames(cpu);
  if (config(Config.RECLAIM) == 0) allocPages(cpu, Migrate.UNMOVABLE, <u32>slabs, nodeFrames());
}

/**
 * A tree is destroyed, and empties so many slabs.
 * [simplified: mm/slub.c:__put_partials, 6.12: all at its beginning]
 */
export function freeNodeSlabFrames(cpu: Cpu, slabs: u64): void {
  if (!hasPages() || config(Config.RECLAIM) != 0) return;
  const frames = <u32>min<u64>(slabs, nodeFrames().count);
  if (frames != 0) giveFrames(cpu, nodeFrames(), frames, Migrate.UNMOVABLE);
}

/** No index is left: what others than empty slabs hold is back. */
export function nodeFramesBack(): bool {
  return config(Config.RECLAIM) == 0 || nodeFrames().count == 0;
}

/** Takes or gives back what the number of nodes has changed by. */
export function settleNodeFrames(cpu: Cpu): void {
  if (config(Config.RECLAIM) == 0) return;
  const needed = (poolNodesLive(regionBase(Region.INDEX)) + NODES_A_PAGE - 1) / NODES_A_PAGE;
  const held = nodeFrames().count;
  if (needed > held) allocPages(cpu, Migrate.UNMOVABLE, needed - held, nodeFrames());
  else if (needed < held) giveFrames(cpu, nodeFrames(), held - needed, Migrate.UNMOVABLE);
}
