// Address spaces in one machine's memory: what is stranded, who pays for it, and what becomes of him.
// That no frame is lost or there twice is checked by the engine at the end of every run.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobSpec, type RunJob } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import { loadScenario, readProfile } from "../../src/scenario/files.ts";
import { resolveScenario, strategyJobs } from "../../src/scenario/resolve.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { runReady, type Setting } from "../reclaim/ready-run.ts";

const run = (strategy: string, settings: readonly Setting[] = []) =>
  runReady<"mm">("memory-pressure-processes", strategy, settings);

const MIB_PAGES = 256;
const WANTED = 80 * MIB_PAGES;

/** The scenario's threads with another program and pace. */
function threads(unmapper: readonly object[], pages: number, pause: string): Setting {
  const neighbour = [{ pause: "10ms" }, { touch: [65_536, pages, 1], pause }];
  return [
    "workload.threads",
    [
      { name: "unmapper", mm: "process", do: unmapper },
      { name: "neighbour", mm: "neighbour", do: neighbour },
    ],
  ];
}

describe("a list of dead VMAs beside a process that needs the memory", () => {
  it("kills it when the list is as posted: reclaim has nobody to ask", async () => {
    const { reclaim, metrics } = await run("throttle");
    const { oom } = reclaim!;
    expect(reclaim).toMatchObject({ oom_kills: 1, shrink_scans: 0 });
    expect(reclaim!.reclaim_passes).toBeGreaterThan(100);
    expect(oom).toMatchObject({
      victim: "neighbour",
      dead_vmas: 199_999,
      listed_vmas: 199_999,
      listed_vmas_of_victim: 0, // it had none of them
      reaped_pages: 0, // it was gone before the reaper looked
    });
    expect(oom!.dead_bytes).toBeGreaterThan(40 * 2 ** 20);
    expect(oom!.victim_pages).toBeGreaterThan(metrics.faults - 10);
    expect(metrics.faults).toBeLessThan(WANTED);
    expect(oom!.victim_gone_ns! - oom!.at_ns).toBeGreaterThan(5e6); // 15,000 pages to unmap
    expect(oom!.victim_gone_ns! - oom!.at_ns).toBeLessThan(100e6);
    expect(metrics.breaches).toBe(0);
  });

  it("lets it live when the list has a shrinker, as intended", async () => {
    const { reclaim, metrics } = await run("throttle-shrinker");
    expect(reclaim).toMatchObject({ oom_kills: 0, alloc_stalls: 0, shrink_scans: 1 });
    expect(reclaim!.shrink_objects).toBe(199_999);
    expect(metrics.faults).toBe(WANTED);
  });

  it("kills it all the same when it writes faster than grace periods come", async () => {
    const { reclaim } = await run("throttle-shrinker", [
      threads([{ munmap: [0, 200_000] }, { pause: "6s" }], WANTED, "20us"),
    ]);
    expect(reclaim).toMatchObject({ oom_kills: 1, shrink_scans: 1 });
    expect(reclaim!.oom!.listed_vmas).toBe(0); // handed over, and not yet back
    expect(reclaim!.oom!.dead_vmas).toBeGreaterThan(100_000);
  });

  it.each(["direct", "call_rcu", "batch-32", "throttle-timer", "kvfree_rcu"])(
    "is not noticed with %s",
    async (strategy) => {
      const { reclaim, metrics } = await run(strategy);
      expect(reclaim).toMatchObject({ oom_kills: 0, reclaim_passes: 0, alloc_stalls: 0 });
      expect(metrics).toMatchObject({ faults: WANTED, breaches: 0 });
      expect(metrics.vmas_allocated).toBe(metrics.vmas_freed);
    },
  );

  it("is not there in 7.2, whose munmap frees VMAs at once", async () => {
    const { reclaim, metrics } = await run("typesafe", [["machine.generation", "7.2"]]);
    expect(reclaim!.oom_kills).toBe(0);
    expect(metrics.dead_peak).toBe(0);
  });

  it("makes kvfree_rcu's monitor come before its five seconds are over", async () => {
    const few = [{ munmap: [0, 400] }, { pause: "6s" }];
    const calm = await run("kvfree_rcu", [threads(few, 1000, "250us")]);
    expect(calm.reclaim!.shrink_scans).toBe(0);
    const short = await run("kvfree_rcu", [
      ["workload.mms", { neighbour: { vmas: [[65_536, 26_000]] } }],
      threads(few, 26_000, "50us"),
    ]);
    expect(short.reclaim!.shrink_scans).toBe(1);
    expect(short.reclaim!.shrink_objects).toBe(400);
  });
});

describe("the OOM killer among processes", () => {
  /**
   * A victim that has touched so many pages and is told to die in a munmap of so many VMAs, which goes
   * to its end first, on a CPU that it shares with `busy` others; for the sake of one that fills memory.
   */
  const heldUp = (vmas: number, touched: number, [pause, filled]: [string, number], busy = 0) =>
    run("direct", [
      ["machine", { cpus: 2, exit_cpu: 1, memory: { ram: "1GiB" } }],
      ["address_space.vma_count", vmas],
      ["workload.max_map_count", 10_000_000],
      ["workload.mms", { filler: { vmas: [[65_536, 200_000]] } }],
      [
        "workload.threads",
        [
          {
            name: "unmapper",
            mm: "process",
            do: [
              { mmap: [9_000_000, touched, 3] },
              { touch: [9_000_000, touched, 1] },
              { munmap: [0, vmas] },
            ],
          },
          {
            name: "filler",
            mm: "filler",
            do: [{ pause }, { touch: [65_536, filled, 1] }],
          },
          ...Array.from({ length: busy }, (_, number) => [
            { name: `idle-${number}`, do: [{ pause: "1us" }] },
            { name: `busy-${number}`, do: [{ pause: "300ms" }, { run: "2500ms" }] },
          ]).flat(),
        ],
      ],
    ]);
  const besideBusy = (busy: number) => heldUp(1_500_000, 100_000, ["350ms", 170_000], busy);

  it("has its reaper take the pages of a victim that does not get to its exit", async () => {
    const { reclaim, metrics } = await heldUp(2_400_000, 60_000, ["170ms", 95_000]);
    const { oom, oom_kills } = reclaim!;
    expect(oom_kills).toBe(1);
    expect(oom).toMatchObject({ victim: "process", reaped_pages: 60_000 + 5 });
    expect(oom!.victim_gone_ns! - oom!.at_ns).toBeGreaterThan(2e9); // OOM_REAPER_DELAY
    expect(metrics.happened).toContain("reaped");
    expect(metrics.faults).toBe(60_000 + 95_000); // the filler got what it wanted
    expect(metrics.vmas_allocated).toBe(metrics.vmas_freed);
  });

  it("leaves a victim alone that gets to its exit within two seconds", async () => {
    const { reclaim, metrics } = await besideBusy(0);
    const { oom } = reclaim!;
    expect(oom).toMatchObject({ victim: "process", reaped_pages: 0 });
    expect(oom!.victim_gone_ns! - oom!.at_ns).toBeGreaterThan(1.2e9);
    expect(oom!.victim_gone_ns! - oom!.at_ns).toBeLessThan(2e9);
    expect(metrics.happened).toContain("skipped");
  });

  it("has its reaper try again for mmap_lock, and give up after ten times: another one dies", async () => {
    // gathering holds the lock until some 2.6 s after the kill, then downgrades
    const tried = (await besideBusy(7)).reclaim!;
    expect(tried.oom).toMatchObject({ victim: "process", reaped_pages: 100_005 });
    // or until 3.4 s and longer: the tries end after 2.9
    const gave_up = await besideBusy(11);
    expect(gave_up.reclaim!.oom).toMatchObject({ victim: "process", reaped_pages: 0 });
    expect(gave_up.reclaim!.oom_kills).toBe(2);
    expect(gave_up.metrics.faults).toBeLessThan(270_000); // the filler has not got what it wanted
    expect(gave_up.metrics.mmap_write_hold_max_ns).toBeGreaterThan(3e9);
  });

  it("chooses the later one of equals, and nobody else before it is gone", async () => {
    const both = { vmas: [[65_536, 20_000]] };
    const { reclaim, metrics } = await run("direct", [
      ["machine", { cpus: 2, memory: { ram: "128MiB" } }],
      ["address_space.vma_count", 1000],
      ["workload.mms", { first: both, second: both }],
      [
        "workload.threads",
        ["first", "second"].map((name) => ({
          name,
          mm: name,
          do: [{ touch: [65_536, 20_000, 1] }, { pause: "1s" }],
        })),
      ],
    ]);
    expect(reclaim!.oom_kills).toBe(1);
    expect(reclaim!.oom!.victim).toBe("second");
    expect(metrics.faults).toBeGreaterThan(30_000);
  });
});

describe("a machine with nobody left to kill", () => {
  it("stops, and says when", async () => {
    // who has been reaped without being killed cannot be chosen any more
    const { reclaim, metrics } = await run("direct", [
      ["machine", { cpus: 2, memory: { ram: "64MiB" } }],
      ["address_space.vma_count", 100],
      ["workload.mms", { filler: { vmas: [[65_536, 40_000]] } }],
      [
        "workload.threads",
        [
          { name: "filler", mm: "filler", do: [{ touch: [65_536, 40_000, 1] }] },
          { name: "reaper", do: [{ "oom-reap": "filler" }] },
        ],
      ],
    ]);
    expect(reclaim).toMatchObject({ oom_kills: 0 });
    expect(reclaim!.panic_ns).toBeGreaterThan(10e6);
    expect(metrics.faults).toBeLessThan(40_000);
  });
});

describe("bad input", () => {
  it("is a second limit of memory, and more at first than there is", async () => {
    await expect(run("direct", [["workload.memory_pages", 1000]])).rejects.toThrow(
      "bad value of workload.memory_pages: found 1000, expected 0 beside machine.memory, which limits memory itself",
    );
    await expect(run("direct", [["address_space.vma_count", 600_000]])).rejects.toThrow(
      "memory at the beginning does not fit the machine's",
    );
    await expect(run("direct", [["workload.touched_pages", 100]])).rejects.toThrow(
      "memory at the beginning does not fit the machine's",
    );
  });

  it("is less memory than is touched before the run", async () => {
    const text = `
version: 1
address_space: { generate: alternating, vma_count: 500 }
workload:
  { type: mm, memory_pages: 7, touched_pages: 1, threads: [{ name: a, mm: process, do: [exit] }] }
`;
    const resolved = await resolveScenario(parseScenario(text, "s.yaml"), {
      readMaps: () => Promise.reject(new Error("no maps")),
      readProfile: (name) => readProfile(name),
    });
    const [job] = strategyJobs(resolved, resolved.scenario.strategies[0]!);
    await expect(simulate(jobSpec(job!))).rejects.toMatchObject({ code: 3, available: 7 });
  });

  it("is a list with two rules", async () => {
    const list = (drain: object) => ({ collect: "mm-list", drain, release: "call-rcu" });
    const two = {
      name: "two",
      exit: list({ when: "interval", jiffies: 250 }),
      munmap: list({ when: "size-over", vmas: 32 }),
    };
    const option = "test";
    await expect(
      loadScenario("memory-pressure-processes", {
        overrides: [{ path: ["strategies"], value: [two], option }],
      }).then((resolved) =>
        simulate(jobSpec(strategyJobs(resolved, resolved.scenario.strategies[0]!)[0]!)),
      ),
    ).rejects.toThrow("an mm of the workload mm has one list, with one rule");
  });

  it("is a strategy that it would replace by another, in a program as well", async () => {
    const { scenario, ...rest } = await loadScenario("memory-pressure-processes", {
      overrides: [{ path: ["strategies"], value: ["direct"], option: "test" }],
    });
    const [job] = strategyJobs({ scenario, ...rest }, scenario.strategies[0]!);
    const drain = { when: "size-over", vmas: 100 } as const;
    const exit = { collect: "private-list", drain, release: "call-rcu" } as const;
    const strategy = { name: "private-100", exit };
    await expect(
      simulate<"mm">({ ...jobSpec(job as RunJob<"mm">), strategy }),
    ).rejects.toMatchObject({
      code: 2,
      message: expect.stringContaining("cannot do what strategy private-100 says"),
    });
  });
});

describe("whatever processes do with the memory there is", () => {
  const name = fc.constantFrom("a", "b");
  const area = {
    vmas: [
      [1024, 4000],
      [6000, 3000],
      [16_384, 12_000],
    ],
  };
  const first = fc.integer({ min: 1000, max: 20_000 });
  const op = fc.oneof(
    name.map((mm) => ({ "process-mrelease": mm })),
    fc
      .tuple(first, fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 3 }))
      .map((touch) => ({ touch })),
    fc.tuple(first, fc.integer({ min: 1, max: 6000 })).map((munmap) => ({ munmap })),
    fc
      .tuple(first, fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 0, max: 2 }))
      .map((mmap) => ({ mmap })),
    fc
      .tuple(first, fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 2 }))
      .map((mprotect) => ({ mprotect })),
    fc.integer({ min: 1, max: 3000 }).map((us) => ({ pause: `${us}us` })),
    name.map((mm) => ({ "read-maps": mm })),
    name.map((mm) => ({ khugepaged: mm })),
  );
  const worlds = fc.record({
    generation: fc.constantFrom("6.12", "7.2"),
    strategy: fc.constantFrom(
      "direct",
      "batch-32",
      "throttle",
      "throttle-timer",
      "throttle-shrinker",
      "single",
      "kvfree_rcu",
    ),
    cpus: fc.integer({ min: 1, max: 3 }),
    programs: fc.array(fc.array(op, { minLength: 1, maxLength: 8 }), {
      minLength: 2,
      maxLength: 5,
    }),
    vmas: fc.integer({ min: 100, max: 20_000 }),
    fork: fc.boolean(),
    seed: fc.nat(),
  });

  it("no frame is lost, nobody waits for ever, and the oracle has nothing to say", async () => {
    await fc.assert(
      fc.asyncProperty(
        worlds,
        async ({ generation, strategy, cpus, programs, vmas, fork, seed }) => {
          const threads = programs.map((list, index) => ({
            name: `thread-${index}`,
            mm: index % 2 === 0 ? "a" : "b",
            do: fork && index === 0 ? [...list, { fork: "child" }, ...list] : list,
          }));
          const child = { name: "child", mm: "child", born: true, do: programs[1]! };
          const unmapper = {
            name: "unmapper",
            mm: "process",
            do: [{ munmap: [0, vmas] }, { pause: "1s" }],
          };
          const settings: Setting[] = [
            ["machine", { generation, cpus, memory: { ram: "64MiB" } }],
            ["address_space.vma_count", vmas],
            ["workload.mms", { a: area, b: area, child: { later: true } }],
            ["workload.threads", [unmapper, ...threads, ...(fork ? [child] : [])]],
            ["seed", seed],
          ];
          // all free at once in 7.2, which refuses kvfree_rcu's pages of pointers
          const applied = generation === "7.2" ? "direct" : strategy;
          const { reclaim, metrics, pages } = await run(applied, settings);
          expect(metrics.breaches).toBe(0);
          expect(metrics.happened).not.toContain("deadlock");
          expect(reclaim!.panic_ns).toBeUndefined();
          if (reclaim!.oom !== undefined) {
            expect(["process", "a", "b", "child"]).toContain(reclaim!.oom.victim);
            expect(reclaim!.oom.victim_pages).toBeGreaterThan(5 * MIB_PAGES);
            expect(reclaim!.oom.victim_gone_ns).toBeGreaterThan(reclaim!.oom.at_ns);
          }
          expect(pages!.pages_on_lists + pages!.pages_free).toBeGreaterThan(20 * MIB_PAGES);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("ends in the same bytes twice", async () => {
    const [one, again] = [await run("throttle"), await run("throttle")];
    expect(again).toEqual(one);
    const without = await run("throttle", [["workload.oracle", false]]);
    expect(without.metrics).toEqual(one.metrics);
  });
});
