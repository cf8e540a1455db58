// A CPU's list of partial slabs (6.12, CONFIG_SLUB_CPU_PARTIAL): a stack without a lock. Each slab
// carries the number of slabs from itself to the end, so that the first one knows the length.

import { addPartialTail, holdListLock } from "./node";
import { discardSlab } from "./pages";
import { ONE_DISCARDED, ONE_MOVED } from "./path";
import { Cache, CpuSlab, Slab, SLAB_CPU_PARTIAL } from "./records";

/**
 * put_cpu_partial. With `drain`, a list that is full already goes to the node first, all of it.
 * Returns what happened as a path.
 */
export function putCpuPartial(cache: usize, cpu: CpuSlab, slab: Slab, drain: bool): u32 {
  const head = cpu.partial;
  const length: u32 = head == 0 ? 0 : changetype<Slab>(<usize>head).prev;
  const full = drain && length >= changetype<Cache>(cache).cpu_partial_slabs && head != 0;
  slab.state = SLAB_CPU_PARTIAL;
  slab.next = full ? 0 : head;
  slab.prev = full ? 1 : length + 1;
  cpu.partial = <u32>changetype<usize>(slab);
  return full ? putPartials(cache, head) : 0;
}

/** __put_partials: a CPU list to the node under one hold; empty slabs beyond min_partial go. */
function putPartials(cache: usize, head: u32): u32 {
  const c = changetype<Cache>(cache);
  let path: u32 = 0;
  let discards: u32 = 0;
  holdListLock(cache);
  for (let address = head; address != 0; ) {
    const slab = changetype<Slab>(<usize>address);
    const next = slab.next;
    if (slab.inuse == 0 && c.nr_partial >= c.min_partial) {
      slab.next = discards;
      discards = address;
    } else {
      addPartialTail(cache, slab);
      path += ONE_MOVED;
    }
    address = next;
  }
  // Collected as a stack, so the last one found is discarded first.
  while (discards != 0) {
    const slab = changetype<Slab>(<usize>discards);
    discards = slab.next;
    discardSlab(cache, slab);
    path += ONE_DISCARDED;
  }
  return path;
}
