// The page frames of anon_vma chains: a chain of 64 bytes for each VMA with touched anonymous
// memory, 64 to a page. They are taken as the memory is touched, and go back to the per-CPU list
// in free_pgtables, where they can make it too long.
//
// [same: mm/slub.c:put_cpu_partial, __put_partials, 6.12: a slab that has been full goes to the
//  CPU's partial list with its first free; the fifth pushes four to the node, which keeps five
//  slabs and gives back those that are empty beyond]
// [same: mm/slub.c:__pcs_replace_full_main, __slab_free, 7.2: 720 chains stay in sheaves; the node
//  keeps five empty slabs]
// [simplified: chains lie in the order in which they were made and go in that order, those of all
//  processes one after the other; sheaves of 7.2 are empty at the beginning, as those who exit have
//  taken from them, and a slab of 7.2 goes at no price of its own]

import { CostSlot } from "../abi/cost";
import { isGeneration72 } from "../memory/map";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { slabGonePrice } from "../slab/cost";
import { allocPages } from "./alloc";
import { giveFrames } from "./gather";
import { Migrate } from "./pcp";
import { FRAME_LIST_BYTES, FrameList } from "./runs";

const CHAINS_A_SLAB: u64 = 64;
/** set_cpu_partial for 64 bytes, and the smallest min_partial. */
const CPU_PARTIAL_SLABS: u64 = 4;
const MIN_PARTIAL: u64 = 5;
/** calculate_sheaf_capacity for 64 bytes; two sheaves of a CPU, MAX_FULL_SHEAVES of the barn. */
const SHEAF: u64 = 60;
const IN_SHEAVES: u64 = 12 * SHEAF;

const FRAMES: usize = memory.data(16, 8);

/** Chains made and freed since the run's beginning, and slabs given back. */
let made: u64 = 0;
let freed: u64 = 0;
let gone: u64 = 0;

export function chainFrames(): FrameList {
  return changetype<FrameList>(FRAMES);
}

export function chainsInit(): void {
  memory.fill(FRAMES, 0, <usize>FRAME_LIST_BYTES);
  made = 0;
  freed = 0;
  gone = 0;
}

/** A VMA is touched for the first time. */
export function makeChain(cpu: Cpu): void {
  if (made % CHAINS_A_SLAB == 0) allocPages(cpu, Migrate.UNMOVABLE, 1, chainFrames());
  made++;
}

/** kmem_cache_free of a chain. */
export function freeChain(cpu: Cpu): void {
  if (isGeneration72()) flushSheaf(cpu);
  freed++;
  const slabs = max(emptied(), MIN_PARTIAL) - MIN_PARTIAL;
  if (slabs > gone) discard(cpu, slabs - gone);
  gone = slabs;
}

/** Slabs that the node has been given empty. */
function emptied(): u64 {
  if (isGeneration72()) return (freed - min(freed, IN_SHEAVES)) / SHEAF * SHEAF / CHAINS_A_SLAB;
  const begun = (freed + CHAINS_A_SLAB - 1) / CHAINS_A_SLAB;
  return (begun - 1) / CPU_PARTIAL_SLABS * CPU_PARTIAL_SLABS;
}

/** A chain that finds sheaves and barn full has a sheaf flushed first. */
function flushSheaf(cpu: Cpu): void {
  if (freed < IN_SHEAVES || freed % SHEAF != 0) return;
  cpu.now += cost(CostSlot.SHEAF_FLUSH) + SHEAF * cost(CostSlot.SHEAF_FLUSH_OBJECT);
}

function discard(cpu: Cpu, slabs: u64): void {
  if (!isGeneration72()) cpu.now += slabs * slabGonePrice();
  giveFrames(cpu, chainFrames(), min(<u32>slabs, chainFrames().count), Migrate.UNMOVABLE);
}
