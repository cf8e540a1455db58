// The pool runs dry at the n-th allocation, for every n: the tree is as if nothing had been asked.

import { describe, expect, it } from "vitest";
import { OperationStream, TEMPERS } from "./operations.ts";
import { FastTree, KERNELS } from "./support.ts";

function state(tree: FastTree): string {
  return `${tree.draw()}\n${tree.deferred} ${tree.live} ${tree.entries} ${tree.nodes}`;
}

describe.each(KERNELS)("a store that finds no node, %s", (kernel) => {
  it.each([true, false])("changes nothing, RCU mode %s", (rcu) => {
    let failures = 0;
    for (const temper of TEMPERS.slice(0, 2).concat(TEMPERS[4]!)) {
      const keep = temper.pages < 100;
      const tree = new FastTree({ kernel, rcu, keep, target: "debug" });
      const { wasm, memory } = tree;
      const stream = new OperationStream(temper, 4321);
      for (let i = 0; i < 700; i++) {
        const operation = stream.next();
        if (operation.op === "erase") {
          tree.erase(operation.page);
          continue;
        }
        const [first, last] = [BigInt(operation.first), BigInt(operation.last)];
        const before = state(tree);
        for (let n = 1; ; n++) {
          while (wasm.poolNodesFree(memory.pool) < 64) memory.grow();
          wasm.poolFailAfter(memory.pool, n);
          const store = operation.op === "store" ? wasm.treeStore : wasm.treeInsert;
          const result = store(tree.tree, first, last, operation.value);
          wasm.poolFailAfter(memory.pool, 0);
          if (result !== -12) break;
          failures++;
          if (state(tree) !== before) expect(state(tree)).toBe(before);
          expect(tree.audit()).toBe("");
        }
        expect(tree.audit()).toBe("");
        tree.reclaim();
        expect(tree.live).toBe(tree.nodes);
      }
    }
    expect(failures).toBeGreaterThan(rcu ? 700 : 300);
  });

  it("fork gives back what it had copied", () => {
    const tree = new FastTree({ kernel, rcu: false });
    for (let i = 0; i < 500; i++) tree.store(10 + 2 * i, 10 + 2 * i, i + 1);
    const copy = new FastTree({ kernel }, tree.memory);
    while (tree.wasm.poolNodesFree(tree.memory.pool) < tree.nodes) tree.memory.grow();
    for (let n = 1; n <= tree.nodes; n++) {
      tree.wasm.poolFailAfter(tree.memory.pool, n);
      expect(tree.wasm.treeDup(copy.tree, tree.tree)).toBe(-12);
      expect(tree.live).toBe(tree.nodes);
      expect([copy.nodes, copy.height]).toEqual([0, 0]);
    }
    tree.wasm.poolFailAfter(tree.memory.pool, 0);
    expect(tree.wasm.treeDup(copy.tree, tree.tree)).toBe(0);
    expect(copy.draw()).toBe(tree.draw());
    expect(copy.audit()).toBe("");
  });

  it("an erase that finds no node leaves the entry", () => {
    const tree = new FastTree({ kernel, rcu: true });
    for (let i = 0; i < 5; i++) tree.store(10 + i, 10 + i, i + 1);
    tree.erase(12);
    tree.wasm.poolFailAfter(tree.memory.pool, 1);
    expect(tree.wasm.treeErase(tree.tree, 13n)).toBe(0);
    expect(tree.load(13)).toBe(4);
    expect(tree.audit()).toBe("");
  });
});

describe("a small pool", () => {
  it("is exhausted at its size and usable again after an erase", () => {
    const tree = new FastTree({ rcu: false, max_nodes: 10 });
    let stored = 0;
    const { wasm } = tree;
    while (wasm.treeStore(tree.tree, BigInt(10 * stored), BigInt(10 * stored + 4), 1) === 0)
      stored++;
    expect(stored).toBeGreaterThan(40);
    expect(wasm.poolNodesFree(tree.memory.pool)).toBeLessThan(4);
    expect(tree.entries).toBe(stored);
    expect(tree.audit()).toBe("");
    wasm.treeDestroy(tree.tree);
    expect(wasm.poolNodesFree(tree.memory.pool)).toBe(10);
    expect(tree.store(5, 6, 7)).toBe(0);
  });
});

describe("wide nodes", () => {
  it.each([true, false])("give their second block back, RCU mode %s", (rcu) => {
    const tree = new FastTree({ rcu, max_nodes: 300 });
    const { wasm, memory } = tree;
    while (wasm.poolNodesFree(memory.pool) < 300) memory.grow();
    const far = 2 ** 40;
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 900; i++) {
        const first = far * (i + 1) + (i % 3);
        const result = wasm.treeStore(tree.tree, BigInt(first), BigInt(first + 5), i + 1);
        if (result !== 0) expect([round, i, result]).toEqual([round, i, 0]);
      }
      expect(tree.audit()).toBe("");
      if (round % 2 === 0) wasm.treeDestroy(tree.tree);
      else tree.store(0, 2 ** 52 - 1, 0);
      wasm.treeReclaim(tree.tree);
      expect(wasm.poolNodesFree(memory.pool)).toBe(300);
    }
  });
});
