// The vmap room's structures as the tests see them.

import { loadRoom, type Target } from "../queue/load.ts";

export interface VmapRoom {
  memory: WebAssembly.Memory;
  setUp(areas: number, nodes: number): void;
  take(pages: bigint, align: bigint): bigint;
  give(start: bigint, pages: bigint): void;
  insertBusy(start: bigint, pages: bigint): void;
  removeBusy(start: bigint): bigint;
  takeLinear(pages: bigint, align: bigint): bigint;
  giveLinear(start: bigint): bigint;
  takeRecord(start: bigint): number;
  recordNumber(start: bigint): number;
  freeBlocks(): number;
  busyAreas(): number;
  areasLive(): number;
  nextFree(first: number): number;
  audit(): void;
  setUpLists(cpus: number, large: number, high_min: bigint, high_max: bigint): void;
  setCost(slot: number, price: bigint): void;
  areaFromList(id: number, pages: bigint): bigint;
  areaToList(id: number, pages: bigint): bigint;
  orderFromList(id: number, order: number): bigint;
  orderToList(id: number, order: number): bigint;
  pagesOnList(id: number): number;
  clearSteps(): void;
  steps(which: number): number;
}

export const NOTHING = 2n ** 64n - 1n;
/** Where the vmalloc range begins in the records. */
export const RANGE_START = 0xffffc_90000000n;
export const TOP = 2n ** 52n;

export function loadVmap(areas: number, target: Target = "release", nodes = 1): VmapRoom {
  const room = loadRoom<VmapRoom>("vmap", target, 1);
  room.setUp(areas, nodes);
  return room;
}

/** Steps of the operations since the last call. */
export function takeSteps(room: VmapRoom) {
  const [left, right, up, update] = [0, 1, 2, 3].map((which) => room.steps(which));
  room.clearSteps();
  return { down: left! + right!, up: up!, update: update! };
}

/** All free blocks [first page, page behind the last], relative to the range. */
export function freeBlocksOf(room: VmapRoom): [bigint, bigint][] {
  const blocks: [bigint, bigint][] = [];
  for (let at = room.nextFree(1); at !== 0; at = room.nextFree(0)) {
    const record = new BigUint64Array(room.memory.buffer, at >>> 0, 2);
    blocks.push([record[0]! - RANGE_START, record[1]! - RANGE_START]);
  }
  return blocks;
}
