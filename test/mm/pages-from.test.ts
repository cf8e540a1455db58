// From where programs count pages: where they find a VMA, and where none.

import { describe, expect, it } from "vitest";
import { runReady } from "../reclaim/ready-run.ts";

/** A hundred VMAs of `process`, and of another whose pages begin where no VMA of `process` is. */
async function run(threads: readonly object[], pages_from: "area" | "zero" = "area") {
  const later = { later: true };
  const mms = { other: { vmas: [[16, 4]] }, child: later, grandchild: later, next: later };
  const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
    ["address_space", { generate: "contiguous", vma_count: 100, page_count: 4 }],
    ["workload.pages_from", pages_from],
    ["workload.mms", mms],
    ["workload.threads", threads],
  ]);
  return { found: !metrics.happened.includes("segv"), metrics };
}

const touch = { touch: [16, 4, 1] };
const parent = (mm: string, list: readonly unknown[]) => ({ name: mm, mm, do: list });
const born = (mm: string, list: readonly unknown[]) => ({ name: mm, mm, born: true, do: list });

describe("pages of a program", () => {
  it("count from the area in the process, and in what is forked from it, however far", async () => {
    const threads = [
      born("grandchild", [touch]),
      born("child", [touch, { fork: "grandchild" }]),
      parent("process", [touch, { fork: "child" }]),
    ];
    const { found, metrics } = await run(threads);
    expect(found).toBe(true);
    expect(metrics.faults).toBe(12);
    expect((await run(threads, "zero")).found).toBe(false);
  });

  it("count from zero in another process, and in what is forked from that", async () => {
    const threads = [
      parent("other", [touch, { fork: "child" }, { wait: "child" }]),
      born("child", [touch, { fork: "grandchild" }]),
      born("grandchild", [touch]),
    ];
    const { found, metrics } = await run(threads);
    expect(found).toBe(true);
    expect(metrics.faults).toBe(12);
  });

  it("count from zero in a program, for who executed it and for its threads and forks", async () => {
    const first = { touch: [1024, 1, 1] }; // where a program has its first VMA
    const program = [touch, { exec: "next", vmas: 2 }, first, { fork: "child" }];
    const threads = [parent("process", program), born("next", [first]), born("child", [first])];
    expect((await run(threads)).found).toBe(true);
  });

  it("count alike for who looks at them from outside", async () => {
    const looks = async (mm: string, pages_from: "area" | "zero" = "area") => {
      const threads = [
        parent("process", [{ fork: "child" }, { pause: "5ms" }]),
        born("child", [{ pause: "5ms" }]),
        { name: "debugger", do: [{ pause: "1ms" }, { "remote-access": [mm, 16] }] },
      ];
      return (await run(threads, pages_from)).metrics.cpu_task_ns;
    };
    // one that finds nothing takes less
    expect(await looks("process")).toBeGreaterThan(await looks("process", "zero"));
    expect(await looks("child")).toBeGreaterThan(await looks("child", "zero"));
  });
});
