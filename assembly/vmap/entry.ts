// The structures of the vmap room alone, for tests, benchmarks and the derivation of costs.

import { Config } from "../abi/config";
import { COSTS, setConfig } from "../memory/slots";
import {
  Area,
  areaAlloc,
  areaAt,
  areaFree,
  areaPoolBytes,
  areaPoolInit,
  AreaState,
  changeState,
} from "./area";
import { auditTree } from "./audit";
import { clip, freeSpaceInit, giveBack, lowestMatch, RANGE_START } from "./free-space";
import { linearInit, linearSearch, noteInserted, noteRemoved } from "./linear";
import { pageListsBytes, pageListsInit } from "./page-lists";
import { AREA_TREE_BYTES, AreaTree, findArea, findPlace, linkArea, unlinkArea } from "./rbtree";
import { climbed, recoloured, resetSteps, rotated, updated, wentLeft, wentRight } from "./steps";

export { areasLive } from "./area";
export { areaFromList, areaToList, orderFromList, orderToList, pagesOnList } from "./page-lists";

const FREE: usize = 65536;
const BUSY: usize = FREE + AREA_TREE_BYTES;
const POOL: usize = FREE + 4096;
/** Answer of `take` when nothing fits. */
export const NOTHING: u64 = u64.MAX_VALUE;

export function setUp(areas: u32, nodes: u32): void {
  const bytes = areaPoolBytes(areas) + 2 * 65536;
  const missing = <i32>((bytes + 0xffff) >> 16) + 1 - memory.size();
  if (missing > 0) memory.grow(missing);
  memory.fill(FREE, 0, 4096);
  areaPoolInit(POOL, areas, nodes);
  freeSpaceInit(changetype<AreaTree>(FREE));
  linearInit();
}

function free(): AreaTree {
  return changetype<AreaTree>(FREE);
}

function busy(): AreaTree {
  return changetype<AreaTree>(BUSY);
}

/** Lowest page that fits, relative to the range; taken out of the free space. */
export function take(pages: u64, align: u64): u64 {
  const at = lowestMatch(free(), pages, align, RANGE_START);
  return at == 0 ? NOTHING : clip(free(), at, pages, align, RANGE_START) - RANGE_START;
}

function recordOf(start: u64, pages: u64): Area {
  const area = areaAt(areaAlloc(start + RANGE_START));
  area.end = area.start + pages;
  return area;
}

export function give(start: u64, pages: u64): void {
  giveBack(free(), recordOf(start, pages));
}

export function insertBusy(start: u64, pages: u64): void {
  const area = recordOf(start, pages);
  findPlace(busy(), area.start, area.end, 0);
  linkArea(busy(), area, false);
  changeState(area, AreaState.IN_HAND, AreaState.BUSY);
}

/** The search of 2019: what it finds becomes a busy area. */
export function takeLinear(pages: u64, align: u64): u64 {
  const found = linearSearch(busy(), pages, align);
  if (found == NOTHING) return NOTHING;
  insertBusy(found - RANGE_START, pages);
  noteInserted(areaAt(findArea(busy(), found)));
  return found - RANGE_START;
}

/** An area of 2019 leaves the list of all. */
export function giveLinear(start: u64): u64 {
  noteRemoved(areaAt(findArea(busy(), start + RANGE_START)));
  return removeBusy(start);
}

/** Pages of the busy area at `start`, taken out of its tree; 0 when there is none. */
export function removeBusy(start: u64): u64 {
  const at = findArea(busy(), start + RANGE_START);
  if (at == 0) return 0;
  const area = areaAt(at);
  const pages = area.end - area.start;
  unlinkArea(busy(), area, false);
  changeState(area, AreaState.BUSY, AreaState.IN_HAND);
  areaFree(area);
  return pages;
}

/** A record for what begins at `start`, in hand; 0 when the plan has no more. */
export function takeRecord(start: u64): usize {
  return areaAlloc(start + RANGE_START);
}

/** Number of the record of the busy area at `start`, counted from the first one of the table. */
export function recordNumber(start: u64): u32 {
  return <u32>((findArea(busy(), start + RANGE_START) - POOL) / offsetof<Area>());
}

export function freeBlocks(): u32 {
  return free().count;
}

export function busyAreas(): u32 {
  return busy().count;
}

let cursor: usize = 0;

/** Walks the free blocks: address of the next record, 0 at the end. */
export function nextFree(first: bool): usize {
  cursor = first ? free().first : areaAt(cursor).next;
  return cursor;
}

export function audit(): void {
  auditTree(free(), true);
  auditTree(busy(), false);
}

/** Lists of free pages of so many CPUs, alone; what they cost is set by `setCost`. */
export function setUpLists(cpus: u32, largeOrders: bool, highMin: u64, highMax: u64): void {
  setConfig(Config.VMAP_LARGE_ORDERS, largeOrders ? 1 : 0);
  setConfig(Config.VMAP_LIST_HIGH_MIN, highMin);
  setConfig(Config.VMAP_LIST_HIGH_MAX, highMax);
  memory.fill(POOL, 0, <usize>pageListsBytes(cpus));
  pageListsInit(POOL, cpus);
}

export function setCost(slot: u32, price: u64): void {
  store<u64>(COSTS + (<usize>slot << 3), price);
}

export function clearSteps(): void {
  resetSteps();
}

/** Steps since the last reset, by number: left, right, up, updates, colours, rotations. */
export function steps(which: u32): u32 {
  switch (which) {
    case 0: return wentLeft;
    case 1: return wentRight;
    case 2: return climbed;
    case 3: return updated;
    case 4: return recoloured;
    default: return rotated;
  }
}
