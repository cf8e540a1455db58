// What steps cost: added up here, charged to the CPU by whoever drives the world. The explorer
// drives without costs: its time is steps.

import { MmCost, MmCount } from "../abi/mm";
import { treeWalkLength } from "../index/tree";
import { slabFreeCost } from "../slab/cost";
import { add } from "./settings";
import { now } from "./world";

export const MM_COSTS: usize = memory.data(<i32>MmCost.COUNT * 8, 16);

/** Cost of the steps since `takeSpent`, picoseconds. */
let spent: u64 = 0;
/** Are costs wanted? Counting a walk takes time. */
let charging: bool = false;

export function chargingInit(wanted: bool): void {
  charging = wanted;
  spent = 0;
}

@inline
export function mmCost(slot: i32): u64 {
  return load<u64>(MM_COSTS + (<usize>slot << 3));
}

@inline
export function spend(slot: MmCost): void {
  spent += mmCost(slot);
}

@inline
export function spendTimes(slot: MmCost, times: u64): void {
  spent += mmCost(slot) * times;
}

/** So much time of the thread itself. */
@inline
export function spendPs(ps: u64): void {
  spent += ps;
}

/** A slab free by the way that it took: cheapest into the slab that the CPU allocates from. */
export function spendSlabFree(path: u32): void {
  if (charging) spent += slabFreeCost(path);
}

/** Spends, and counts it as a part of something. */
export function spendIn(part: MmCount, slot: MmCost, times: u64 = 1): void {
  const ps = mmCost(slot) * times;
  spent += ps;
  add(part, ps);
}

/** Time as the running thread sees it: the steps before, and this one so far. */
@inline
export function clock(): u64 {
  return now + spent;
}

/** A walk from the root to the page's slot. */
export function spendWalk(tree: usize, page: u64): void {
  spent += walkCost(tree, page);
}

/** What such a walk costs; 0 where costs are not wanted. */
export function walkCost(tree: usize, page: u64): u64 {
  if (!charging) return 0;
  const length = treeWalkLength(tree, page);
  const nodes = mmCost(MmCost.WALK_NODE) * <u64>(length & 0xff);
  return nodes + mmCost(MmCost.WALK_SLOT) * <u64>(length >> 8);
}

/** A walk that is a part of something. */
export function spendWalkIn(part: MmCount, tree: usize, page: u64): void {
  const ps = walkCost(tree, page);
  spent += ps;
  add(part, ps);
}

export function takeSpent(): u64 {
  const taken = spent;
  spent = 0;
  return taken;
}
