// Areas of kernel virtual address space: records in planned memory, and lists of them.
//
// One record serves an area all its life, as the kernel's does: free block in the free-space tree,
// allocated (busy), freed lazily, pooled, free block again. Addresses count pages from the start of
// the vmalloc range.

// Half a million records do not fit any cache, so each is two parts in two tables: half a cache
// line of what every tree needs, and what only lists and the free-space tree do.
//
//       0       8     16     20      24          28     30      31          32
//       ┌───────┬─────┬──────┬───────┬───────────┬──────┬───────┬───────────┐
//  Area │ start │ end │ left │ right │ parent|col│ home │ state │ populated │
//       └───────┴─────┴──────┴───────┴───────────┴──────┴───────┴───────────┘
//       0        8      12     16
//       ┌────────┬──────┬──────┐
//  Rest │ maxGap │ prev │ next │
//       └────────┴──────┴──────┘
//
// A third table has the objects of the kernel's slabs that belong to an area, see objects.ts. Who
// follows none of these never touches it.
//
//          0        4            8       12
//          ┌────────┬────────────┬───────┬───────┐
//  Objects │ record │ descriptor │ array │       │
//          └────────┴────────────┴───────┴───────┘
@unmanaged
class Rest {
  maxGap: u64;
  prev: usize;
  next: usize;
}

/** Handles of objects; 0 = none. */
@unmanaged
export class AreaObjects {
  record: u32;
  descriptor: u32;
  array: u32;
  unused: u32;
}

/** One area. Zero is "none" in every link. */
@unmanaged
export class Area {
  /** First page, and the page behind the last one. */
  start: u64;
  end: u64;
  left: usize;
  right: usize;
  /** Address of the parent; bit 0 is set while the node is black. */
  parentColour: usize;
  /** The vmap node whose pool it belongs to, plus 1; 0 = none. */
  home: u16;
  state: u8;
  /** It has pages, which the purge gives back (Config.VMAP_LAZY_HOLDS). */
  populated: u8;

  @inline
  private get rest(): Rest {
    return changetype<Rest>(restBase + (changetype<usize>(this) >> 1));
  }

  /** In the free-space tree: pages of the largest block of this subtree. */
  @inline
  get maxGap(): u64 {
    return this.rest.maxGap;
  }
  @inline
  set maxGap(pages: u64) {
    this.rest.maxGap = pages;
  }

  @inline
  get prev(): usize {
    return this.rest.prev;
  }
  @inline
  set prev(area: usize) {
    this.rest.prev = area;
  }

  @inline
  get next(): usize {
    return this.rest.next;
  }
  @inline
  set next(area: usize) {
    this.rest.next = area;
  }
}

const AREA_BYTES: u64 = 32;
export const ZONE_PAGES: u64 = 16;
const PAIRS_A_ZONE: u32 = <u32>ZONE_PAGES / 2;
const REST_BYTES: u64 = 16;
const OBJECTS_BYTES: u64 = 16;

/** Where the second table would begin if areas lay from address 0 on, and the third. */
let restBase: usize = 0;
let objectsBase: usize = 0;

/** Where an area is: each change is checked, so none can be handed out or returned twice. */
export enum AreaState {
  UNTOUCHED,
  /** Given back, to be taken by another area. */
  SPARE,
  FREE_BLOCK,
  /** Taken for one operation: between two places. */
  IN_HAND,
  BUSY,
  LAZY,
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
export function objectsOf(area: Area): AreaObjects {
  return changetype<AreaObjects>(objectsBase + (changetype<usize>(area) >> 1));
}

@inline
export function areaPages(area: Area): u64 {
  return area.end - area.start;
}

let base: usize = 0;
let capacity: u32 = 0;
let live: u32 = 0;
/** Records that were given back, linked both ways; and up to where the untouched ones are gone. */
let spare: usize = 0;
let touched: u32 = 0;
/** vmap nodes, and the records that the addresses of each have as their own: a power of two. */
let nodes: u32 = 1;
let share: u32 = 0;

export function areaPoolBytes(areas: u32): u64 {
  return <u64>areas * (AREA_BYTES + REST_BYTES + OBJECTS_BYTES);
}

export function areaPoolInit(at: usize, areas: u32, vmapNodes: u32): void {
  base = at;
  restBase = base + <usize>(<u64>areas * AREA_BYTES) - (base >> 1);
  objectsBase = restBase + <usize>(<u64>areas * REST_BYTES);
  capacity = areas;
  live = 0;
  spare = 0;
  touched = 0;
  nodes = min(vmapNodes, areas);
  share = <u32>1 << (31 - clz<u32>(areas / nodes));
}

/** Records in use. */
export function areasLive(): u32 {
  return live;
}

/** Records that the plan still has. */
@inline
export function areasLeft(): u32 {
  return capacity - live;
}

@inline
function recordAt(number: u32): usize {
  return base + <usize>(<u64>number * AREA_BYTES);
}

/**
 * The record that an address has as its own: in every node areas that are neighbours there have
 * neighbouring records. No area is shorter than a page and its guard page, so each pair of pages
 * has one, until numbers repeat.
 */
@inline
function ownRecord(page: u64): u32 {
  const zone = <u32>(page / ZONE_PAGES);
  const pair = <u32>(page % ZONE_PAGES) >> 1;
  return (zone % nodes) * share + (((zone / nodes) * PAIRS_A_ZONE + pair) & (share - 1));
}

/** A record in hand for what begins at `page`; 0 when the plan has no more. */
export function areaAlloc(page: u64): usize {
  if (live == capacity) return 0;
  let at = recordAt(ownRecord(page));
  if (areaAt(at).state == <u8>AreaState.SPARE) {
    leaveSpares(areaAt(at));
  } else if (areaAt(at).state != <u8>AreaState.UNTOUCHED) {
    at = spare != 0 ? spare : nextUntouched();
    if (at == spare) leaveSpares(areaAt(at));
  }
  const area = areaAt(at);
  area.left = 0;
  area.right = 0;
  area.maxGap = 0;
  area.parentColour = 0;
  area.home = 0;
  area.populated = 0;
  area.state = <u8>AreaState.IN_HAND;
  area.start = page;
  live++;
  return at;
}

function nextUntouched(): usize {
  while (areaAt(recordAt(touched)).state != <u8>AreaState.UNTOUCHED) touched++;
  return recordAt(touched++);
}

function leaveSpares(area: Area): void {
  if (area.prev != 0) areaAt(area.prev).next = area.next;
  else spare = area.next;
  if (area.next != 0) areaAt(area.next).prev = area.prev;
}

export function areaFree(area: Area): void {
  changeState(area, AreaState.IN_HAND, AreaState.SPARE);
  const at = changetype<usize>(area);
  area.prev = 0;
  area.next = spare;
  if (spare != 0) areaAt(spare).prev = at;
  spare = at;
  live--;
}
