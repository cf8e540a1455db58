// The rare rules: full leaves under full parents, stores just across borders, three new nodes.
// The streams are made to reach every corner; the last test fails if they no longer do.

import { afterAll, describe, expect, it } from "vitest";
import type { ModelNode } from "./model.ts";
import { M } from "./model.ts";
import { Pair } from "./operations.ts";
import type { Kernel } from "./support.ts";
import { KERNELS, Random } from "./support.ts";

const PAGES = 2 ** 16;
const OPERATIONS = 2_400;
const seen: Record<Kernel, Map<string, number>> = { "6.12": new Map(), "7.2": new Map() };

/** A random node's last page, with the slots left and right of that border. */
function border(random: Random, root: ModelNode): { left: number; right: number; at: number } {
  let node = root;
  let found: ModelNode | undefined;
  let next: ModelNode | undefined;
  while ("children" in node) {
    const slot = random.next(node.children.length - 1);
    found = node.children[slot]!;
    next = node.children[slot + 1]!;
    if (random.next(3) === 0) break;
    node = node.children[random.next(node.children.length)]!;
  }
  if (found === undefined || next === undefined) return { left: 0, right: PAGES, at: PAGES / 2 };
  while ("children" in found) found = found.children.at(-1)!;
  while ("children" in next) next = next.children[0]!;
  const left = found.slots.length < 2 ? found.min : found.slots.at(-2)!.last + 1;
  return { left, right: next.slots[0]!.last, at: found.max };
}

/** A store of one of several kinds across or up to a border between nodes. */
function crossing(pair: Pair, random: Random, value: number) {
  const { left, right, at } = border(random, pair.model.root!);
  const kind = random.next(6);
  const inside = (from: number, to: number): number => from + random.next(to - from + 1);
  const first = kind < 3 ? inside(left, at) : Math.max(0, at - random.next(kind === 4 ? 40 : 600));
  let last = kind % 3 === 0 ? at : inside(at + 1, right);
  if (kind === 5) last = Math.min(M, at + random.next(PAGES / 4));
  return { op: "store" as const, first, last, value: random.next(3) === 0 ? 0 : value };
}

function run(kernel: Kernel, rcu: boolean, seed: number, gaps: boolean): void {
  const pair = new Pair(kernel, rcu, { target: "debug", keep: seed % 2 === 0 });
  const random = new Random(seed);
  for (let i = 0; i < OPERATIONS; i++) {
    const crosses = pair.model.height > 1 && random.next(i % 600 < 300 ? 400 : 6) === 0;
    const first = random.next(PAGES);
    const shrinks = i % 600 >= 300 && random.next(8) === 0;
    const length = shrinks ? 700 : gaps ? 2 : 12;
    const last = Math.min(PAGES - 1, first + random.next(length));
    const value = shrinks && random.next(2) === 0 ? 0 : i + 1;
    if (i % 100 === 0) pair.fast.reclaim();
    pair.step(crosses ? crossing(pair, random, i + 1) : { op: "store", first, last, value });
  }
  for (const [corner, count] of pair.model.seen) {
    seen[kernel].set(corner, (seen[kernel].get(corner) ?? 0) + count);
  }
}

describe.each(KERNELS)("corners of %s", (kernel) => {
  it.each([1, 2, 3])("seed %i, with gaps", (seed) => run(kernel, true, seed, true));
  it.each([4, 5])("seed %i, dense", (seed) => run(kernel, false, seed, false));

  it("reaches every corner", () => {
    const corners = [
      "split leaf, left sibling",
      "split leaf, right sibling",
      "split inner, left sibling",
      "split inner, 2 parts",
      "rebalance leaf, left sibling",
      "rebalance leaf, right sibling",
      "rebalance leaf, 1 parts",
      "rebalance leaf, 2 parts",
      "spanning leaf, left sibling",
      "spanning leaf, right sibling",
      "spanning leaf, 3 parts",
      "spanning inner, right sibling",
      "spanning inner, left sibling",
      "spanning inner, 2 parts",
      "32 data, empty cut",
    ];
    const missed = corners.filter((corner) => !seen[kernel].has(corner));
    expect(missed).toEqual([]);
  });
});

afterAll(() => {
  if (process.env.SHOW_CORNERS) console.log(seen);
});
