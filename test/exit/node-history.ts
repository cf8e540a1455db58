// A process that makes its VMAs with the real index in RCU mode and a real slab cache, store by
// store: what destroying its tree does to the slabs. Slow, and knows no rule of how nodes come and
// go: it looks which are there after each store and which are not any more.

import type { NodeLayout } from "../../src/vma-index/picture.ts";
import { layoutOf } from "../../src/vma-index/picture.ts";
import { FastTree } from "../index/support.ts";
import { loadSlab } from "../slab/slab-room.ts";

const CACHE = 65_536;
const NODE_BYTES = 256;

interface Standing {
  readonly key: string;
  readonly level: number;
  readonly first: bigint;
}

/** Levels below a node. */
function depth(node: NodeLayout): number {
  return node.children.length === 0 ? 0 : 1 + depth(node.children[0]!);
}

/** All nodes of a tree, lower levels first; a node that was changed is another one. */
function standing(root: NodeLayout): Standing[] {
  const found: Standing[] = [];
  const visit = (node: NodeLayout): void => {
    const level = depth(node);
    const key = `${level}: ${node.first} ${node.lasts} ${node.values}`;
    found.push({ key, level, first: node.first });
    node.children.forEach(visit);
  };
  visit(root);
  return found.sort((a, b) => a.level - b.level || Number(a.first - b.first));
}

export interface Destroyed {
  readonly nodes: number;
  readonly slow: number;
  readonly gone: number;
}

/** Makes so many VMAs, so many a jiffy, and destroys the tree. */
export function destroyed(vmas: number, pace: number, first: number): Destroyed {
  const room = loadSlab();
  const each = room.objectsPerSlab(NODE_BYTES, room.slabOrder(NODE_BYTES, 1));
  const bytes = Number(room.cacheBytes(3 * vmas, 4, each, 1));
  const array = CACHE + Math.ceil(bytes / 64) * 64;
  room.memory.grow(Math.ceil((array + 4096) / 65_536));
  const partial = room.cpuPartialSlabs(NODE_BYTES, each);
  room.cacheInit(CACHE, 3 * vmas, 4, each, 0, 1, partial, room.minPartial(NODE_BYTES));
  const alloc = (): number => room.slabAlloc(CACHE, 0);
  const free = (object: number): number => room.slabFree(CACHE, 0, object);
  const bulk = (objects: readonly number[]): void => {
    const words = new DataView(room.memory.buffer);
    for (const [i, object] of objects.entries()) words.setUint32(array + 4 * i, object, true);
    room.slabFreeBulk(CACHE, 0, array, objects.length);
  };
  for (let i = 0; i < each / 2; i++) alloc(); // of others

  const tree = new FastTree({ kernel: "6.12", rcu: true });
  const objects = new Map<string, number>();
  const waiting: number[] = [];
  let made = 0;
  let ticks = 0;
  let returned = 0;
  let found = 0;
  const store = (from: number, to: number): void => {
    tree.store(from, to, 1 + made);
    const now = standing(layoutOf(tree.wasm, tree.tree)!);
    const keys = new Set(now.map(({ key }) => key));
    const old = [...objects].filter(([key]) => !keys.has(key));
    const fresh = now.filter(({ key }) => !objects.has(key));
    const height = now.at(-1)!.level + 1;
    const asked = fresh.length === 1 ? 1 : 2 * (height - (old.length < 2 ? 1 : 0)) + 1;
    const taken = Array.from({ length: Math.max(asked, fresh.length) }, alloc);
    for (const { key } of fresh) objects.set(key, taken.pop()!);
    if (taken.length > 2) bulk(taken.splice(2));
    for (const object of taken) free(object);
    const level = (key: string): number => Number.parseInt(key, 10);
    for (const [key, object] of old.sort(([a], [b]) => level(b) - level(a))) {
      objects.delete(key);
      waiting.push(object);
    }
    made++;
    if (made % pace !== 1 || made === 1) return;
    ticks++;
    while (ticks > first && returned < found) free(waiting[returned++]!);
    found = waiting.length;
  };
  // the program, its heap, and what lies above the area
  const area = 0x10_0000;
  const count = vmas - 11;
  for (const [at, pages] of [
    [0, 1],
    [1, 9],
    [10, 9],
    [19, 9],
    [28, 9],
    [37, 9],
  ] as const) {
    store(0x400 + at, 0x400 + at + pages - 1);
  }
  const above = area + count + 1;
  store(above + 0x8000, above + 0x8020);
  store(above + 1, above + 4);
  store(above + 5, above + 6);
  store(above, above);
  store(area, area + count);
  for (let page = 1; page <= count; page += 2) {
    store(area + page - 1, area + page - 1);
    if (page < count) store(area + page + 1, area + count);
  }
  while (returned < waiting.length) free(waiting[returned++]!);

  const slow = room.cacheSlowFrees(CACHE);
  const gone = room.cacheSlabsDiscarded(CACHE);
  const root = layoutOf(tree.wasm, tree.tree)!;
  const nodes = standing(root);
  const objectOf = (node: NodeLayout): number => {
    const level = depth(node);
    const one = nodes.find((other) => other.level === level && other.first === node.first);
    return objects.get(one!.key)!;
  };
  const walk = (node: NodeLayout): void => {
    if (node.children[0]!.children.length !== 0) node.children.forEach(walk);
    bulk(node.children.map(objectOf));
  };
  walk(root);
  free(objectOf(root));
  return {
    nodes: nodes.length,
    slow: room.cacheSlowFrees(CACHE) - slow,
    gone: room.cacheSlabsDiscarded(CACHE) - gone,
  };
}
