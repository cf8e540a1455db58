// __vm_area_free: a VMA and its lock go back to their slabs.
// [same: kernel/fork.c:__vm_area_free, 6.12: two frees, the lock first]
// [left out: NUMA balancing state and anonymous VMA names, which the modelled configuration lacks]

import { Config, Probe } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Region } from "../abi/metric";
import { config, cost } from "../memory/slots";
import { regionBase } from "../memory/map";
import { Cpu } from "../sched/cpu";
import { slabFree } from "../slab/slab";
import { FREE_EMPTIED, FREE_FAST, FREE_TO_PARTIAL, pathDiscarded, pathMoved } from "../slab/path";
import { changeState, vmaAt, VmaState } from "./record";

/** Frees a VMA that must be in state `from`, and charges the CPU for the ways the slabs went. */
export function freeVma(cpu: Cpu, address: u32, from: VmaState): void {
  const vma = vmaAt(address);
  changeState(vma, from, VmaState.FREE);
  const lockPath = slabFree(regionBase(Region.LOCK_CACHE), cpu.id, vma.lock);
  const vmaPath = slabFree(regionBase(Region.VMA_CACHE), cpu.id, address);
  cpu.now += freeCost(lockPath) + freeCost(vmaPath);
  if ((config(Config.PROBE_FLAGS) & <u64>Probe.FREE) != 0) {
    cpu.now += 2 * cost(CostSlot.PROBE_FREE);
  }
}

/** Cost of one slab free by the path it took. */
function freeCost(path: u32): u64 {
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
