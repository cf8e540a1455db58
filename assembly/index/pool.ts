// The node pool: every node of every tree of one machine comes from here.
//
//   pool   ╒════════════════════════════════════════════════════════════════╕
//      +0  │ Pool record                                                    │
//          ├────────────────────────────────────────────────────────────────┤
//    +128  │ scratch of the one operation that is going on (scratch.ts)     │
//          ├────────────────────────────────────────────────────────────────┤
//   +8192  │ block 0, block 1, …  128 bytes each, aligned to 128            │
//          ╘════════════════════════════════════════════════════════════════╛
//
// Free blocks are linked through their headers. When a whole tree goes, the lowest inner nodes go
// on that list as bundles: block and leaves together, so that the leaves need not be touched.
//
//   free     header: link, dead, end 0
//   bundle   header: link, dead, IS_LEAF, end = the last child that is still free
//
// A node takes one block. A wide node takes a second one; room for WIDE_RESERVE of them is set
// aside beside max_nodes, more of them cost a node each. At each level of a tree the nodes are
// disjoint ranges, so a 47-bit address space holds at most 8 wide nodes a level, and a 56-bit
// one 4,096.

import {
  BLOCK_BYTES,
  END_MASK,
  IS_DEAD,
  IS_LEAF,
  IS_WIDE,
  LINK_MASK,
  child,
  extension,
} from "./layout";

const POOL_HEADER_BYTES: usize = 8192;
/** Wide nodes that need not be planned for. */
const WIDE_RESERVE: u32 = 65_536;

@unmanaged
export class Pool {
  /** First block. */
  blocks: u32;
  block_count: u32;
  /** Blocks handed out at least once. */
  touched: u32;
  /** First block of the free list, 0 = none. */
  free: u32;
  free_count: u32;
  node_max: u32;
  nodes: u32;
  /** Allocations until one is refused (a test's fault); 0 = none is refused. */
  fail_after: u32;
}

function blockCount(max_nodes: u32): u64 {
  return <u64>max_nodes + <u64>min(max_nodes, WIDE_RESERVE);
}

/** Bytes to set aside for a pool of max_nodes nodes. */
export function poolBytes(max_nodes: u32): u64 {
  return <u64>POOL_HEADER_BYTES + <u64>BLOCK_BYTES + blockCount(max_nodes) * <u64>BLOCK_BYTES;
}

/** True when a pool of max_nodes nodes at this address ends within the memory. */
function reaches(pool: usize, max_nodes: u32): bool {
  return <u64>pool + poolBytes(max_nodes) <= (<u64>memory.size()) << 16;
}

/** Lays out an empty pool. The memory need not be zero; blocks are not touched before use. */
export function poolInit(pool: usize, max_nodes: u32): void {
  assert(max_nodes > 0 && reaches(pool, max_nodes)); // the memory must be there already
  assert((pool & 7) == 0); // records hold 64-bit fields
  memory.fill(pool, 0, POOL_HEADER_BYTES);
  const p = changetype<Pool>(pool);
  p.blocks = <u32>((pool + POOL_HEADER_BYTES + BLOCK_BYTES - 1) & ~(BLOCK_BYTES - 1));
  p.block_count = <u32>blockCount(max_nodes);
  p.node_max = max_nodes;
}

/** Lets a pool at the end of its memory hold more nodes. The memory must be there already. */
export function poolExtend(pool: usize, max_nodes: u32): void {
  const p = changetype<Pool>(pool);
  assert(max_nodes >= p.node_max); // pools do not shrink
  assert(reaches(pool, max_nodes)); // the memory must be there already
  p.node_max = max_nodes;
  p.block_count = <u32>blockCount(max_nodes);
}

/** Nodes handed out and not yet back, the deferred ones included. */
export function poolNodesLive(pool: usize): u32 {
  return changetype<Pool>(pool).nodes;
}

/** Nodes that can still be handed out, as long as they are not wide beyond the reserve. */
export function poolNodesFree(pool: usize): u32 {
  const p = changetype<Pool>(pool);
  return min(p.node_max - p.nodes, p.block_count - p.touched + p.free_count);
}

/** Makes the n-th allocation from now fail, once; 0 takes that back. For tests. */
export function poolFailAfter(pool: usize, n: u32): void {
  changetype<Pool>(pool).fail_after = n;
}

/** A block, its content undefined; 0 when there is none. */
export function allocBlock(pool: usize): usize {
  const p = changetype<Pool>(pool);
  if (p.fail_after != 0 && --p.fail_after == 0) return 0;
  const block: usize = p.free;
  if (block != 0) {
    const head = load<u32>(block);
    p.free_count--;
    if (head & IS_LEAF) {
      const slot = head & END_MASK;
      store<u32>(block, slot == 0 ? (head & LINK_MASK) | IS_DEAD : head - 1);
      return child(block, slot);
    }
    p.free = head & LINK_MASK;
    return block;
  }
  if (p.touched == p.block_count) return 0;
  return <usize>p.blocks + <usize>(p.touched++) * BLOCK_BYTES;
}

function freeBlock(pool: usize, block: usize): void {
  const p = changetype<Pool>(pool);
  // a free block looks like a dead node, so that a stale pointer is found out
  store<u32>(block, p.free | IS_DEAD);
  p.free = <u32>block;
  p.free_count++;
}

/** The block of a new node, its content undefined; 0 when the pool is exhausted. */
export function allocNode(pool: usize): usize {
  const p = changetype<Pool>(pool);
  if (p.nodes == p.node_max) return 0;
  const node = allocBlock(pool);
  if (node != 0) p.nodes++;
  return node;
}

/** Gives one node back, with its extension. */
export function freeNode(pool: usize, node: usize): void {
  const p = changetype<Pool>(pool);
  assert(p.nodes > 0); // more nodes came back than were handed out
  if (load<u32>(node) & IS_WIDE) freeBlock(pool, extension(node));
  freeBlock(pool, node);
  p.nodes--;
}

/**
 * Gives back an inner node with the leaves in its first slots without touching them. None of
 * these may be wide: nothing would give their extensions back.
 */
export function freeBundle(pool: usize, inner: usize, leaves: u32): void {
  const p = changetype<Pool>(pool);
  assert(p.nodes > leaves && leaves > 0); // more nodes came back than were handed out
  if (load<u32>(inner) & IS_WIDE) freeBlock(pool, extension(inner));
  store<u32>(inner, p.free | IS_DEAD | IS_LEAF | (leaves - 1));
  p.free = <u32>inner;
  p.free_count += leaves + 1;
  p.nodes -= leaves + 1;
}
