import { describe, expect, it } from "vitest";
import { hintFor, nearest } from "../../src/scenario/suggest.ts";

describe("the nearest known word", () => {
  it.each([
    ["blimt", ["blimit", "limit"], "blimit"],
    ["QHIMARK", ["qlowmark", "qhimark"], "qhimark"],
    ["cpuz", ["cpus", "hz"], "cpus"],
    // a short word forgives one slip, one of up to eight letters two, a longer one a third of its letters
    ["hx", ["hz"], "hz"],
    ["xx", ["hz"], undefined],
    ["preempt", ["prompt"], "prompt"],
    ["preempt", ["prom"], undefined],
    ["vma_counter", ["vma_cot"], undefined],
    ["vma_counter", ["vma_cout"], "vma_cout"],
    // the first of equally near ones, whatever their number
    ["ab", ["ac", "ad"], "ac"],
    ["anything", [], undefined],
  ])("to %s among %j is %s", (word, known, found) => {
    expect(nearest(word, known)).toBe(found);
  });
});

describe("a hint", () => {
  it("asks about the nearest, lists the first eight where none is near, or says that there are none", () => {
    const known = Array.from({ length: 10 }, (_, i) => `word-${i}`);
    expect(hintFor("word-10", known)).toBe("did you mean `word-0`?");
    expect(hintFor("else", known)).toBe(
      "known: word-0, word-1, word-2, word-3, word-4, word-5, word-6, word-7 and 2 more",
    );
    expect(hintFor("else", ["one", "other"])).toBe("known: one, other");
    expect(hintFor("else", [])).toBe("there are none");
  });
});
