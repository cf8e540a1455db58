// The record of one tree.
//
//   Tree   ╒══════════╤══════════╤══════════╤══════════╕
//      +0  │   pool   │   root   │  height  │  flags   │
//          ├──────────┼──────────┼──────────┼──────────┤
//     +16  │  nodes   │  leaves  │ entries  │ version  │
//          ├──────────┴──────────┼──────────┼──────────┤
//     +32  │      deferred       │ def_head │ def_tail │
//          ├─────────────────────┼──────────┼──────────┤
//     +48  │      tail_min       │   tail   │ waiting  │
//          ╘═════════════════════╧══════════╧══════════╛

/** Bytes of a tree record. */
export const TREE_BYTES: usize = 64;

/** Kernel generations whose rules a tree can follow. */
export const GENERATION_6_12: u32 = 0;
export const GENERATION_7_2: u32 = 1;

/** Flag: the rules of 7.2, otherwise those of 6.12. */
export const RULES_7_2: u32 = 1;
/** Flag MT_FLAGS_USE_RCU: readers may stand on any node. */
export const USE_RCU: u32 = 2;
/** Flag: deferred nodes are counted but go back to the pool at once. */
export const RECLAIM_AT_ONCE: u32 = 4;

@unmanaged
export class Tree {
  pool: u32;
  root: u32;
  height: u32;
  flags: u32;
  nodes: u32;
  leaves: u32;
  entries: u32;
  /** Changes with every write that may invalidate a cursor. */
  version: u32;
  /** Items handed to RCU since treeInit. */
  deferred: u64;
  /** First and last item that waits to be taken. */
  deferred_head: u32;
  deferred_tail: u32;
  /** The rightmost leaf and its first page; tail = 0 when not known. */
  tail_min: u64;
  tail: u32;
  /** Items on the deferred list. */
  waiting: u32;
}

/** Makes an empty tree over a pool. Generation 0 follows 6.12, 1 follows 7.2. */
export function treeInit(tree: usize, pool: usize, generation: u32, rcu_mode: bool): void {
  assert(generation <= GENERATION_7_2); // no other rules are known
  assert((tree & 7) == 0); // the record holds 64-bit fields
  memory.fill(tree, 0, TREE_BYTES);
  const t = changetype<Tree>(tree);
  t.pool = <u32>pool;
  t.flags = generation == GENERATION_7_2 ? RULES_7_2 : 0;
  treeSetRcu(tree, rcu_mode);
}

/** Turns RCU mode on or off (mt_set_in_rcu, mt_clear_in_rcu). */
export function treeSetRcu(tree: usize, rcu_mode: bool): void {
  const t = changetype<Tree>(tree);
  t.flags = rcu_mode ? t.flags | USE_RCU : t.flags & ~USE_RCU;
}

/** With true, deferred nodes are counted but reused at once: only where no reader can stand. */
export function treeSetReclaimAtOnce(tree: usize, at_once: bool): void {
  const t = changetype<Tree>(tree);
  t.flags = at_once ? t.flags | RECLAIM_AT_ONCE : t.flags & ~RECLAIM_AT_ONCE;
}

/** Levels of nodes: 0 for an empty tree, 1 for a single leaf. */
export function treeHeight(tree: usize): u32 {
  return changetype<Tree>(tree).height;
}

/** Nodes in the tree; the deferred ones are no longer in it. */
export function treeNodes(tree: usize): u32 {
  return changetype<Tree>(tree).nodes;
}

export function treeLeaves(tree: usize): u32 {
  return changetype<Tree>(tree).leaves;
}

/** Non-empty ranges. */
export function treeEntries(tree: usize): u32 {
  return changetype<Tree>(tree).entries;
}

/** Items (nodes or whole subtrees) handed to RCU since treeInit. */
export function treeDeferred(tree: usize): u64 {
  return changetype<Tree>(tree).deferred;
}

/** True when the tree follows the rules of 7.2. */
@inline
export function follows72(t: Tree): bool {
  return (t.flags & RULES_7_2) != 0;
}

@inline
export function usesRcu(t: Tree): bool {
  return (t.flags & USE_RCU) != 0;
}
