// Small cases, all of them.

import { describe, expect, it } from "vitest";
import { drawModel, ModelTree } from "./model.ts";
import { FastTree, KERNELS } from "./support.ts";

interface Store {
  readonly first: number;
  readonly last: number;
  readonly filled: boolean;
}

/** Every store of a value or of nothing over every range of so many pages. */
function everyStore(page_count: number): Store[] {
  const stores: Store[] = [];
  for (let first = 0; first < page_count; first++) {
    for (let last = first; last < page_count; last++) {
      stores.push({ first, last, filled: true }, { first, last, filled: false });
    }
  }
  return stores;
}

describe("all stores over a few pages, one after the other, in every order", () => {
  it.each([
    [5, 4],
    [4, 5],
    [3, 6],
  ])("%i operations over %i pages", (depth_max, page_count) => {
    const stores = everyStore(page_count);
    const root = new FastTree({ rcu: false });
    const { wasm, memory } = root;
    const trees = [root];
    while (trees.length <= depth_max) trees.push(new FastTree({}, memory));
    const pages: number[][] = [Array<number>(page_count).fill(0)];
    let cases = 0;

    const check = (depth: number): void => {
      const tree = trees[depth]!.tree;
      const expected = pages[depth]!;
      for (let page = 0; page < page_count; page++) {
        if (wasm.treeLoad(tree, BigInt(page)) !== expected[page]) {
          expect(trees[depth]!.draw()).toBe(`pages ${expected}`);
        }
      }
      if (wasm.treeValidate(tree, memory.audit) !== 0) expect(trees[depth]!.audit()).toBe("");
      cases++;
    };

    const visit = (depth: number): void => {
      for (const { first, last, filled } of stores) {
        const tree = trees[depth + 1]!.tree;
        const value = filled ? depth + 1 : 0;
        wasm.treeDestroy(tree);
        if (wasm.treeDup(tree, trees[depth]!.tree) !== 0) expect.fail("no memory");
        wasm.treeStore(tree, BigInt(first), BigInt(last), value);
        pages[depth + 1] = pages[depth]!.map((v, p) => (p >= first && p <= last ? value : v));
        check(depth + 1);
        if (depth + 1 < depth_max) visit(depth + 1);
      }
    };
    visit(0);
    let expected = 0;
    for (let depth = 1; depth <= depth_max; depth++) expected += stores.length ** depth;
    expect(cases).toBe(expected);
  });
});

/** Trees whose borders are worth crossing: entries, gap after each, and pages of an entry. */
const BASES = [
  { entries: 15, gap: 0, length: 2 },
  { entries: 26, gap: 0, length: 2 },
  { entries: 9, gap: 1, length: 1 },
  { entries: 26, gap: 1, length: 1 },
];

describe.each(KERNELS)("every single store into trees of two to four leaves, %s", (kernel) => {
  describe.each([true, false])("RCU mode %s", (rcu) => {
    it.each(BASES)("$entries entries of $length, gap $gap", ({ entries, gap, length }) => {
      const end = 2 + entries * (length + gap) + 2;
      const base = new FastTree({ kernel, rcu });
      const fast = new FastTree({ kernel, rcu, keep: gap === 1 }, base.memory);
      const grow = (tree: FastTree | ModelTree): void => {
        for (let i = 0; i < entries; i++) {
          const first = 2 + i * (length + gap);
          tree.store(first, first + length - 1, i + 1);
        }
      };
      grow(base);
      for (let first = 0; first < end; first++) {
        for (let last = first; last < end; last++) {
          for (const value of [0, 99]) {
            const model = new ModelTree(kernel, rcu);
            grow(model);
            const deferred = model.deferred - fast.deferred;
            fast.reclaim();
            fast.wasm.treeSetRcu(fast.tree, 0);
            fast.wasm.treeDestroy(fast.tree);
            fast.wasm.treeSetRcu(fast.tree, rcu ? 1 : 0);
            if (fast.wasm.treeDup(fast.tree, base.tree) !== 0) expect.fail("no memory");
            model.store(first, last, value);
            fast.store(first, last, value);
            const same = drawModel(model.root) === fast.draw() && fast.audit() === "";
            if (!same || model.deferred - fast.deferred !== deferred) {
              expect(`${fast.draw()}\n${fast.deferred}`).toBe(
                `${drawModel(model.root)}\nafter ${first}..${last} = ${value}`,
              );
            }
          }
        }
      }
    });
  });
});
