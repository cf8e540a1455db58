// Areas of kernel virtual address space: records in planned memory, and lists of them.
//
// One record serves an area all its life, as the kernel's does: free block in the free-space tree,
// allocated (busy), freed lazily, pooled, free block again. Addresses count pages from the start of
// the vmalloc range.

//  0       8     16       24     28      32          36     40     44     46    48
//  ┌───────┬─────┬────────┬──────┬───────┬───────────┬──────┬──────┬──────┬─────┐
//  │ start │ end │ maxGap │ left │ right │ parent|col│ prev │ next │ home │state│
//  └───────┴─────┴────────┴──────┴───────┴───────────┴──────┴──────┴──────┴─────┘
/** One area. Zero is "none" in every link. */
@unmanaged
export class Area {
  /** First page, and the page behind the last one. */
  start: u64;
  end: u64;
  /** In the free-space tree: pages of the largest block of this subtree. */
  maxGap: u64;
  left: usize;
  right: usize;
  /** Address of the parent; bit 0 is set while the node is black. */
  parentColour: usize;
  prev: usize;
  next: usize;
  /** The vmap node whose pool it belongs to, plus 1; 0 = none. */
  home: u16;
  state: u8;
  /** It has pages, which the purge gives back (Config.VMAP_LAZY_HOLDS). */
  populated: u8;
}

export const AREA_BYTES: u64 = 48;

/** Where an area is: each change is checked, so none can be handed out or returned twice. */
export enum AreaState {
  UNUSED,
  FREE_BLOCK,
  /** Taken for one operation: between two places. */
  IN_HAND,
  BUSY,
  LAZY,
  PURGING,
  POOLED,
}

export function changeState(area: Area, from: AreaState, to: AreaState): void {
  assert(area.state == <u8>from); // an area is where its last operation left it
  area.state = <u8>to;
}

@inline
export function areaAt(address: usize): Area {
  return changetype<Area>(address);
}

@inline
export function areaPages(area: Area): u64 {
  return area.end - area.start;
}

let base: usize = 0;
let capacity: u32 = 0;
let used: u32 = 0;
let unused: usize = 0;
let live: u32 = 0;

export function areaPoolBytes(areas: u32): u64 {
  return <u64>areas * AREA_BYTES;
}

export function areaPoolInit(at: usize, areas: u32): void {
  base = at;
  capacity = areas;
  used = 0;
  unused = 0;
  live = 0;
}

/** Records in use. */
export function areasLive(): u32 {
  return live;
}

/** A record in hand; 0 when the plan has no more. */
export function areaAlloc(): usize {
  let at = unused;
  if (at != 0) {
    unused = areaAt(at).next;
  } else {
    if (used == capacity) return 0;
    at = base + <usize>(<u64>used * AREA_BYTES);
    used++;
  }
  memory.fill(at, 0, <usize>AREA_BYTES);
  areaAt(at).state = <u8>AreaState.IN_HAND;
  live++;
  return at;
}

export function areaFree(area: Area): void {
  changeState(area, AreaState.IN_HAND, AreaState.UNUSED);
  area.next = unused;
  unused = changetype<usize>(area);
  live--;
}
