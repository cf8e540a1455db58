// Where a thread of the workload mm makes way inside a long operation, by the preemption model.

import { describe, expect, it } from "vitest";
import { runReady, type Setting } from "../reclaim/ready-run.ts";

const VMAS = 60_000;

/** One CPU: a thread in a long operation, and beside it another one. */
function beside(preempt: string, program: readonly unknown[], other: object): Setting[] {
  return [
    ["machine", { cpus: 1, preempt }],
    ["address_space.vma_count", VMAS],
    ["workload.max_map_count", 2 * VMAS],
    ["workload.mms", { child: { later: true }, other: {} }],
    [
      "workload.threads",
      [
        { name: "worker", mm: "process", do: program },
        { name: "other", ...other },
      ],
    ],
  ];
}

const run = (settings: Setting[], strategy = "throttle") =>
  runReady<"mm">("threads-munmap", strategy, settings);

describe("who wakes up beside a long operation on its CPU", () => {
  /** Pauses of 1 ms, longer in all than any operation: late by what they waited for the CPU. */
  const PAUSES = 300;
  const sleeper = { mm: "other", do: [{ repeat: PAUSES, do: [{ pause: "1ms" }] }] };
  const late = async (preempt: string, program: readonly unknown[]) =>
    (await run(beside(preempt, program, sleeper))).metrics.threads_done_ns / 1e6 - PAUSES;

  const OPERATIONS = [
    ["munmap", [{ munmap: [0, VMAS] }], 23],
    ["exit", ["exit"], 12],
    ["fork", [{ fork: "child" }], 120],
  ] as const;

  // the list's one callback takes 18 ms when the process exits: that nobody preempts
  it.each(OPERATIONS)("hardly waits for %s, which makes way at every VMA", async (_, program) => {
    for (const preempt of ["voluntary", "full"]) {
      expect(await late(preempt, program)).toBeLessThan(25);
    }
  });

  it.each(OPERATIONS)("waits for %s where might_sleep() is no point", async (_, program, ms) => {
    expect(await late("none", program)).toBeGreaterThan(23 + ms);
  });
});

describe("who wakes up beside a program on its CPU, 7.2", () => {
  const PAUSES = 100;
  const sleeper = { mm: "other", do: [{ repeat: PAUSES, do: [{ pause: "1ms" }] }] };
  const doneMs = async (preempt: string, program: readonly unknown[]) => {
    const machine = { cpus: 1, preempt, generation: "7.2", hrtick: false };
    const settings = [...beside(preempt, program, sleeper), ["machine", machine] as const];
    return (await run(settings, "direct")).metrics.threads_done_ns / 1e6;
  };

  // the way back to user space comes within microseconds, the tick after the next within 8 ms
  it.each([
    ["faults", [{ touch: [0, VMAS, 1] }]],
    ["computes", [{ run: "95ms" }]],
  ] as const)(
    "waits no longer for a lazy request than for any other where it %s",
    async (_, program) => {
      const full = await doneMs("full", program);
      expect(Math.abs((await doneMs("lazy", program)) - full)).toBeLessThan(5);
    },
  );
});

describe("a program on its way to user space, 6.12 without preemption", () => {
  const touching = [{ touch: [0, VMAS, 1] }];

  it("makes way between two faults", async () => {
    const sleeper = { mm: "other", do: [{ repeat: 100, do: [{ pause: "1ms" }] }] };
    const doneMs = async (preempt: string) =>
      (await run(beside(preempt, touching, sleeper), "direct")).metrics.threads_done_ns / 1e6;
    expect(Math.abs((await doneMs("none")) - (await doneMs("full")))).toBeLessThan(5);
  });

  /** VMAs that wait while the other CPU faults, computes or is idle; ten more come every millisecond. */
  const deadPeak = async (
    program: readonly unknown[],
    preempt_rcu: boolean,
    nohz_full = "none",
  ) => {
    const unmaps = Array.from({ length: 300 }, (_, i) => [
      { munmap: [10 * i, 10] },
      { pause: "1ms" },
    ]);
    const { metrics } = await runReady<"mm">("threads-munmap", "call_rcu", [
      ["machine", { cpus: 2, preempt: "none", preempt_rcu, nohz_full }],
      ["address_space.vma_count", 3_000],
      ["workload.max_map_count", 200_000],
      ["workload.mms", { other: { vmas: [[0, 200_000]] } }],
      [
        "workload.threads",
        [
          { name: "worker", mm: "process", do: unmaps.flat() },
          { name: "other", mm: "other", do: program },
        ],
      ],
    ]);
    return metrics.dead_peak;
  };

  it("lets grace periods end at ticks over user mode, as idle does, also without PREEMPT_RCU", async () => {
    const idle = await deadPeak([{ pause: "400ms" }], false);
    expect(await deadPeak([{ run: "400ms" }], false)).toBeLessThanOrEqual(idle);
    expect(await deadPeak([{ run: "400ms" }], true)).toBeLessThanOrEqual(idle);
  });

  it("lets them end when they have waited for 100 ms where ticks hit faults", async () => {
    const peak = await deadPeak([{ touch: [0, 160_000, 1] }], false);
    expect(peak).toBeGreaterThan(1_000);
    expect(peak).toBeLessThan(2_500);
    expect(await deadPeak([{ touch: [0, 160_000, 1] }], true)).toBeLessThan(400);
  });

  it("lets scans see that a nohz_full CPU was in user mode, between two faults or for long", async () => {
    for (const program of [[{ touch: [0, 160_000, 1] }], [{ run: "400ms" }]]) {
      for (const preempt_rcu of [true, false]) {
        expect(await deadPeak(program, preempt_rcu, "1")).toBeLessThan(400);
      }
    }
  });
});

describe("a fault that a fatal signal ends", () => {
  it("took time like any other", async () => {
    const { metrics } = await run(
      [
        ["machine", { cpus: 2 }],
        ["address_space", { generate: "alternating", vma_count: 1 }],
        ["workload.mms", {}],
        [
          "workload.threads",
          [
            { name: "faults", mm: "process", do: [{ "kernel-fault": 0 }] },
            { name: "holds", mm: "process", do: [{ mprotect: [0, 1, 0] }] },
            { name: "kills", do: [{ kill: "process" }] },
          ],
        ],
      ],
      "direct",
    );
    expect(metrics.happened).toContain("interrupted");
    expect(metrics.fault_handler_mean_ns).toBeGreaterThanOrEqual(0);
    expect(metrics.fault_min_ns).toBeGreaterThan(0);
  });
});

describe("who looks at an address space that is being unmapped on its CPU", () => {
  const reader = { do: [{ pause: "500us" }, { "read-maps": "process" }] };
  const waits = async (preempt: string) =>
    (await run(beside(preempt, [{ munmap: [0, VMAS] }], reader))).metrics.mmap_read_waits;

  it("meets its mmap_lock in the middle of gathering", async () => {
    expect(await waits("voluntary")).toBe(1);
    expect(await waits("full")).toBe(1);
  });

  it("comes after the downgrade where gathering does not make way", async () => {
    expect(await waits("none")).toBe(0);
  });
});
