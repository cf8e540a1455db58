// What steps cost: added up here, charged to the CPU by whoever drives the world. The explorer
// drives without costs: its time is steps.

import { MmCost } from "../abi/mm";
import { treeWalkLength } from "../index/tree";

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

@inline
export function spendPs(ps: u64): void {
  spent += ps;
}

/** A walk from the root to the page's slot. */
export function spendWalk(tree: usize, page: u64): void {
  if (!charging) return;
  const length = treeWalkLength(tree, page);
  spendTimes(MmCost.WALK_NODE, <u64>(length & 0xff));
  spendTimes(MmCost.WALK_SLOT, <u64>(length >> 8));
}

export function takeSpent(): u64 {
  const taken = spent;
  spent = 0;
  return taken;
}
