// munmap on small address spaces, drawn: each letter is a page of a VMA, a dot is a hole, and a
// second line marks the pages that are unmapped. A naive list of pages says what must be left.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { FreePolicy, MunmapMetrics, MunmapWorkload, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { batch, CALL_RCU, DIRECT, listed, SINGLE, spec, WHOLE_MUNMAP } from "../engine/spec.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
const BASE_PAGE = 0x1000;

type Vma = readonly [number, number, number];

/** VMAs of a picture: runs of one letter. */
function vmasOf(picture: string): Vma[] {
  const found: [number, number, number][] = [];
  for (const run of picture.matchAll(/([A-Z])\1*/g)) {
    found.push([BASE_PAGE + run.index, run[0].length, RW]);
  }
  return found;
}

interface Outcome {
  readonly metrics: MunmapMetrics;
  readonly digest: string;
}

function runMunmap(wanted: RunSpec<"munmap">): Outcome {
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result();
}

function unmapped(
  picture: string,
  workload: Partial<MunmapWorkload>,
  munmap = CALL_RCU,
): MunmapMetrics {
  const base = spec({ space: listed(vmasOf(picture)), exit: DIRECT });
  const strategy = { name: "test", exit: DIRECT, munmap };
  return runMunmap({ ...base, strategy, workload: { ...WHOLE_MUNMAP, ...workload } }).metrics;
}

/** Ranges of a line of marks. */
function marks(line: string) {
  return [...line.matchAll(/x+/g)].map((run) => ({
    start_page: BASE_PAGE + run.index,
    page_count: run[0].length,
  }));
}

interface Naive {
  readonly removed: number;
  readonly splits: number;
  readonly calls: number;
}

/** The same on an array with one entry a page: the number of the VMA that has it. */
function naive(picture: string, ranges: ReturnType<typeof marks>): Naive {
  const pages = new Map<number, number>();
  let made = 0;
  for (const [start, count] of vmasOf(picture)) {
    for (let page = start; page < start + count; page++) pages.set(page, made);
    made++;
  }
  let removed = 0;
  let splits = 0;
  const splitAt = (page: number): void => {
    const vma = pages.get(page);
    if (vma === undefined || pages.get(page - 1) !== vma) return;
    splits++;
    for (const [at, owner] of pages) if (owner === vma && at >= page) pages.set(at, made);
    made++;
  };
  for (const { start_page, page_count } of ranges) {
    splitAt(start_page);
    splitAt(start_page + page_count);
    const gone = new Set<number>();
    for (let page = start_page; page < start_page + page_count; page++) {
      const owner = pages.get(page);
      if (owner !== undefined) gone.add(owner);
      pages.delete(page);
    }
    removed += gone.size;
  }
  return { removed, splits, calls: ranges.length };
}

describe("one call", () => {
  it.each([
    ["a whole VMA", "AA.BBB.CC", "...xxx...", 1, 0],
    ["nothing but a hole", "AA...BB", "..xxx..", 0, 0],
    ["several, with the holes between", "AABB.C.DD", "xxxxxxxxx", 4, 0],
    ["the head of a VMA", "AAAA", "xx..", 1, 1],
    ["the tail of a VMA", "AAAA", "..xx", 1, 1],
    ["its middle", "AAAA", ".xx.", 1, 2],
    ["the end of one and the start of the next", "AAABBB", "..xx..", 2, 2],
    ["from inside one to inside the third", "AAABCCC", ".xxxxx.", 3, 2],
    ["more than there is", "..AA..", "xxxxxx", 1, 0],
  ])("unmaps %s", (_what, picture, line, removed, splits) => {
    const metrics = unmapped(picture, { ranges: marks(line) });
    expect(metrics.n_vma).toBe(removed);
    expect(metrics.splits).toBe(splits);
    expect(metrics.ncall_rcu).toBe(removed);
    expect(metrics.freed_final).toBe(removed);
    expect(metrics.calls).toBe(1);
  });

  it("is refused where a hole would leave more VMAs than max_map_count, and changes nothing then", () => {
    const metrics = unmapped("AAAA.BB", { ranges: marks(".xx...."), max_map_count: 2 });
    expect(metrics.failed_calls).toBe(1);
    expect(metrics.n_vma).toBe(0);
    expect(metrics.splits).toBe(0);
  });

  it("may take a VMA away although the process has as many as it may have", () => {
    const metrics = unmapped("AAAA.BB", { ranges: marks(".....xx"), max_map_count: 2 });
    expect(metrics.failed_calls).toBe(0);
    expect(metrics.n_vma).toBe(1);
  });

  // Only a hole leaves one VMA more: mm/vma.c:vms_gather_munmap_vmas asks for no other split.
  it.each([
    ["the head of a VMA", "AAAA.BB", "xx.....", 1],
    ["its tail", "AAAA.BB", "..xx...", 1],
    ["the end of one and the start of the next", "AAAABB", "..xxx.", 2],
  ])("may cut %s away at max_map_count", (_what, picture, line, splits) => {
    const metrics = unmapped(picture, { ranges: marks(line), max_map_count: 2 });
    expect([metrics.failed_calls, metrics.splits]).toEqual([0, splits]);
  });
});

describe("several calls", () => {
  it("share the VMAs evenly", () => {
    const metrics = unmapped("AABB.C.DDEEFF", { calls: 3 });
    expect(metrics.calls).toBe(3);
    expect(metrics.n_vma).toBe(6);
    expect(metrics.splits).toBe(0);
  });

  it("take every second VMA alone", () => {
    const metrics = unmapped("AABB.C.DDEEFF", { every: 2 });
    expect(metrics.calls).toBe(3);
    expect(metrics.n_vma).toBe(3);
  });

  it("find nothing where an earlier one has been", () => {
    const twice = { start_page: BASE_PAGE, page_count: 4 };
    const metrics = unmapped("AABB.CC", { ranges: [twice, twice] });
    expect(metrics.calls).toBe(2);
    expect(metrics.n_vma).toBe(2);
  });

  it("leave the rest of a group on the living mm, which its exit drains", () => {
    const metrics = unmapped("ABABABABAB", { every: 1 }, batch(3));
    expect(metrics.ncall_rcu).toBe(2); // two groups of four
    expect(metrics.post_sleep_freed).toBe(8);
    expect(metrics.freed_final).toBe(10);
  });
});

const POLICIES: readonly FreePolicy[] = [
  CALL_RCU,
  batch(2),
  SINGLE,
  { collect: "bulk", drain: { when: "end" }, release: "call-rcu" },
  { ...batch(1), drain: { when: "interval", jiffies: 2 } },
  { ...batch(1), drain: { when: "interval", jiffies: 1, timer: true } },
];

describe("any address space and any ranges", () => {
  const picture = fc.stringMatching(/^(A{1,4}|B{1,4}|C|\.{1,3}){1,30}$/);
  const ranges = fc.array(
    fc.record({
      start_page: fc.integer({ min: BASE_PAGE - 3, max: BASE_PAGE + 90 }),
      page_count: fc.integer({ min: 1, max: 40 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it("end as a list of pages says", () => {
    fc.assert(
      fc.property(picture, ranges, fc.constantFrom(...POLICIES), (drawn, calls, policy) => {
        fc.pre(/[A-Z]/.test(drawn));
        const metrics = unmapped(drawn, { ranges: calls }, policy);
        const expected = naive(drawn, calls);
        expect(metrics.n_vma).toBe(expected.removed);
        expect(metrics.splits).toBe(expected.splits);
        expect(metrics.calls).toBe(expected.calls);
        expect(metrics.freed_final).toBe(expected.removed);
      }),
      { numRuns: 150 },
    );
  });
});
