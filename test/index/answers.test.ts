// Every answer of the index against a sorted array of ranges.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OperationStream, run, TEMPERS } from "./operations.ts";
import type { Range } from "./oracle.ts";
import { LAST, RangeOracle } from "./oracle.ts";
import { FastTree, KERNELS, propertyOptions, Random } from "./support.ts";

/** Compares all look-ups at random places; returns what differs. */
function compareAnswers(tree: FastTree, oracle: RangeOracle, random: Random, pages: number): void {
  const at = (): number => Math.min(LAST, Math.floor((random.next(2 ** 31) / 2 ** 31) * pages));
  const [a, b] = [at(), at()];
  const [low, high] = a < b ? [a, b] : [b, a];
  const size = 1 + random.next(Math.max(2, Math.floor(pages / 40)) % 65_536 || 2);
  const align = 1 << random.next(5);
  expect(tree.load(a)).toBe(oracle.load(a));
  expect(tree.find(low, high)).toEqual(oracle.find(low, high));
  expect(tree.findBelow(high, low)).toEqual(oracle.findBelow(high, low));
  expect(tree.emptyArea(low, high, size)).toBe(oracle.emptyArea(low, high, size));
  expect(tree.emptyAreaRev(low, high, size)).toBe(oracle.emptyAreaRev(low, high, size));
  expect(tree.emptyArea(low, LAST, size, align)).toBe(oracle.emptyArea(low, LAST, size, align));
  expect(tree.emptyAreaRev(0, high, size, align)).toBe(oracle.emptyAreaRev(0, high, size, align));
}

describe.each(KERNELS)("answers, %s", (kernel) => {
  it.each(TEMPERS)("$name addresses: 20,000 operations", (temper) => {
    const rcu = temper.pages % 3 === 0;
    const tree = new FastTree({ kernel, rcu });
    const oracle = new RangeOracle();
    const stream = new OperationStream(temper, 777);
    const random = new Random(999);
    for (let i = 0; i < 20_000; i++) {
      const operation = stream.next();
      if (run(tree, operation) !== run(oracle, operation)) expect.fail(`operation ${i}`);
      if (i % 20 === 0) compareAnswers(tree, oracle, random, temper.pages);
      if (i % 1000 === 0) {
        expect(tree.ranges()).toEqual(oracle.ranges);
        expect(tree.rangesReversed()).toEqual([...oracle.ranges].reverse());
        expect(tree.entries).toBe(oracle.ranges.length);
        expect(tree.audit()).toBe("");
      }
    }
  });
});

const page = fc.integer({ min: 0, max: 40 });
const operation = fc.oneof(
  fc.record({ op: fc.constant("store" as const), page, length: page, value: fc.nat(3) }),
  fc.record({ op: fc.constant("insert" as const), page, length: page, value: fc.constant(9) }),
  fc.record({ op: fc.constant("erase" as const), page, length: page, value: fc.constant(0) }),
);

describe("properties", () => {
  it.each(KERNELS)("any short story of operations, %s", (kernel) => {
    const story = fc.array(operation, { maxLength: 60 });
    fc.assert(
      fc.property(story, fc.boolean(), (operations, rcu) => {
        const tree = new FastTree({ kernel, rcu, target: "debug" });
        const oracle = new RangeOracle();
        for (const { op, page: first, length, value } of operations) {
          const last = first + Math.min(length, 6);
          const next = op === "erase" ? { op, page: first } : { op, first, last, value };
          expect(run(tree, next)).toBe(run(oracle, next));
          expect(tree.audit()).toBe("");
        }
        expect(tree.ranges()).toEqual(oracle.ranges);
      }),
      propertyOptions(150),
    );
  });

  it("erasing what was inserted leaves the tree that was there", () => {
    fc.assert(
      fc.property(fc.array(page, { minLength: 1, maxLength: 40 }), fc.nat(1000), (pages, seed) => {
        const tree = new FastTree();
        const ranges: Range[] = [];
        pages.forEach((first, i) => {
          if (tree.insert(first * 4, first * 4 + 2, i + 1) === 0) {
            ranges.push({ first: first * 4, last: first * 4 + 2, value: i + 1 });
          }
        });
        const extra = 1000 + seed;
        tree.store(extra, extra + 5, 77);
        expect(tree.erase(extra + 3)).toBe(77);
        ranges.sort((a, b) => a.first - b.first);
        expect(tree.ranges()).toEqual(ranges);
      }),
      propertyOptions(200),
    );
  });
});
