// __vm_area_free: a VMA and its lock go back to their slabs.
// [same: kernel/fork.c:__vm_area_free, 6.12: two frees, the lock first; mm/vma_init.c:vm_area_free,
//  7.2: one free of a detached VMA]
// [left out: NUMA balancing state and anonymous VMA names, which the modelled configuration lacks]

import { Config, Probe } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { freeObjects } from "./objects";
import { changeState, vmaAt, VmaState } from "./record";

/** Frees a VMA that must be in state `from`, and charges the CPU for the ways the slabs went. */
export function freeVma(cpu: Cpu, address: u32, from: VmaState): void {
  const vma = vmaAt(address);
  changeState(vma, from, VmaState.FREE);
  freeObjects(cpu, address, vma.lock);
  if ((config(Config.PROBE_FLAGS) & <u64>Probe.FREE) == 0) return;
  cpu.now += (vma.lock == 0 ? 1 : 2) * cost(CostSlot.PROBE_FREE);
}
