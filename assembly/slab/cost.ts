// What the ways of a free cost. The slab model itself knows no costs.

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { FREE_EMPTIED, FREE_FAST, FREE_TO_PARTIAL, pathDiscarded, pathMoved } from "./path";

/** Cost of one 6.12 slab free by the path it took. */
export function slabFreeCost(path: u32): u64 {
  if (path == FREE_FAST) return cost(CostSlot.SLAB_FREE_FAST);
  let sum = cost(CostSlot.SLAB_FREE_SLOW);
  if ((path & FREE_TO_PARTIAL) != 0) sum += cost(CostSlot.SLAB_PUT_CPU_PARTIAL);
  if ((path & FREE_EMPTIED) != 0) sum += cost(CostSlot.SLAB_EMPTY);
  const moved = pathMoved(path);
  const discarded = pathDiscarded(path);
  if ((moved | discarded) != 0) {
    sum += <u64>(moved + discarded) * cost(CostSlot.SLAB_SPILL);
    sum += <u64>discarded * cost(CostSlot.SLAB_DISCARD);
  }
  return sum;
}

/** What a slab costs that empties, is pushed to the node and given back there. */
export function slabGonePrice(): u64 {
  return cost(CostSlot.SLAB_EMPTY) + cost(CostSlot.SLAB_SPILL) + cost(CostSlot.SLAB_DISCARD);
}
