// RCU's tunables: their kernel names, defaults (kernel-facts 3.4) and ranges in scenarios, and what
// changing two of them does to an exit, beside the kernel that was measured with the same change.

import { describe, expect, it } from "vitest";
import type { RcuTunables, RunMetrics } from "../../src/api/types.ts";
import { alternating, contiguous } from "../../src/input/generate.ts";
import { KERNEL_RCU } from "../../src/scenario/defaults.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { CALL_RCU, simulateNow, spec, withCosts } from "../engine/spec.ts";

/** Default, least and most; `computed`: -1 stands for what the kernel computes. */
const TUNABLES: Readonly<
  Record<keyof RcuTunables, readonly [number, number, number, "computed"?]>
> = {
  blimit: [10, 1, 2 ** 31 - 1],
  qhimark: [10_000, 1, 2 ** 31 - 1],
  qlowmark: [100, 0, 2 ** 31 - 1],
  qovld: [20_000, 0, 2 ** 31 - 1, "computed"],
  rcu_divisor: [7, 0, 62],
  rcu_resched_ns: [3_000_000, 1_000_000, 1_000_000_000],
  jiffies_till_first_fqs: [-1, 0, 1000, "computed"],
  jiffies_till_next_fqs: [-1, 1, 1000, "computed"],
  jiffies_till_sched_qs: [-1, 0, 1_000_000, "computed"],
  use_softirq: [1, 0, 1],
  rcu_nocb_gp_stride: [-1, 1, 256, "computed"],
  nocb_nobypass_lim_per_jiffy: [-1, 0, 2 ** 31 - 1, "computed"],
  jiffies_lazy_flush: [-1, 1, 1_000_000, "computed"],
  kthread_prio: [0, 0, 99],
  rcu_expedited: [0, 0, 1],
  rcu_normal: [0, 0, 1],
  rcu_normal_wake_from_gp: [-1, 0, 1, "computed"],
  rcu_cpu_stall_timeout: [21, 3, 300],
  rcu_exp_cpu_stall_timeout: [0, 0, 300_000],
  rcu_cpu_stall_suppress: [0, 0, 1],
};

const scenario = (rcu = "{}") =>
  parseScenario(
    `version: 1\nmachine: { rcu: ${rcu} }\naddress_space: { generate: contiguous, vma_count: 5 }\n`,
    "s.yaml",
  ).machine.rcu;

describe("3.4 a tunable", () => {
  it("has the kernel's default, and all are listed here", () => {
    const defaults = Object.fromEntries(
      Object.entries(TUNABLES).map(([name, [value]]) => [name, value]),
    );
    expect(scenario()).toEqual(defaults);
    expect(KERNEL_RCU).toEqual(defaults);
  });

  it.each(Object.entries(TUNABLES))(
    "%s is taken within its range and refused outside",
    (...row) => {
      const [name, [, least, most, computed]] = row;
      const set = (value: number) => scenario(`{ ${name}: ${value} }`)[name as keyof RcuTunables];
      for (const value of [least, most]) expect(set(value)).toBe(value);
      const found = (value: number): RegExp =>
        new RegExp(
          `s\\.yaml:2:\\d+: bad value of machine\\.rcu\\.${name}: found ${value}, expected`,
        );
      expect(() => set(most + 1)).toThrow(found(most + 1));
      if (computed === "computed") expect(set(-1)).toBe(-1);
      const below = computed === "computed" && least === 0 ? -2 : least - 1;
      if (computed === undefined || below !== -1) expect(() => set(below)).toThrow(found(below));
      expect(() => scenario(`{ ${name}: "many" }`)).toThrow(/found "many"/);
    },
  );
});

// Exits of 100,011 VMAs by call_rcu on the instruction clock (results.csv, phase p3, not offloaded).
const MEASURED = [
  {
    rcu: {},
    ...{ exit_total_ns: 115_498_888, dead_peak: 33_228, last_free_ns: 122_801_604 },
    ...{ gp_at_last_free: 12, rcu_batches: 14, rcu_batch_max_cbs: 9024 },
  },
  {
    rcu: { qhimark: 1000 },
    ...{ exit_total_ns: 113_535_656, dead_peak: 32_590, last_free_ns: 123_039_465 },
    ...{ gp_at_last_free: 17, rcu_batches: 17, rcu_batch_max_cbs: 9024 },
  },
  {
    rcu: { qhimark: 100_000 },
    ...{ exit_total_ns: 110_194_521, dead_peak: 36_414, last_free_ns: 119_871_336 },
    ...{ gp_at_last_free: 13, rcu_batches: 917, rcu_batch_max_cbs: 281 },
  },
  {
    rcu: { blimit: 1000 },
    ...{ exit_total_ns: 115_368_336, dead_peak: 37_561, last_free_ns: 120_174_874 },
    ...{ gp_at_last_free: 12, rcu_batches: 16, rcu_batch_max_cbs: 9056 },
  },
] as const;
type Name = Exclude<keyof (typeof MEASURED)[number], "rcu">;
const PHASES = 16;
const WIDENED = 0.1;

function phases(rcu: Partial<RcuTunables>): RunMetrics[] {
  return Array.from({ length: PHASES }, (_, phase) => {
    const space = alternating(100_000, { base_process: true });
    const machine = { tick_phase_ns: (phase * 4_000_000) / PHASES };
    return simulateNow(spec({ exit: CALL_RCU, space, machine, rcu, probe_flags: 2 })).metrics;
  });
}

describe("an exit by call_rcu, measured and simulated", () => {
  const simulated = MEASURED.map(({ rcu }) => phases(rcu));
  const mean = (at: number, name: Name): number =>
    simulated[at]!.reduce((sum, metrics) => sum + metrics[name], 0) / PHASES;

  it.each(MEASURED.map((row, at) => [JSON.stringify(row.rcu), at] as const))(
    "with %s: every figure lies within the range of its phases, widened by a tenth",
    (_, at) => {
      const { rcu: _rcu, ...figures } = MEASURED[at]!;
      for (const [name, figure] of Object.entries(figures)) {
        const values = simulated[at]!.map((metrics) => metrics[name as Name]);
        expect(figure, name).toBeGreaterThanOrEqual(Math.min(...values) * (1 - WIDENED));
        expect(figure, name).toBeLessThanOrEqual(Math.max(...values) * (1 + WIDENED));
      }
    },
  );

  it("moves as the measured one does: many small batches, or more and earlier grace periods", () => {
    const [plain, low, high] = [0, 1, 2];
    // qhimark beyond the backlog: no flood, so blimit and the divisor hold
    const [times, real_times] = [high, high].map((at, index) =>
      index === 0
        ? mean(at, "rcu_batches") / mean(plain, "rcu_batches")
        : MEASURED[at]!.rcu_batches / MEASURED[plain]!.rcu_batches,
    );
    expect(times! / real_times!).toBeGreaterThan(0.8);
    expect(times! / real_times!).toBeLessThan(1.25);
    expect(mean(high, "rcu_batch_max_cbs")).toBeLessThan(400);
    expect(mean(high, "exit_total_ns")).toBeLessThan(mean(plain, "exit_total_ns"));
    // a low one: the flood path asks for grace periods earlier
    expect(mean(low, "gp_at_last_free")).toBeGreaterThan(1.1 * mean(plain, "gp_at_last_free"));
    expect(mean(low, "dead_peak")).toBeLessThan(mean(plain, "dead_peak"));
  });
});

describe("a call beyond qhimark", () => {
  /** How many calls of 2,000 look at the node because 1,000 wait and no grace period has begun. */
  const looks = (gp_kthread_lag_ns: number): number => {
    const total = (call_rcu_qhimark: number): number => {
      const machine = { tick_phase_ns: 1_200_000, gp_kthread_lag_ns }; // the tick is in the passes before
      const profile = withCosts({ call_rcu_qhimark });
      const rcu = { qhimark: 1000 };
      const wanted = spec({ space: contiguous(2000), exit: CALL_RCU, machine, rcu, profile });
      return simulateNow(wanted).metrics.call_rcu_sum_ns;
    };
    return total(1000) - total(0);
  };

  it("takes longer until the kthread that the first one wakes has begun a grace period", () => {
    expect(looks(0)).toBe(1000); // it waits for its turn, and the exit ends before
    expect(looks(1_000_000)).toBeLessThan(5); // it preempts
  });
});
