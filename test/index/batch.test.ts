// Batches answer what single calls answer.

import { describe, expect, it } from "vitest";
import type { IndexMemory } from "../../src/vma-index/index-memory.ts";
import { FastTree, KERNELS, Random } from "./support.ts";

function put(memory: IndexMemory, column: number, pages: readonly number[]): void {
  memory.pages(column, pages.length).set(pages.map((page) => BigInt(page)));
}

describe.each(KERNELS)("batches, %s", (kernel) => {
  it("of inserts say which range was taken already", () => {
    const tree = new FastTree({ kernel });
    const single = new FastTree({ kernel });
    const { wasm, memory } = tree;
    const random = new Random(5);
    const firsts = Array.from({ length: 600 }, () => random.next(4000));
    const lasts = firsts.map((first) => first + random.next(6));
    while (wasm.poolNodesFree(memory.pool) < 500) memory.grow();
    put(memory, memory.column_a, firsts);
    put(memory, memory.column_b, lasts);
    memory.words(memory.column_c, 600).set(firsts.map((_, i) => i + 1));
    const { column_a, column_b, column_c, column_d } = memory;
    expect(wasm.treeInsertBatch(tree.tree, column_a, column_b, column_c, column_d, 600)).toBe(600);
    const expected = firsts.map((first, i) => single.insert(first, lasts[i]!, i + 1));
    expect([...new Int32Array(wasm.memory.buffer, column_d, 600)]).toEqual(expected);
    expect(tree.draw()).toBe(single.draw());
    expect(expected.filter((answer) => answer === 0).length).toBeGreaterThan(200);
  });

  it("of gap searches give pages or an errno", () => {
    const tree = new FastTree({ kernel });
    const { wasm, memory } = tree;
    for (let i = 0; i < 300; i++) tree.store(100 + 9 * i, 100 + 9 * i + (i % 8), i + 1);
    const pages = Array.from({ length: 200 }, (_, i) => 90 + 14 * i);
    put(memory, memory.column_a, pages);
    const results = () =>
      Array.from(memory.pages(memory.column_d, 200), (x) => BigInt.asIntN(64, x));
    const { column_a, column_d } = memory;
    wasm.treeEmptyAreaBatch(tree.tree, column_a, 2500n, 4n, 2n, column_d, 200);
    expect(results().map(Number)).toEqual(pages.map((low) => tree.emptyArea(low, 2500, 4, 2)));
    wasm.treeEmptyAreaRevBatch(tree.tree, 120n, column_a, 4n, 2n, column_d, 200);
    expect(results().map(Number)).toEqual(pages.map((high) => tree.emptyAreaRev(120, high, 4, 2)));
  });

  it("of look-ups, one at a time and four at a time", () => {
    for (const entries of [0, 1, 5, 3000]) {
      const tree = new FastTree({ kernel });
      const { wasm, memory } = tree;
      const far = 2 ** 34;
      for (let i = 0; i < entries; i++) {
        const first = (i % 7 === 0 ? far : 10) * (i + 1) + 3 * i;
        tree.store(first, first + 2, i + 1);
      }
      const pages = Array.from({ length: 1003 }, (_, i) => (i % 5 === 0 ? far : 10) * i + i);
      const expected = pages.map((page) => tree.load(page));
      put(memory, memory.column_a, pages);
      const { column_a, column_c } = memory;
      for (const load of [wasm.treeLoadBatch, wasm.treeLoadInterleaved]) {
        memory.words(column_c, 1003).fill(77);
        load(tree.tree, column_a, column_c, 1003);
        expect([...memory.words(column_c, 1003)]).toEqual(expected);
      }
    }
  });
});
