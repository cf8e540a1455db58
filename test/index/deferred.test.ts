// Replaced nodes wait for a grace period: readable, marked dead, given back one item at a time.

import { describe, expect, it } from "vitest";
import { layoutOf } from "../../src/vma-index/picture.ts";
import { FastTree, KERNELS } from "./support.ts";

const ROOT_WORD = 4;

function rootOf(tree: FastTree): number {
  return new DataView(tree.wasm.memory.buffer).getUint32(tree.tree + ROOT_WORD, true);
}

/** A tree of n one-page entries with a gap after each, in RCU mode, that keeps what it replaces. */
function gappy(n: number, kernel: "6.12" | "7.2" = "7.2"): FastTree {
  const tree = new FastTree({ kernel, rcu: true, keep: true, target: "debug" });
  for (let i = 0; i < n; i++) tree.store(10 + 2 * i, 10 + 2 * i, i + 1);
  return tree;
}

describe.each(KERNELS)("deferred nodes, %s", (kernel) => {
  it("wait on the list in order and come back to the pool one by one", () => {
    const tree = gappy(300, kernel);
    const { wasm, memory } = tree;
    const waiting = wasm.treeDeferredWaiting(tree.tree);
    expect(waiting).toBe(tree.deferred);
    expect(tree.live).toBe(tree.nodes + waiting);
    for (let i = 0; i < waiting; i++) {
      const item = wasm.treeTakeDeferred(tree.tree);
      expect(item).not.toBe(0);
      expect(wasm.nodeIsDead(item)).toBe(1);
      expect(wasm.treeDeferredNodes(item)).toBe(1);
      expect(wasm.treeReturnDeferred(memory.pool, item)).toBe(1);
    }
    expect(wasm.treeTakeDeferred(tree.tree)).toBe(0);
    expect(tree.live).toBe(tree.nodes);
    expect(tree.audit()).toBe("");
  });

  it("a reader on a replaced leaf sees the old entries and that the leaf is dead", () => {
    const tree = new FastTree({ kernel, rcu: true, keep: true, target: "debug" });
    for (let i = 0; i < 6; i++) tree.store(10 + 2 * i, 10 + 2 * i, i + 1);
    const leaf = rootOf(tree);
    const before = layoutOf(tree.wasm, tree.tree);
    expect(tree.wasm.nodeIsDead(leaf)).toBe(0);
    tree.store(100, 100, 9);
    expect(rootOf(tree)).not.toBe(leaf);
    expect(tree.wasm.nodeIsDead(leaf)).toBe(1);
    const root = new Uint32Array(tree.wasm.memory.buffer, tree.tree, 2);
    const live = root[1]!;
    root[1] = leaf;
    expect(layoutOf(tree.wasm, tree.tree)).toEqual(before);
    root[1] = live;
  });

  it("a subtree is one item, all its nodes dead", () => {
    const tree = gappy(1000, kernel);
    const { wasm, memory } = tree;
    wasm.treeReclaim(tree.tree);
    const nodes = tree.nodes;
    const root = rootOf(tree);
    tree.store(0, 2 ** 52 - 1, 0);
    expect(wasm.treeDeferredWaiting(tree.tree)).toBe(1);
    expect(tree.live).toBe(nodes);
    const item = wasm.treeTakeDeferred(tree.tree);
    expect(item).toBe(root);
    expect(wasm.treeDeferredNodes(item)).toBe(nodes);
    expect(wasm.treeReturnDeferred(memory.pool, item)).toBe(nodes);
    expect(tree.live).toBe(0);
  });

  it("destroying the tree is one item in RCU mode and none outside", () => {
    const tree = gappy(1000, kernel);
    const nodes = tree.nodes;
    tree.wasm.treeReclaim(tree.tree);
    const deferred = tree.deferred;
    tree.wasm.treeSetRcu(tree.tree, 0);
    const copy = new FastTree({ kernel, rcu: true, keep: true }, tree.memory);
    while (copy.wasm.treeDup(copy.tree, tree.tree) !== 0) tree.memory.grow();
    expect(tree.wasm.treeDestroy(tree.tree)).toBe(nodes);
    expect(tree.deferred).toBe(deferred);
    expect(tree.live).toBe(nodes);
    expect(copy.wasm.treeDestroy(copy.tree)).toBe(nodes);
    expect(copy.deferred).toBe(1);
    expect(tree.live).toBe(nodes);
    expect(copy.wasm.treeReclaim(copy.tree)).toBe(nodes);
    expect(tree.live).toBe(0);
  });
});

describe("a live node", () => {
  it("cannot be given back as a deferred item", () => {
    const tree = gappy(20);
    expect(() => tree.wasm.treeReturnDeferred(tree.memory.pool, rootOf(tree))).toThrow(
      /assert failed at .*deferred\.ts/,
    );
  });
});

describe("a cursor", () => {
  it("goes both ways and turns around", () => {
    const tree = gappy(100);
    const { wasm, memory } = tree;
    wasm.cursorInit(memory.cursor, tree.tree, 50n);
    expect(wasm.cursorNext(memory.cursor)).toBe(21);
    expect(wasm.cursorNext(memory.cursor)).toBe(22);
    expect(wasm.cursorPrev(memory.cursor)).toBe(21);
    expect(wasm.cursorPrev(memory.cursor)).toBe(20);
    wasm.cursorInitRev(memory.cursor, tree.tree, 11n);
    expect(wasm.cursorPrev(memory.cursor)).toBe(1);
    expect(wasm.cursorPrev(memory.cursor)).toBe(0);
    expect(wasm.cursorNext(memory.cursor)).toBe(1);
    wasm.cursorInit(memory.cursor, tree.tree, 208n);
    expect(wasm.cursorNext(memory.cursor)).toBe(100);
    expect(wasm.cursorNext(memory.cursor)).toBe(0);
    expect(wasm.cursorNext(memory.cursor)).toBe(0);
    expect(wasm.cursorPrev(memory.cursor)).toBe(100);
  });

  it("gives values in batches of any size", () => {
    const tree = gappy(100);
    tree.store(0, 9, 500);
    tree.store(209, 300, 501);
    const { wasm, memory } = tree;
    const expected = tree.ranges().map(({ value }) => value);
    for (const size of [1, 2, 3, 7, 16, 102, 103, 200]) {
      wasm.cursorInit(memory.cursor, tree.tree, 0n);
      const values: number[] = [];
      for (let n = size; n === size; ) {
        n = wasm.cursorNextValues(memory.cursor, memory.column_c, size);
        values.push(...memory.words(memory.column_c, n));
      }
      expect(values).toEqual(expected);
    }
    wasm.cursorInit(memory.cursor, tree.tree, 50n);
    expect(wasm.cursorNextValues(memory.cursor, memory.column_c, 5)).toBe(5);
    expect(wasm.cursorPrev(memory.cursor)).toBe(24);
  });

  it("of an empty tree finds nothing", () => {
    const tree = new FastTree();
    const { wasm, memory } = tree;
    wasm.cursorInit(memory.cursor, tree.tree, 0n);
    expect(wasm.cursorNext(memory.cursor)).toBe(0);
    expect(wasm.cursorNextValues(memory.cursor, memory.column_c, 9)).toBe(0);
    expect(wasm.cursorPrev(memory.cursor)).toBe(0);
  });

  it("does not survive a write: going to another leaf is refused", () => {
    const tree = gappy(100);
    const { wasm, memory } = tree;
    wasm.cursorInit(memory.cursor, tree.tree, 0n);
    wasm.cursorNext(memory.cursor);
    tree.store(5000, 5000, 1);
    expect(() => {
      for (let i = 0; i < 20; i++) wasm.cursorNext(memory.cursor);
    }).toThrow(/assert failed at .*cursor\.ts/);
  });
});

describe("trees over one pool", () => {
  it("do not disturb each other", () => {
    const one = new FastTree({ kernel: "7.2", rcu: true, target: "debug" });
    const two = new FastTree({ kernel: "6.12", rcu: false }, one.memory);
    for (let i = 0; i < 400; i++) {
      one.store(3 * i, 3 * i + 1, i + 1);
      two.store(10_000 - 5 * i, 10_002 - 5 * i, i + 1);
      if (i % 3 === 0) one.erase(3 * (i >> 1));
    }
    expect(one.audit() + two.audit()).toBe("");
    expect(one.live).toBe(one.nodes + two.nodes);
    expect(two.ranges().length).toBe(400);
  });
});
