// A process that makes its VMAs with the real index in RCU mode and a slab cache, store by store: what
// destroying its tree does to the slabs. Slow, and knows no rule of how nodes come and go: it looks
// which are there after each store and which are not any more. The cache of 6.12 is the engine's own,
// that of 7.2 the naive one.

import type { NodeLayout } from "../../src/vma-index/picture.ts";
import { layoutOf } from "../../src/vma-index/picture.ts";
import { FastTree } from "../index/support.ts";
import { Oracle72, type OracleCpu, type Sheaf } from "../slab/oracle-72.ts";
import { OracleNode } from "../slab/oracle-slabs.ts";
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
  /** Nodes that went to their slabs, instead of into a sheaf. */
  readonly to_slabs: number;
  readonly slow: number;
  readonly gone: number;
}

/** Where nodes come from and go to. */
interface Supply {
  /** The nodes of a store that asks for more than one and needs so many; `old` are replaced by it. */
  store(asked: number, needed: number, old: readonly number[]): number[];
  /** A node alone, in place of another. */
  single(old: readonly number[]): number;
  /** The program is there; from here on its process makes VMAs. */
  settle(): void;
  tick(): void;
  allBack(): void;
  together(objects: readonly number[]): void;
  alone(object: number): void;
  counts(): Omit<Destroyed, "nodes">;
}

/** A cache of 6.12: a callback a node, back some ticks after the first one, then one tick later. */
function slabs612(vmas: number, first: number): Supply {
  const room = loadSlab();
  const each = room.objectsPerSlab(NODE_BYTES, room.slabOrder(NODE_BYTES, 1));
  const bytes = Number(room.cacheBytes(3 * vmas, 4, each, 1));
  const array = CACHE + Math.ceil(bytes / 64) * 64;
  room.memory.grow(Math.ceil((array + 4096) / 65_536));
  const partial = room.cpuPartialSlabs(NODE_BYTES, each);
  room.cacheInit(CACHE, 3 * vmas, 4, each, 0, 1, partial, room.minPartial(NODE_BYTES));
  const alloc = (): number => room.slabAlloc(CACHE, 0);
  const alone = (object: number): void => void room.slabFree(CACHE, 0, object);
  const together = (objects: readonly number[]): void => {
    const words = new DataView(room.memory.buffer);
    for (const [i, object] of objects.entries()) words.setUint32(array + 4 * i, object, true);
    room.slabFreeBulk(CACHE, 0, array, objects.length);
  };
  for (let i = 0; i < each / 2; i++) alloc(); // of others
  const waiting: number[] = [];
  let ticks = 0;
  let returned = 0;
  let found = 0;
  let freed = 0;
  return {
    store(asked, needed, old) {
      const taken = Array.from({ length: Math.max(asked, needed) }, alloc);
      const used = Array.from({ length: needed }, () => taken.pop()!);
      if (taken.length > 2) together(taken.splice(2));
      for (const object of taken) alone(object);
      waiting.push(...old);
      return used;
    },
    single(old) {
      const made = alloc();
      waiting.push(...old);
      return made;
    },
    settle() {},
    tick() {
      ticks++;
      while (ticks > first && returned < found) alone(waiting[returned++]!);
      found = waiting.length;
    },
    allBack() {
      while (returned < waiting.length) alone(waiting[returned++]!);
    },
    together(objects) {
      freed += objects.length;
      together(objects);
    },
    alone(object) {
      freed++;
      alone(object);
    },
    counts: () => ({
      to_slabs: freed,
      slow: room.cacheSlowFrees(CACHE),
      gone: room.cacheSlabsDiscarded(CACHE),
    }),
  };
}

/** A cache of 7.2: sheaves of replaced nodes are back with the tick after the one that found them. */
function sheaves72(vmas: number, [main, spare, rcu]: readonly [number, number, number]): Supply {
  const node = new OracleNode(16, 5, vmas, false);
  const cache = new Oracle72(node, 1, 32, vmas);
  const [cpu] = cache.cpus as [OracleCpu];
  const others: number[] = [];
  /** The program's own nodes are in no sheaf any more. */
  let settled = false;
  const old = (objects: readonly number[]): void => {
    for (const object of objects) {
      if (settled) cache.pushRcu(0, object);
      else others.push(object);
    }
  };
  const settle = (): void => {
    while (cpu.main.length !== main) others.push(cache.alloc(0).object!);
    const held = cache.prefill(0, 32)!;
    while (held.length !== spare) others.push(cache.take(held));
    cache.giveBack(0, held);
    while ((cpu.rcu_free?.length ?? 0) !== rcu) cache.pushRcu(0, others.pop()!);
    settled = true;
  };
  let found = 0;
  let to_slabs = 0;
  const back = (): void => {
    for (; found > 0; found--) cache.returnRcu();
    found = cache.in_flight.length;
  };
  return {
    store(asked, needed, replaced) {
      const sheaf: Sheaf = cache.prefill(0, asked)!;
      const used = Array.from({ length: needed }, () => cache.take(sheaf));
      old(replaced);
      cache.giveBack(0, sheaf);
      return used;
    },
    single(replaced) {
      const made = cache.alloc(0).object!;
      old(replaced);
      return made;
    },
    settle,
    tick: back,
    allBack() {
      back();
      back();
    },
    together(objects) {
      to_slabs += cache.freeBulk(0, objects).moved;
    },
    alone(object) {
      to_slabs += cache.free(0, object).moved;
    },
    counts: () => ({ to_slabs, slow: cache.slow_frees, gone: node.discarded }),
  };
}

/** Makes so many VMAs of 6.12, so many a jiffy, and destroys the tree. */
export function destroyed(vmas: number, pace: number, first: number): Destroyed {
  return history("6.12", vmas, pace, slabs612(vmas, first));
}

/** The same of 7.2, with so many nodes in main, spare and rcu sheaf when the program is there. */
export function destroyed72(
  vmas: number,
  pace: number,
  sheaves: readonly [number, number, number],
): Destroyed {
  return history("7.2", vmas, pace, sheaves72(vmas, sheaves));
}

function history(kernel: "6.12" | "7.2", vmas: number, pace: number, supply: Supply): Destroyed {
  const tree = new FastTree({ kernel, rcu: true });
  const objects = new Map<string, number>();
  let made = 0;
  const store = (from: number, to: number): void => {
    tree.store(from, to, 1 + made);
    const now = standing(layoutOf(tree.wasm, tree.tree)!);
    const keys = new Set(now.map(({ key }) => key));
    const level = (key: string): number => Number.parseInt(key, 10);
    const old = [...objects.entries()]
      .filter(([key]) => !keys.has(key))
      .sort(([a], [b]) => level(b) - level(a));
    for (const [key] of old) objects.delete(key);
    const fresh = now.filter(({ key }) => !objects.has(key));
    const replaced = old.map(([, object]) => object);
    const height = now.at(-1)!.level + 1;
    const asked = 2 * (height - (old.length < 2 ? 1 : 0)) + 1;
    const nodes =
      fresh.length === 1 ? [supply.single(replaced)] : supply.store(asked, fresh.length, replaced);
    for (const [i, { key }] of fresh.entries()) objects.set(key, nodes[i]!);
    made++;
    if (made % pace === 1 && made !== 1) supply.tick();
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
  supply.settle();
  store(area, area + count);
  for (let page = 1; page <= count; page += 2) {
    store(area + page - 1, area + page - 1);
    if (page < count) store(area + page + 1, area + count);
  }
  supply.allBack();

  const before = supply.counts();
  const root = layoutOf(tree.wasm, tree.tree)!;
  const nodes = standing(root);
  const objectOf = (node: NodeLayout): number => {
    const level = depth(node);
    const one = nodes.find((other) => other.level === level && other.first === node.first);
    return objects.get(one!.key)!;
  };
  const walk = (node: NodeLayout): void => {
    if (node.children[0]!.children.length !== 0) node.children.forEach(walk);
    supply.together(node.children.map(objectOf));
  };
  if (root.children.length !== 0) walk(root);
  supply.alone(objectOf(root));
  const after = supply.counts();
  return {
    nodes: nodes.length,
    to_slabs: after.to_slabs - before.to_slabs,
    slow: after.slow - before.slow,
    gone: after.gone - before.gone,
  };
}
