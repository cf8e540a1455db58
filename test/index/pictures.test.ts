// Stories in pictures: a letter a page, dots are empty.

import { describe, expect, it } from "vitest";
import { FastTree, KERNELS } from "./support.ts";

/** "AA..B" into a tree: each run of a letter is one entry. */
function paint(tree: FastTree, picture: string): void {
  for (const run of picture.matchAll(/([A-Z])\1*/g)) {
    const first = run.index;
    tree.store(first, first + run[0].length - 1, run[0].charCodeAt(0));
  }
}

/** The first `pages` pages as a picture, a bar between neighbours with the same letter. */
function picture(tree: FastTree, pages: number): string {
  const letters = Array.from({ length: pages }, (_, page) => tree.load(page));
  return letters.map((value) => (value === 0 ? "." : String.fromCharCode(value))).join("");
}

function after(start: string, change: (tree: FastTree) => void): string {
  const tree = new FastTree({ kernel: "7.2", target: "debug" });
  paint(tree, start);
  expect(picture(tree, start.length)).toBe(start);
  change(tree);
  expect(tree.audit()).toBe("");
  return picture(tree, start.length);
}

const X = "X".charCodeAt(0);

describe("stores", () => {
  it.each([
    ["into a gap", "AA....BB", 3, 4, "AA.XX.BB"],
    ["over the end of a range", "AAAA....", 2, 5, "AAXXXX.."],
    ["over the start of a range", "..AAAA..", 0, 3, "XXXXAA.."],
    ["inside a range: it is split", "AAAAAAAA", 3, 4, "AAAXXAAA"],
    ["over several ranges", "AA.BB.CC", 1, 6, "AXXXXXXC"],
    ["exactly over a range", "..AAA...", 2, 4, "..XXX..."],
    ["from page 0", "AABBCC..", 0, 0, "XABBCC.."],
  ])("%s", (_name, start, first, last, expected) => {
    expect(after(start, (tree) => tree.store(first, last, X))).toBe(expected);
  });
});

describe("clears", () => {
  it.each([
    ["the middle of a range", "AAAAAAAA", 3, 4, "AAA..AAA"],
    ["everything between two ranges", "AAABBCCC", 3, 4, "AAA..CCC"],
    ["what is empty already", "AA....BB", 3, 4, "AA....BB"],
    ["the end of one and the start of the next", "AAAABBBB", 2, 5, "AA....BB"],
    ["all", "AABB.CCD", 0, 7, "........"],
  ])("%s", (_name, start, first, last, expected) => {
    expect(after(start, (tree) => tree.store(first, last, 0))).toBe(expected);
  });

  it("empty neighbours become one range", () => {
    const tree = new FastTree();
    paint(tree, "AABBCCDD");
    tree.store(2, 3, 0);
    tree.store(6, 7, 0);
    tree.store(4, 5, 0);
    expect(tree.draw()).toBe("leaf[0..M]: (1,65) (M,-)");
  });

  it("full neighbours do not, even with the same value", () => {
    const tree = new FastTree();
    tree.store(2, 3, 7);
    tree.store(4, 5, 7);
    expect(tree.draw()).toBe("leaf[0..M]: (1,-) (3,7) (5,7) (M,-)");
  });
});

describe("inserts", () => {
  it.each([
    ["into the gap", "AA....BB", 2, 5, 0, "AAXXXXBB"],
    ["that touch a range's last page are refused", "AA....BB", 1, 3, -17, "AA....BB"],
    ["that reach a range behind are refused", "AA....BB", 4, 6, -17, "AA....BB"],
    ["over a range within are refused", "A..BB..C", 1, 6, -17, "A..BB..C"],
  ])("%s", (_name, start, first, last, answer, expected) => {
    let found: number | undefined;
    const shown = after(start, (tree) => {
      found = tree.insert(first, last, X);
    });
    expect(found).toBe(answer);
    expect(shown).toBe(expected);
  });
});

describe("room", () => {
  const start = "AA..B....C......D";
  const find = (low: number, high: number, pages: number, align = 1): [number, number] => {
    const tree = new FastTree();
    paint(tree, start);
    const lowest = tree.emptyArea(low, high, pages, align);
    return [lowest, tree.emptyAreaRev(low, high, pages, align)];
  };

  it.each([
    [0, 16, 2, 1, 2, 14],
    [0, 16, 3, 1, 5, 13],
    [0, 16, 6, 1, 10, 10],
    [0, 16, 7, 1, -16, -16],
    [0, 7, 3, 1, 5, 5],
    [0, 6, 3, 1, -16, -16],
    [3, 16, 2, 1, 5, 14],
    [0, 16, 2, 4, 12, 12],
    [0, 16, 1, 2, 2, 14],
    [5, 6, 3, 1, -22, -22],
    [6, 5, 1, 1, -22, -22],
  ])("in %i..%i for %i pages, aligned to %i: %i and %i", (low, high, pages, align, a, b) => {
    expect(find(low, high, pages, align)).toEqual([a, b]);
  });
});

describe("erases", () => {
  it.each(KERNELS)("take the whole entry that holds the page, %s", (kernel) => {
    const tree = new FastTree({ kernel });
    paint(tree, "AAA.BBBB.C");
    expect(tree.erase(6)).toBe("B".charCodeAt(0));
    expect(tree.erase(3)).toBe(0);
    expect(picture(tree, 10)).toBe("AAA......C");
  });
});
