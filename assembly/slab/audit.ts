// What must hold of a cache at any time; O(slabs + objects), for tests and the engine's audits.

import { firstObject, slabAt, slabIndexOf, slabNumber } from "./locate";
import {
  Cache,
  cpuSlab,
  freeLink,
  Slab,
  SLAB_ACTIVE,
  SLAB_CPU_PARTIAL,
  SLAB_FULL,
  SLAB_NODE_PARTIAL,
  SLAB_PENDING,
  SLAB_POOL,
} from "./records";
import { barnOf, cpuSheaves, NO_SHEAF, sheafAt, sheafSlot } from "./sheaf-records";

/** Traps when a law is broken; returns the number of free objects found one by one. */
export function cacheAudit(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  auditNode(cache);
  let free = auditSlabs(cache);
  if (c.barn == 0) free += auditCpuSlabs(cache);
  else free += auditSheaves(cache);
  const waiting = c.barn == 0 ? 0 : barnOf(cache).objects_waiting;
  assert(free + waiting + c.objects_live == c.slabs_live * c.objs_per_slab); // nothing is lost
  return free;
}

/** Length of a freelist, all of whose objects must belong to the slab. */
function auditFreelist(cache: usize, head: u32, slab: Slab): u32 {
  const c = changetype<Cache>(cache);
  let count: u32 = 0;
  for (let object = head; object != 0; object = freeLink(object)) {
    assert(slabIndexOf(cache, object) == slabNumber(cache, slab)); // a free object of this slab
    assert((object - firstObject(cache, slab)) % c.record_bytes == 0); // and not the middle of one
    count++;
    assert(count <= c.objs_per_slab); // the list has an end
  }
  return count;
}

/** Counts states and shared freelists; returns the objects on the freelists. */
function auditSlabs(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  let free: u32 = 0;
  let live: u32 = 0;
  let waiting: u32 = 0;
  for (let index: u32 = 0; index < c.slabs_touched; index++) {
    const slab = slabAt(cache, index);
    if (slab.state == SLAB_POOL) continue;
    if (slab.state == SLAB_PENDING) {
      waiting++;
      continue;
    }
    live++;
    const shared = auditFreelist(cache, slab.freelist, slab);
    assert(shared + slab.inuse == c.objs_per_slab); // in use: not on the shared list
    const partial = slab.state == SLAB_CPU_PARTIAL || slab.state == SLAB_NODE_PARTIAL;
    if (partial) assert(shared > 0); // who takes it expects an object
    if (slab.state == SLAB_FULL) assert(shared == 0); // it would be forgotten
    free += shared;
  }
  assert(live == c.slabs_live); // counted
  assert(waiting == c.slabs_waiting); // counted
  return free;
}

/** Walks the node's list. */
function auditNode(cache: usize): void {
  const c = changetype<Cache>(cache);
  let length: u32 = 0;
  let previous: u32 = 0;
  for (let at = c.node_first; at != 0; at = changetype<Slab>(<usize>at).next) {
    assert(changetype<Slab>(<usize>at).state == SLAB_NODE_PARTIAL); // only those
    assert(changetype<Slab>(<usize>at).prev == previous); // links agree
    previous = at;
    length++;
    assert(length <= c.nr_partial); // the list has an end
  }
  assert(length == c.nr_partial && previous == c.node_last); // counted
}

/** Walks the CPUs' own freelists and partial lists; returns the objects on the freelists. */
function auditCpuSlabs(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  let free: u32 = 0;
  for (let cpu: u32 = 0; cpu < c.cpus; cpu++) {
    const per_cpu = cpuSlab(cache, cpu);
    if (per_cpu.slab != 0) {
      const slab = changetype<Slab>(<usize>per_cpu.slab);
      assert(slab.state == SLAB_ACTIVE); // frozen
      free += auditFreelist(cache, per_cpu.freelist, slab);
    } else {
      assert(per_cpu.freelist == 0); // no slab, no objects
    }
    let length: u32 = per_cpu.partial == 0 ? 0 : changetype<Slab>(<usize>per_cpu.partial).prev;
    assert(length <= max<u32>(c.cpu_partial_slabs, 1)); // bounded
    for (let at = per_cpu.partial; at != 0; at = changetype<Slab>(<usize>at).next) {
      assert(changetype<Slab>(<usize>at).state == SLAB_CPU_PARTIAL); // only those
      assert(changetype<Slab>(<usize>at).prev == length); // slabs from here to the end
      length--;
    }
    assert(length == 0); // counted
  }
  return free;
}

/** Counts sheaves and the objects in them that can be allocated. */
function auditSheaves(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  const barn = barnOf(cache);
  let free: u32 = 0;
  for (let cpu: u32 = 0; cpu < c.cpus; cpu++) {
    const per_cpu = cpuSheaves(cache, cpu);
    free += auditSheaf(cache, per_cpu.main);
    if (per_cpu.spare != NO_SHEAF) free += auditSheaf(cache, per_cpu.spare);
    if (per_cpu.rcu_free != NO_SHEAF) assert(sheafAt(per_cpu.rcu_free).size < barn.capacity);
  }
  let full: u32 = 0;
  for (let sheaf = barn.full; sheaf != NO_SHEAF; sheaf = sheafAt(sheaf).next) {
    free += auditSheaf(cache, sheaf);
    full++;
  }
  assert(full == barn.nr_full && full <= 10); // counted and limited
  let empty: u32 = 0;
  for (let sheaf = barn.empty; sheaf != NO_SHEAF; sheaf = sheafAt(sheaf).next) {
    assert(sheafAt(sheaf).size == 0); // empty
    empty++;
  }
  assert(empty == barn.nr_empty); // counted
  return free;
}

function auditSheaf(cache: usize, sheaf: u32): u32 {
  const size = sheafAt(sheaf).size;
  assert(size <= barnOf(cache).capacity); // no overflow
  for (let i: u32 = 0; i < size; i++) {
    const index = slabIndexOf(cache, load<u32>(sheafSlot(sheaf, i)));
    assert(index < changetype<Cache>(cache).slabs_touched); // an object of this cache
    assert(slabAt(cache, index).state != SLAB_POOL); // whose slab has pages
  }
  return size;
}
