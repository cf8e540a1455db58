// Laws of the whole subsystem, checked when a run is over.

import { Config } from "../abi/config";
import { VmallocDriver } from "../abi/vmalloc";
import { config } from "../memory/slots";
import { areaAt, areaPages, AreaState } from "./area";
import { auditTree, auditUnlisted } from "./audit";
import { freePages, SPACE_PAGES } from "./free-space";
import { allocatedPages } from "./memory";
import { ObjectKind, objectsLive, objectsTracked } from "./objects";
import { busyTree, lazyTree, nodeAt, nodeCount, poolOf, POOLS, purgingList } from "./node";
import { sparedPages } from "./percpu";
import { freeTree, isLinear, lazyNr } from "./state";

function pagesOf(first: usize, state: AreaState): u64 {
  let pages: u64 = 0;
  for (let at = first; at != 0; at = areaAt(at).next) {
    assert(areaAt(at).state == <u8>state); // an area is where its state says
    pages += areaPages(areaAt(at));
  }
  return pages;
}

/**
 * Every page of the address space is in one place, trees are in order, and vmap_lazy_nr is what
 * lies on the lazy lists.
 */
export function checkSpace(): void {
  let busy: u64 = 0;
  let lazy: u64 = 0;
  let pooled: u64 = 0;
  let held: u32 = 0;
  for (let id: u32 = 0; id < nodeCount(); id++) {
    const node = nodeAt(id);
    if (isLinear()) auditTree(busyTree(node), false);
    else auditUnlisted(busyTree(node));
    auditTree(lazyTree(node), false);
    // no purge was left half done
    assert(isLinear() || purgingList(node).count == 0);
    busy += pagesBelow(busyTree(node).root);
    held += busyTree(node).count;
    lazy += pagesOf(lazyTree(node).first, AreaState.LAZY);
    for (let pages: u32 = 1; pages <= POOLS; pages++) {
      pooled += pagesOf(poolOf(node, pages).first, AreaState.POOLED);
    }
  }
  if (isLinear()) {
    for (let at = purgingList(nodeAt(0)).first; at != 0; at = <usize>areaAt(at).maxGap) {
      assert(areaAt(at).state == <u8>AreaState.LAZY); // an area is where its state says
      lazy += areaPages(areaAt(at));
    }
  }
  assert(lazy == lazyNr()); // counted up and down by what was freed and returned
  const returned = config(Config.VMAP_LAZY_HOLDS) == 0;
  const finished = config(Config.TEST_STOP_PS) == 0;
  if (returned && finished && config(Config.VMAP_DRIVER) == <u64>VmallocDriver.TEST_MODULE) {
    // tests that run to their end free all they allocate, and the per-CPU allocator spares a chunk
    assert(allocatedPages() == sparedPages());
  }
  if (isLinear()) return;
  // each area has its descriptor while it is allocated, and nobody else has one
  assert(!objectsTracked() || objectsLive(ObjectKind.DESCRIPTOR) == held);
  auditTree(freeTree(), true);
  // nothing lost, nothing twice
  assert(freePages(freeTree()) + busy + lazy + pooled == SPACE_PAGES);
}

/** Pages of a node's subtree. */
function pagesBelow(at: usize): u64 {
  if (at == 0) return 0;
  const area = areaAt(at);
  return areaPages(area) + pagesBelow(area.left) + pagesBelow(area.right);
}
