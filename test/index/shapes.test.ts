// Heights and node counts of real trees after building in order, in bulk, by fork and at random.

import { describe, expect, it } from "vitest";
import type { Kernel } from "./support.ts";
import { FastTree, KERNELS, Random } from "./support.ts";

type Build = "ascending" | "descending" | "append" | "bulk" | "fork";
const BUILDS: readonly Build[] = ["ascending", "descending", "append", "bulk", "fork"];

/** N one-page entries, touching or with a gap after each. */
function build(kernel: Kernel, how: Build, n: number, gap: boolean, rcu = false): FastTree {
  const tree = new FastTree({ kernel, rcu });
  const { wasm } = tree;
  const step = gap ? 2 : 1;
  const first = 1000;
  if (how === "bulk") wasm.treeBulkBegin(tree.tree);
  for (let i = 0; i < n; i++) {
    const page = first + step * (how === "descending" ? n - 1 - i : i);
    if (how === "append" || how === "bulk") tree.append(page, page, i + 1);
    else tree.store(page, page, i + 1);
  }
  if (how === "bulk") wasm.treeBulkEnd(tree.tree);
  expect(tree.audit()).toBe("");
  if (how !== "fork") return tree;
  const copy = new FastTree({ kernel, rcu }, tree.memory);
  while (wasm.treeDup(copy.tree, tree.tree) !== 0) tree.memory.grow();
  expect(copy.audit()).toBe("");
  return copy;
}

/** N, height, leaves, inner. */
type Shape = readonly [number, number, number, number];

const CONTIGUOUS: readonly Shape[] = [
  [14, 1, 1, 0],
  [15, 2, 2, 1],
  [16, 2, 2, 1],
  [20, 2, 2, 1],
  [32, 2, 3, 1],
  [50, 2, 4, 1],
  [64, 2, 5, 1],
  [100, 2, 7, 1],
  [128, 2, 9, 1],
  [200, 3, 14, 3],
  [256, 3, 18, 3],
  [500, 3, 34, 5],
  [512, 3, 35, 5],
  [1000, 3, 67, 9],
  [2000, 4, 134, 18],
  [4096, 4, 274, 36],
  [5000, 4, 334, 42],
  [10000, 4, 667, 84],
  [16384, 5, 1093, 139],
  [32768, 5, 2185, 274],
  [65530, 5, 4369, 547],
];

const GAPPY_ASCENDING: readonly Shape[] = [
  [7, 1, 1, 0],
  [8, 2, 2, 1],
  [14, 2, 2, 1],
  [16, 2, 3, 1],
  [32, 2, 5, 1],
  [64, 2, 9, 1],
  [256, 3, 33, 5],
  [1000, 4, 126, 17],
  [4096, 4, 513, 65],
  [10000, 5, 1251, 158],
  [65530, 6, 8192, 1028],
];

const GAPPY_DESCENDING: readonly Shape[] = [
  [7, 1, 1, 0],
  [8, 2, 2, 1],
  [14, 2, 2, 1],
  [256, 3, 37, 5],
  [1000, 4, 143, 19],
  [4096, 4, 585, 74],
  [10000, 5, 1429, 180],
  [65530, 6, 9362, 1173],
];

function shapeOf(tree: FastTree): [number, number, number] {
  return [tree.height, tree.leaves, tree.nodes - tree.leaves];
}

describe.each(KERNELS)("measured shapes, %s", (kernel) => {
  it.each(BUILDS)("contiguous, %s", (how) => {
    for (const [n, ...shape] of CONTIGUOUS) {
      expect([n, ...shapeOf(build(kernel, how, n, false))]).toEqual([n, ...shape]);
    }
  });

  it.each(["ascending", "append", "bulk", "fork"] as const)("with gaps, %s", (how) => {
    for (const [n, ...shape] of GAPPY_ASCENDING) {
      expect([n, ...shapeOf(build(kernel, how, n, true))]).toEqual([n, ...shape]);
    }
  });

  it("with gaps, descending", () => {
    for (const [n, ...shape] of GAPPY_DESCENDING) {
      expect([n, ...shapeOf(build(kernel, "descending", n, true))]).toEqual([n, ...shape]);
    }
  });
});

/** Used slots per node of 7.2: `asc` from page 10 up, `desc` from page 1000 down. */
const SLOTS: readonly (readonly [string, number, number, number[], number[]])[] = [
  ["asc", 1, 23, [9, 16], [2]],
  ["asc", 1, 24, [13, 13], [2]],
  ["asc", 1, 50, [15, 15, 9, 13], [4]],
  ["asc", 1, 100, [15, 15, 15, 15, 15, 13, 14], [7]],
  ["asc", 1, 200, [...Array(12).fill(15), 9, 13], [2, 6, 8]],
  ["desc", 1, 22, [16, 8], [2]],
  ["desc", 1, 23, [13, 12], [2]],
  ["desc", 1, 50, [14, 8, 15, 15], [4]],
  ["desc", 1, 100, [15, 12, 15, 15, 15, 15, 15], [7]],
  ["desc", 1, 200, [14, 8, ...Array(12).fill(15)], [2, 9, 5]],
  ["asc", 2, 50, [16, 16, 16, 16, 16, 8, 13], [7]],
  ["asc", 2, 100, [...Array(11).fill(16), 12, 13], [2, 6, 7]],
  ["asc", 2, 200, [...Array(24).fill(16), 8, 9], [3, 9, 9, 8]],
  ["desc", 2, 50, [16, 14, 14, 14, 14, 14, 15], [7]],
  ["desc", 2, 100, [8, 10, ...Array(12).fill(14), 15], [2, 10, 5]],
  ["desc", 2, 200, [12, 10, ...Array(26).fill(14), 15], [4, 6, 5, 9, 9]],
];

describe("slots per node, 7.2", () => {
  it.each(SLOTS)("%s by %i, %i entries", (direction, step, n, leaves, inner) => {
    const tree = new FastTree({ kernel: "7.2", rcu: true });
    for (let i = 0; i < n; i++) {
      const page = direction === "asc" ? 10 + step * i : 1000 - step * i;
      tree.store(page, page, i + 1);
    }
    expect(tree.slotCounts).toEqual({ leaves, inner });
  });
});

describe("nodes handed to RCU per operation, 65,530 entries", () => {
  const N = 65_530;
  const perStore = (kernel: Kernel, how: "ascending" | "descending", gap: boolean, rcu: boolean) =>
    build(kernel, how, N, gap, rcu).deferred / N;

  it("in RCU mode", () => {
    expect(perStore("7.2", "ascending", false, true)).toBeCloseTo(1.36, 1);
    expect(perStore("7.2", "descending", false, true)).toBeCloseTo(1.51, 1);
    expect(perStore("6.12", "ascending", false, true)).toBeCloseTo(1.225, 2);
    expect(perStore("6.12", "descending", false, true)).toBeCloseTo(1.225, 2);
    expect(perStore("7.2", "ascending", true, true)).toBeCloseTo(1.92, 1);
    expect(perStore("7.2", "descending", true, true)).toBeCloseTo(1.52, 1);
    expect(perStore("6.12", "ascending", true, true)).toBeCloseTo(1.42, 1);
    expect(perStore("6.12", "descending", true, true)).toBeCloseTo(1.48, 1);
  });

  it("outside RCU mode", () => {
    expect(perStore("7.2", "ascending", false, false)).toBeCloseTo(0.56, 1);
    expect(perStore("7.2", "descending", false, false)).toBeCloseTo(0.77, 1);
    expect(perStore("6.12", "ascending", false, false)).toBe(0);
  });

  it.each([
    ["7.2", 5687, 1.13],
    ["6.12", 5776, 1.12],
  ] as const)("random order, contiguous, %s", (kernel, nodes, deferred) => {
    const tree = new FastTree({ kernel, rcu: true });
    const random = new Random(1);
    const pages = Array.from({ length: N }, (_, i) => 1000 + i);
    for (let i = N - 1; i > 0; i--) {
      const j = random.next(i + 1);
      [pages[i], pages[j]] = [pages[j]!, pages[i]!];
    }
    pages.forEach((page, i) => {
      tree.store(page, page, i + 1);
    });
    expect(tree.height).toBe(5);
    expect(Math.abs(tree.nodes - nodes) / nodes).toBeLessThan(0.02);
    expect(tree.deferred / N).toBeCloseTo(deferred, 1);
  });

  it("clearing everything in one store is one item", () => {
    for (const kernel of KERNELS) {
      const tree = build(kernel, "ascending", 1000, true, true);
      const before = tree.deferred;
      tree.store(0, 2 ** 52 - 1, 0);
      expect(tree.deferred - before).toBe(1);
      expect([tree.nodes, tree.height, tree.live]).toEqual([0, 0, 0]);
    }
  });
});
