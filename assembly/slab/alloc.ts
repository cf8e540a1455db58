// Allocation in 6.12: mm/slub.c:slab_alloc_node, ___slab_alloc, get_freelist, get_partial_node.

import { putCpuPartial } from "./cpu-partial";
import { holdListLock, removePartial } from "./node";
import { newSlab } from "./pages";
import {
  ALLOC_CPU_PARTIAL,
  ALLOC_FAILED,
  ALLOC_FAST,
  ALLOC_NEW_SLAB,
  ALLOC_NODE_PARTIAL,
  ALLOC_REFILL,
  ONE_MOVED,
} from "./path";
import { Cache, CpuSlab, cpuSlab, freeLink, Slab, SLAB_ACTIVE, SLAB_FULL } from "./records";

/** An object for this CPU, or 0 when the planned capacity is used up; the path is in last_path. */
export function slabAlloc(cache: usize, cpu: u32): u32 {
  const c = changetype<Cache>(cache);
  assert(cpu < c.cpus); // a CPU of this machine
  const per_cpu = cpuSlab(cache, cpu);
  const object = per_cpu.freelist;
  if (object == 0) return allocSlow(cache, per_cpu);
  per_cpu.freelist = freeLink(object);
  c.objects_live++;
  c.last_path = ALLOC_FAST;
  return object;
}

function allocSlow(cache: usize, per_cpu: CpuSlab): u32 {
  const c = changetype<Cache>(cache);
  const path = refill(cache, per_cpu);
  c.last_path = path;
  if (path == ALLOC_FAILED) return 0;
  const object = per_cpu.freelist;
  per_cpu.freelist = freeLink(object);
  c.objects_live++;
  return object;
}

/** Finds an active slab with free objects; returns the path. */
export function refill(cache: usize, per_cpu: CpuSlab): u32 {
  if (per_cpu.slab != 0) {
    const active = changetype<Slab>(<usize>per_cpu.slab);
    if (active.freelist != 0) {
      activate(cache, per_cpu, active);
      return ALLOC_REFILL;
    }
    active.state = SLAB_FULL;
    per_cpu.slab = 0;
  }
  if (per_cpu.partial != 0) {
    const slab = changetype<Slab>(<usize>per_cpu.partial);
    per_cpu.partial = slab.next;
    activate(cache, per_cpu, slab);
    return ALLOC_CPU_PARTIAL;
  }
  if (changetype<Cache>(cache).nr_partial > 0) return takeFromNode(cache, per_cpu);
  const fresh = newSlab(cache);
  if (fresh == 0) return ALLOC_FAILED;
  activate(cache, per_cpu, changetype<Slab>(fresh));
  return ALLOC_NEW_SLAB;
}

/** get_freelist, freeze_slab: the shared freelist becomes the CPU's own, and counts as in use. */
@inline
function activate(cache: usize, per_cpu: CpuSlab, slab: Slab): void {
  assert(slab.freelist != 0); // only slabs with free objects are on lists
  per_cpu.slab = <u32>changetype<usize>(slab);
  per_cpu.freelist = slab.freelist;
  slab.freelist = 0;
  slab.inuse = <u16>changetype<Cache>(cache).objs_per_slab;
  slab.state = SLAB_ACTIVE;
}

/**
 * get_partial_node: the first slab becomes active, the next ones come along to the CPU's partial
 * list until more than half of what it may hold has come.
 */
function takeFromNode(cache: usize, per_cpu: CpuSlab): u32 {
  const c = changetype<Cache>(cache);
  let path = ALLOC_NODE_PARTIAL;
  holdListLock(cache);
  const first = changetype<Slab>(<usize>c.node_first);
  removePartial(cache, first);
  if (c.cpu_partial_slabs > 0) {
    for (let moved: u32 = 0; c.node_first != 0 && moved <= c.cpu_partial_slabs / 2; moved++) {
      const slab = changetype<Slab>(<usize>c.node_first);
      removePartial(cache, slab);
      putCpuPartial(cache, per_cpu, slab, false);
      path += ONE_MOVED;
    }
  }
  activate(cache, per_cpu, first);
  return path;
}
