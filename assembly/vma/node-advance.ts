// Nodes of 6.12 that a store takes before it knows how many it needs.

import { freeNodes, newNodes, NodeRun, nodesAtHand } from "./node-cache";

/** Nodes taken, of one slab each run. */
const RUNS: usize = memory.data(128, 4);
let runs: u32 = 0;
let taken: u32 = 0;

@inline
function run(index: u32): NodeRun {
  return changetype<NodeRun>(RUNS + <usize>index * offsetof<NodeRun>());
}

/** [same: lib/maple_tree.c:mas_alloc_nodes, 6.12: one, then the others in bulk] */
export function takeRunsInAdvance(count: u32): void {
  taken = count;
  for (let left = count; left != 0; ) {
    const at_once = min(left, max<u32>(nodesAtHand(), 1));
    const next = run(runs++);
    next.node = newNodes(at_once);
    next.count = at_once;
    left -= at_once;
  }
}

/** [same: lib/maple_tree.c:mas_pop_node, 6.12: the last one first] */
export function takeOfRuns(): u32 {
  assert(taken != 0); // twice the height and one are enough
  taken--;
  const last = run(runs - 1);
  if (--last.count == 0) runs--;
  return last.node;
}

/** [same: lib/maple_tree.c:mas_destroy, 6.12: all but two in bulk, then the first, the second] */
export function giveRunsBack(): void {
  const first = run(0);
  const second = first.count > 1 ? first : run(1);
  let before = taken;
  while (runs != 0) {
    const last = run(--runs);
    before -= last.count;
    const in_bulk = last.count - min(last.count, 2 - min<u32>(before, 2));
    if (in_bulk != 0) freeNodes(last.node, in_bulk);
  }
  if (taken > 0) freeNodes(first.node, 1);
  if (taken > 1) freeNodes(second.node, 1);
  taken = 0;
}
