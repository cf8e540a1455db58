// Those who look at another process: when they give up, where they fall back, and what they leave behind.

import { describe, expect, it } from "vitest";
import { MmCount } from "../../assembly/abi/mm.ts";
import { runs } from "./small-litmus.ts";

/** VMAs in a row, to be unmapped in one call. */
const MANY = Array.from({ length: 20 }, (_, number) => [100 + 10 * number, 4]);

describe("oom_reaper", () => {
  it("tries ten times for mmap_lock and no more (MAX_OOM_REAP_RETRIES)", () => {
    const found = runs(
      "generation: 6.12",
      `{ name: unmapper, mm: A, do: [{ munmap: [100, 1000] }, { pause: 1us }] },
       { name: reaper, do: [{ oom-reap: A }] }`,
      200,
      `A: { vmas: ${JSON.stringify([[16, 4, 0, 1], ...MANY])} }`,
    );
    const gave_up = found.filter(({ happened }) => !happened.includes("reaped"));
    expect(gave_up.length).toBeGreaterThan(20);
    for (const run of gave_up) {
      expect(run.happened).not.toContain("skipped");
      expect(run.steps("reaper", "oom-reap")).toBe(10);
    }
    expect(gave_up.length).toBeLessThan(found.length);
  });

  it("may come to a process without threads here: its VMAs stay", () => {
    const found = runs(
      "generation: 6.12",
      "{ name: reaper, do: [{ oom-reap: A }] }",
      3,
      "A: { vmas: [[16, 4, 0, 1]] }",
    );
    for (const { breaches, happened } of found) {
      expect(breaches).toEqual([]);
      expect(happened).toEqual(["reaped"]);
    }
  });
});

describe("a reader of /proc/PID/maps, 7.2", () => {
  const mms = "A: { vmas: [[16, 4], [32, 4], [48, 4]] }";

  it("goes from VMA to VMA over the gaps between them, without mmap_lock", () => {
    const found = runs(
      "generation: 7.2",
      "{ name: owner, mm: A, do: [{ pause: 1us }] }, { name: reader, do: [{ read-maps: A }] }",
      20,
      mms,
    );
    for (const { happened } of found) expect(happened).not.toContain("fallback");
  });

  it("waits for mmap_lock where a VMA is write-locked", () => {
    const found = runs(
      "generation: 7.2",
      `{ name: unmapper, mm: A, do: [{ munmap: [32, 4] }] },
       { name: reader, do: [{ read-maps: A }] }`,
      200,
      mms,
    );
    const waited = found.filter(({ counts }) => counts[MmCount.MMAP_READ_WAITS]! > 0n);
    expect(waited.length).toBeGreaterThan(5);
    for (const { happened } of waited) expect(happened).toContain("fallback");
  });
});

describe("a thread that is killed before it has looked", () => {
  it("gives up the references that it had for that: the other mm_struct goes with its process", () => {
    const found = runs(
      "generation: 6.12",
      `{ name: looker, mm: A, do: [{ fault: 16 }, { read-maps: C }, { khugepaged: C }] },
       { name: killer, do: [{ kill: A }] },
       { name: other, mm: C, do: [exit] }`,
      200,
      "A: { vmas: [[16, 4]] }, C: { vmas: [[16, 4]] }",
    );
    // what a look takes is missing in some of the runs
    expect(found.some((run) => run.steps("looker", "read-maps") === 0)).toBe(true);
    expect(found.some((run) => run.steps("looker", "read-maps") > 0)).toBe(true);
    for (const { breaches } of found) expect(breaches).toEqual([]);
  });
});

describe("a process that is never made", () => {
  // its thread would have looked at the other one, and made one that looks as well
  const mms =
    "A: { vmas: [[16, 4]] }, C: { vmas: [[16, 4]] }, B: { later: true }, D: { later: true }";
  const threads = (parent: string, killer = "") =>
    `{ name: parent, mm: A, do: [${parent}] }, ${killer}
     { name: child, mm: B, born: true, do: [{ read-maps: C }, { fork: D }] },
     { name: grandchild, mm: D, born: true, do: [{ khugepaged: C }, { oom-reap: C }] },
     { name: other, mm: C, do: [exit] }`;
  const ends = (parent: string, killer = "") => {
    const found = runs("generation: 6.12", threads(parent, killer), 200, mms);
    // nobody is left with a reference to what "other" has torn down
    for (const { breaches } of found) expect(breaches).toEqual([]);
    return found.map((run) => run.steps("grandchild", "oom-reap") > 0);
  };

  it("has no references: its parent was killed before the fork", () => {
    const made = ends("{ fault: 16 }, { fork: B }", "{ name: killer, do: [{ kill: A }] },");
    expect(made).toContain(true);
    expect(made).toContain(false);
  });

  it("has no references: its parent had no address space to copy any more", () => {
    expect(ends("exit, { fork: B }")).not.toContain(true);
  });

  it("has no references: the fork failed", () => {
    expect(ends("{ fork: B, fail-at: 1 }")).not.toContain(true);
    expect(ends("{ fork: B }")).not.toContain(false);
  });

  it("has no references: the program that it was to run was never executed", () => {
    const killer = "{ name: killer, do: [{ kill: A }] },";
    expect(ends("{ fault: 16 }, { exec: B, vmas: 2 }", killer)).toContain(false);
  });
});

describe("who reaps the child of a fork", () => {
  // one tries for mmap_lock, the other waits for it: fork holds it until the child has VMAs of its own
  const whoReaps = ["oom-reap", "process-mrelease", "khugepaged"];
  const words = (generation: string, operation: string, fails: string) =>
    runs(
      `generation: ${generation}`,
      `{ name: parent, mm: A, do: [{ fork: B${fails} }] },
       { name: reaper, do: [{ ${operation}: B }] }`,
      200,
    ).flatMap(({ breaches, happened }) => {
      expect(breaches).toEqual([]);
      expect(happened).not.toContain("deadlock");
      return happened;
    });

  it.each(["6.1", "6.12", "7.2"])("meets no VMA of the parent (%s)", (generation) => {
    for (const operation of whoReaps) words(generation, operation, "");
    for (const operation of whoReaps) words(generation, operation, ", fail-at: 2");
  });

  it("takes the pages of the child when it is made, and none of one that came to nothing", () => {
    for (const operation of ["oom-reap", "process-mrelease"]) {
      const failed = words("6.12", operation, ", fail-at: 2");
      expect(failed).toContain("skipped"); // MMF_OOM_SKIP
      expect(failed).not.toContain("reaped");
    }
    expect(words("6.12", "oom-reap", "")).toContain("reaped");
  });
});

describe("memory of so many pages", () => {
  it("is all to be had: a slab of VMAs and the touched pages", () => {
    const touched = (pages: number) =>
      runs(
        "generation: 6.12, memory_pages: 5",
        `{ name: toucher, mm: A, do: [{ touch: [16, ${pages}, 1] }] }`,
        1,
        "A: { vmas: [[16, 8]] }",
      )[0]!.happened;
    expect(touched(4)).not.toContain("out-of-memory");
    expect(touched(5)).toContain("out-of-memory");
  });
});
