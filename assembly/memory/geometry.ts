// Slab geometry that the scenario leaves to the kernel: filled in before the memory is planned.

import { Config } from "../abi/config";
import {
  cpuPartialSlabs,
  minPartial,
  objectsPerSlab,
  sheafCapacity,
  slabOrder,
} from "../slab/slab";
import { config, setConfig } from "./slots";

const NONE: u64 = u64.MAX_VALUE;

function fill(slot: i32, computed: u32): void {
  if (config(slot) == NONE) setConfig(slot, <u64>computed);
}

/** The kernel's own choice for every value of the two caches that is "none". */
export function resolveGeometry(): void {
  resolveCache(
    Config.VMA_BYTES, Config.VMA_SLAB_ORDER, Config.VMA_OBJECTS_PER_SLAB,
    Config.VMA_CPU_PARTIAL_SLABS, Config.VMA_MIN_PARTIAL,
  );
  resolveCache(
    Config.LOCK_BYTES, Config.LOCK_SLAB_ORDER, Config.LOCK_OBJECTS_PER_SLAB,
    Config.LOCK_CPU_PARTIAL_SLABS, Config.LOCK_MIN_PARTIAL,
  );
  // vm_area_cachep asks for 32: kernel 7.2, mm/vma_init.c:vma_state_init
  fill(Config.SHEAF_CAPACITY, sheafCapacity(<u32>config(Config.VMA_BYTES), 32));
}

function resolveCache(
  bytesSlot: i32,
  order: i32,
  objects: i32,
  partialSlabs: i32,
  partialMin: i32,
): void {
  const bytes = <u32>config(bytesSlot);
  fill(order, slabOrder(bytes, <u32>config(Config.CPUS)));
  fill(objects, objectsPerSlab(bytes, <u32>config(order)));
  fill(partialSlabs, cpuPartialSlabs(bytes, <u32>config(objects)));
  fill(partialMin, minPartial(bytes));
}
