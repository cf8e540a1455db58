// VMAs that others had before the run: once the address space is built, so many are allocated in a
// row and freed in the same order, by the CPU on which the process will exit. What that leaves is
// what its VMAs meet when they are freed:
//
//   6.12   an active slab, partial slabs on the CPU and on the node
//   7.2    main and spare sheaf and the barn full from 720 on: what is freed then goes to its slab
//
// Long before the run: pages of slabs that emptied have come back, whatever a grace period takes.
// [simplified: VMAs alone, without the locks that kernel/fork.c:vm_area_alloc of 6.12 gives them]

import { Config } from "../abi/config";
import { Region } from "../abi/metric";
import { config } from "../memory/slots";
import { isGeneration72, regionBase } from "../memory/map";
import {
  cacheForgetDiscards,
  sheafFree,
  slabFree,
  slabPageReturn,
  slabPendingTake,
} from "../slab/slab";
import { allocVma } from "./objects";
import { vmaAt } from "./record";

/** Allocates and frees them. */
export function freeVmasBefore(): void {
  const count = <u32>config(Config.VMAS_FREED_BEFORE);
  if (count == 0) return;
  const cache = regionBase(Region.VMA_CACHE);
  const cpu = <u32>config(Config.EXIT_CPU);
  const first = allocateInRow(count, cpu);
  for (let vma = first; vma != 0; ) {
    const next = vmaAt(vma).lock;
    vmaAt(vma).lock = 0;
    if (isGeneration72()) sheafFree(cache, cpu, vma);
    else slabFree(cache, cpu, vma);
    vma = next;
  }
  returnSlabs(cache);
  cacheForgetDiscards(cache);
}

/** They stay linked by the place for their lock, which none has; answers the first. */
function allocateInRow(count: u32, cpu: u32): u32 {
  const first = allocVma(cpu);
  assert(first != 0); // the plan has an object for every one
  let last = first;
  for (let i: u32 = 1; i < count; i++) {
    const vma = allocVma(cpu);
    assert(vma != 0);
    vmaAt(last).lock = vma;
    last = vma;
  }
  vmaAt(last).lock = 0;
  return first;
}

function returnSlabs(cache: usize): void {
  while (true) {
    const slab = slabPendingTake(cache);
    if (slab == 0) return;
    slabPageReturn(cache, slab);
  }
}
