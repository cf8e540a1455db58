// What a node looks like in linear memory, and the numbers of the kernel's maple tree.
//
// A node is one block of 128 bytes, two cache lines. Keys are page numbers, kept as 32-bit
// distances from the node's own first page. A node does not know that page: whoever walks the
// tree knows it, as the page after the previous pivot of the parent.
//
//   leaf     ╒══════════╤═════════════════════════════════════════════════════╕
//        +0  │  header  │ pivot 0 … pivot 14: last page of slot i - first page │
//            ├──────────┴─────────────────────────────────────────────────────┤
//       +64  │ value 0 … value 15                        (0 = an empty range) │
//            ╘════════════════════════════════════════════════════════════════╛
//
//   inner    ╒══════════╤═════════════════════════════╤═════════╤═════════════╕
//        +0  │  header  │ pivot 0 … pivot 8           │ subtree │ spare       │
//            ├──────────┴─────────────────────────────┴─────────┴─────────────┤
//       +48  │ child 0 … child 9                                              │
//       +88  │ gap 0 … gap 9: longest run of empty pages below, at most GAP_MAX│
//            ╘════════════════════════════════════════════════════════════════╛
//
//   header   bits 0..3 end (index of the last used slot), 4 leaf, 5 wide, 6 dead,
//            7..31 the address of the next block of the list this block is on
//
// The last used slot ends where the node ends, so its pivot is not stored. Pivots that are not
// in use hold PIVOT_NONE, which no distance reaches: a search need not know the end. Values,
// children and gaps not in use are 0.
//
// wide node: a stored pivot lies PIVOT_NONE or more pages above the first page (16 TiB). Its
// pivots are then full page numbers in an extension block, whose address is in pivot 0's place.
//
//   extension ╒═══════════════════════════════════════════════════════════════╕
//         +0  │ pivot 0 … pivot 14 as 64-bit page numbers                     │
//             ╘═══════════════════════════════════════════════════════════════╛

/** Bytes of a block: a node, or the pivots of a wide node. */
export const BLOCK_BYTES: usize = 128;

/** Slots of a leaf (MAPLE_RANGE64_SLOTS). */
export const LEAF_SLOTS: u32 = 16;
/** Slots of an inner node (MAPLE_ARANGE64_SLOTS). */
export const INNER_SLOTS: u32 = 10;
/** mt_min_slots of a leaf: this many data are too few. */
export const LEAF_MIN: u32 = 6;
/** mt_min_slots of an inner node. */
export const INNER_MIN: u32 = 4;

/** The last page: its last byte is the highest 64-bit index. */
export const LAST_PAGE: u64 = (1 << 52) - 1;

/** What an unused pivot holds; also the first distance that needs a wide node. */
export const PIVOT_NONE: u32 = 0xffff_ffff;
/** Longer gaps are stored as this: "at least so many pages". */
export const GAP_MAX: u32 = 0xffff_ffff;

/** Levels no tree exceeds: 2 * 5^(h-2) leaves of 128 bytes are more than 4 GiB from h = 13 on. */
export const HEIGHT_MAX: u32 = 16;

export const END_MASK: u32 = 15;
export const IS_LEAF: u32 = 16;
export const IS_WIDE: u32 = 32;
export const IS_DEAD: u32 = 64;
export const LINK_MASK: u32 = ~127;

export const PIVOTS: usize = 4;
export const VALUES: usize = 64;
export const CHILDREN: usize = 48;
export const GAPS: usize = 88;
/** Offset in an inner node: 1 when the deferred item is the whole subtree. */
export const SUBTREE: usize = 40;

@inline
export function header(node: usize): u32 {
  return load<u32>(node);
}

@inline
export function endOf(node: usize): u32 {
  return load<u32>(node) & END_MASK;
}

@inline
export function isLeaf(node: usize): bool {
  return (load<u32>(node) & IS_LEAF) != 0;
}

@inline
export function isWide(node: usize): bool {
  return (load<u32>(node) & IS_WIDE) != 0;
}

/** A dead node was replaced: a reader that stands on it must start again from the root. */
export function nodeIsDead(node: usize): bool {
  return (load<u32>(node) & IS_DEAD) != 0;
}

/** Block of a wide node's 64-bit pivots. */
@inline
export function extension(node: usize): usize {
  return load<u32>(node, PIVOTS);
}

@inline
export function value(leaf: usize, slot: u32): u32 {
  return load<u32>(leaf + ((<usize>slot) << 2), VALUES);
}

@inline
export function setValue(leaf: usize, slot: u32, v: u32): void {
  store<u32>(leaf + ((<usize>slot) << 2), v, VALUES);
}

@inline
export function child(inner: usize, slot: u32): usize {
  return load<u32>(inner + ((<usize>slot) << 2), CHILDREN);
}

@inline
export function setChild(inner: usize, slot: u32, node: usize): void {
  store<u32>(inner + ((<usize>slot) << 2), <u32>node, CHILDREN);
}

@inline
export function gap(inner: usize, slot: u32): u32 {
  return load<u32>(inner + ((<usize>slot) << 2), GAPS);
}

@inline
export function setGap(inner: usize, slot: u32, pages: u32): void {
  store<u32>(inner + ((<usize>slot) << 2), pages, GAPS);
}

/** A gap as it is stored. */
@inline
export function clampGap(pages: u64): u32 {
  return pages > <u64>GAP_MAX ? GAP_MAX : <u32>pages;
}

/** Last page of a slot of the node that covers min..max. */
@inline
export function lastOf(node: usize, slot: u32, min: u64, max: u64): u64 {
  const head = load<u32>(node);
  if (slot >= (head & END_MASK)) return max;
  if (head & IS_WIDE) return load<u64>(extension(node) + ((<usize>slot) << 3));
  return min + load<u32>(node + ((<usize>slot) << 2), PIVOTS);
}

/** First page of a slot of the node that starts at min. */
@inline
export function firstOf(node: usize, slot: u32, min: u64): u64 {
  if (slot == 0) return min;
  if (isWide(node)) return load<u64>(extension(node) + ((<usize>(slot - 1)) << 3)) + 1;
  return min + load<u32>(node + ((<usize>(slot - 1)) << 2), PIVOTS) + 1;
}
