import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { runJobs } from "../../src/api/pool.ts";
import type { RunMetrics, RunResult } from "../../src/api/types.ts";
import { validateText } from "../../src/output/validate-text.ts";
import { judge } from "../../src/validate/judge.ts";
import { EXIT_RULES } from "../../src/validate/kinds/exit.ts";
import { cellOf } from "../../src/validate/kinds/results-cell.ts";
import { type MeasuredRecord, parseTable } from "../../src/validate/table.ts";
import { judgeValidation, planValidation } from "../../src/validate/validate.ts";
import { fakeEngine } from "../api/fake-engine.ts";
import { csv, PROFILE, type RowParts } from "./rows.ts";

function rowOf(parts: RowParts): MeasuredRecord {
  return parseTable(csv(parts), "rows.csv").records[0]!;
}

function reasonsOf(parts: RowParts): readonly string[] {
  const mapped = cellOf(rowOf(parts));
  return "reasons" in mapped ? mapped.reasons : [];
}

describe("a measured row becomes a run", () => {
  it("of the measuring kernel: small slabs, one CPU, the row's limits and probes", () => {
    const mapped = cellOf(rowOf({ strategy: "batch", batch_max: 8, blimit: 1000, flags: 4 }));
    expect(mapped).toMatchObject({
      cell: {
        strategy: "batch-8",
        alternating_vmas: 100,
        probe_flags: 4,
        machine: {
          cpus: 1,
          hz: 250,
          rcu: { blimit: 1000, qhimark: 10_000 },
          slab: {
            vm_area_struct: { object_bytes: 144, objects_per_slab: 28 },
            vma_lock: { object_bytes: 40, objects_per_slab: 102 },
          },
        },
      },
    });
  });

  it("with tunables of its command line, where it is one the model knows", () => {
    const row = rowOf({ extra_cmdline: "rcutree.rcu_divisor=3 kgt_settle=500 quiet", blimit: "" });
    expect(cellOf(row)).toMatchObject({
      cell: { machine: { rcu: { rcu_divisor: 3, blimit: 10 } } },
    });
  });

  it("with the preemption that the kernel was switched to", () => {
    const models = ["none", "voluntary", "full"].map((preempt) => {
      const mapped = cellOf(rowOf({ extra_cmdline: `preempt=${preempt}` }));
      return "cell" in mapped ? mapped.cell.machine.preempt : mapped.reasons;
    });
    expect(models).toEqual(["none", "voluntary", "full"]);
    expect(cellOf(rowOf({}))).toMatchObject({ cell: { machine: { preempt: "voluntary" } } });
  });

  it.each<[RowParts, string]>([
    [{ kernel: "7.2" }, "kernel 7.2 has no strategy rcu"],
    [{ nocb: "some" }, "callback offloading some is neither off nor all"],
    [{ op: "fork" }, "operation fork is not modelled"],
    [{ populate: 2 }, "populate 2 is neither 0 nor 1"],
    [{ accel: "mttcg" }, "time base mttcg has no cost profile"],
    [{ cpus: 2 }, "2 CPUs were measured, the cost profile knows one"],
    [{ concurrent: 101 }, "101 processes beside it: up to 100 are modelled"],
    [{ create: "fork" }, "way of building the address space fork is not known"],
    [{ strategy: "typesafe" }, "kernel 6.12 has no strategy typesafe"],
    [{ strategy: "toString" }, "strategy toString is not modelled"],
    [{ strategy: "batch" }, "strategy batch without batch_max is not modelled"],
    [{ n: 0 }, "no VMA"],
    [{ qhimark: 0 }, "qhimark 0 is not modelled"],
    [{ extra_cmdline: "rcutree.qhimark=0", qhimark: 0 }, "qhimark 0 is not modelled"],
    [{ extra_cmdline: "rcutree.rcu_divisor=63" }, "rcu_divisor 63 is not modelled"],
    [{ extra_cmdline: "rcu_nocb_polls=1" }, "kernel parameter rcu_nocb_polls=1 is not modelled"],
    [{ extra_cmdline: "preempt=lazy" }, "preempt=lazy: lazy preemption came with 6.13"],
    [
      { extra_cmdline: "preempt=none", kernel: "7.2", strategy: "typesafe" },
      "preempt=none: none and voluntary are gone where the architecture has lazy preemption",
    ],
    [{ extra_cmdline: "preempt=rt" }, "kernel parameter preempt=rt is not modelled"],
    [{ extra_cmdline: "kgt_arm=0" }, "nothing was measured in the kernel (kgt_arm=0)"],
    [{ extra_cmdline: "rcutree.blimit=1000" }, "column blimit says 10, extra_cmdline 1000"],
  ])("or is listed with the reason: %o", (parts, reason) => {
    expect(reasonsOf(parts)).toEqual([reason]);
  });

  it("or with all reasons at once", () => {
    expect(reasonsOf({ kernel: "6.1", nocb: "some", strategy: "typesafe" })).toHaveLength(3);
  });
});

function results(figures: readonly Partial<RunMetrics>[]): RunResult[] {
  const blank = Object.fromEntries(EXIT_RULES.map(({ name }) => [name, 0]));
  return figures.map((metrics) => ({
    workload: "exit",
    strategy: "x",
    digest: "0",
    metrics: { ...blank, ...metrics } as unknown as RunMetrics,
    plan: { regions: [], total_bytes: 0, limit_bytes: 0, bytes_per_vma: 0 },
  }));
}

/** `others`: what runs with another past of the machine say. */
function verdict(
  metric: string,
  parts: RowParts,
  figures: readonly Partial<RunMetrics>[],
  others: readonly Partial<RunMetrics>[] = [],
) {
  const rules = EXIT_RULES.filter(({ name }) => name === metric);
  const cell = { records: [rowOf(parts)], repeats: undefined, weights: new Map() };
  const phases = results(figures).map((result) => [result]);
  const pasts = others.length === 0 ? [] : [results(others).map((result) => [result])];
  return judge(cell, { phases, pasts }, rules, 0.1)[0];
}

describe("a verdict", () => {
  it("by a range looks at that of another past of the machine too, any other one does not", () => {
    const row = { dead_peak: 500, unmap_vmas_ns: 500, ncall_rcu: 500 };
    const peaks = [{ dead_peak: 300 }, { dead_peak: 400 }];
    expect(verdict("dead_peak", row, peaks)).toMatchObject({ ok: false, error: -0.2 });
    const above = [{ dead_peak: 600 }, { dead_peak: 700 }];
    expect(verdict("dead_peak", row, peaks, above)).toMatchObject({ ok: false }); // between them
    const around = [{ dead_peak: 490 }, { dead_peak: 600 }];
    expect(verdict("dead_peak", row, peaks, around)).toMatchObject({
      ok: true,
      error: 0,
      low: 300,
      high: 600,
      simulated: 300, // the median of the first past's phases
    });
    const times = [{ unmap_vmas_ns: 300 }];
    expect(verdict("unmap_vmas_ns", row, times, [{ unmap_vmas_ns: 600 }])).toMatchObject({
      ok: false,
      high: 300,
    });
    const counts = [{ ncall_rcu: 500 }];
    expect(verdict("ncall_rcu", row, counts, [{ ncall_rcu: 600 }])).toMatchObject({ ok: true });
  });

  it("on a count is exact, at every tick phase", () => {
    expect(verdict("ncall_rcu", {}, [{ ncall_rcu: 111 }])).toMatchObject({ ok: true, error: 0 });
    expect(verdict("ncall_rcu", {}, [{ ncall_rcu: 112 }])).toMatchObject({ ok: false });
    const differing = [{ ncall_rcu: 111 }, { ncall_rcu: 112 }];
    expect(verdict("ncall_rcu", {}, differing)).toMatchObject({ ok: false });
  });

  it("on a time is relative to the measured one", () => {
    const of = (exit_total_ns: number) => verdict("exit_total_ns", {}, [{ exit_total_ns }]);
    expect(of(110_000)).toMatchObject({ ok: true, comparison: "relative", error: 0.1 });
    expect(of(110_001)).toMatchObject({ ok: false });
    expect(of(89_999)).toMatchObject({ ok: false });
  });

  it("on a time is a range when callbacks ran inside the exit", () => {
    const parts = { rcu_cbs_in_exit: 5 };
    const spread = [{ exit_total_ns: 60_000 }, { exit_total_ns: 91_000 }];
    expect(verdict("exit_total_ns", parts, spread)).toMatchObject({
      ok: true,
      comparison: "range",
      low: 60_000,
      high: 91_000,
    });
  });

  it("on the last drain is a range where callbacks are offloaded: it may have to wake rcuog", () => {
    const spread = [{ final_drain_ns: 210 }, { final_drain_ns: 210 }, { final_drain_ns: 1705 }];
    const of = (nocb: string) => verdict("final_drain_ns", { nocb, final_drain_ns: 1614 }, spread);
    expect(of("all")).toMatchObject({ ok: true, comparison: "range" });
    expect(of("off")).toMatchObject({ ok: false, comparison: "relative" });
  });

  it.each([
    [[100, 120], true, 0],
    [[112, 300], true, 1 / 111],
    [[50, 101], true, -10 / 111],
    [[50, 100], false, -11 / 111],
    [[200, 300], false, 89 / 111],
  ])("on a figure that hangs on the tick looks at the widened range %o", (ends, ok, error) => {
    const found = verdict(
      "dead_peak",
      {},
      ends.map((dead_peak) => ({ dead_peak })),
    );
    expect(found).toMatchObject({ ok, comparison: "range" });
    expect(found!.error).toBeCloseTo(error, 9);
  });

  it("is not given on what is blank, nor on a zero that means not applicable", () => {
    expect(verdict("exit_total_ns", { exit_total_ns: "" }, [{}])).toBeUndefined();
    expect(verdict("dead_peak", { dead_peak: 0 }, [{}])).toBeUndefined();
    expect(verdict("ncall_rcu", { ncall_rcu: 0 }, [{}])).toMatchObject({ ok: true });
  });
});

async function reportOf(rows: readonly RowParts[], profile = PROFILE) {
  const engine = fakeEngine(1);
  const plan = planValidation([parseTable(csv(...rows), "rows.csv")], {
    profile: () => profile,
    phases: 4,
    tolerance: 0.1,
    plan: (job) => engine.plan(jobSpec(job)),
  });
  return { plan, report: judgeValidation(plan, await runJobs(plan.jobs, { engine })) };
}

describe("a validation", () => {
  it("runs equal cells once, at every tick phase and with either past, and drops no row", async () => {
    const rows = [{ id: "a" }, { id: "b", rep: 2 }, { id: "c", n: 200 }, { id: "d", op: "fork" }];
    const { plan, report } = await reportOf(rows);
    expect(plan.jobs).toHaveLength(2 * 4 * 2);
    const lags = plan.jobs.map(({ machine }) => machine.gp_kthread_lag_ns);
    expect(lags).toEqual([...Array(2)].flatMap(() => [...Array(4), ...Array(4).fill(0)]));
    expect(new Set(plan.jobs.map(({ machine }) => machine.tick_phase_ns)).size).toBe(4);
    expect(report.rows.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(report.inexpressible).toEqual([
      {
        file: "rows.csv",
        id: "d",
        line: 5,
        kind: "exit",
        reasons: ["operation fork is not modelled"],
      },
    ]);
  });

  it("has RCU's kthreads of an offloaded CPU owed time where they last ran beside a process that touched much", async () => {
    const lagsOf = async (parts: RowParts): Promise<unknown[]> => {
      const { plan } = await reportOf([parts]);
      return plan.jobs.map(({ machine: { gp_kthread_lag_ns: gp, rcuog_lag_ns, rcuop_lag_ns } }) =>
        gp === undefined || gp === 0 ? gp : [gp, rcuog_lag_ns, rcuop_lag_ns],
      );
    };
    const two = [...Array(4), ...Array(4).fill(0)];
    const owed = Array(4).fill([1_560_000, 320_000, 1_190_000]);
    expect(await lagsOf({ n: 5000, nocb: "all", populate: 1 })).toEqual([...two, ...owed]);
    expect(await lagsOf({ n: 4999, nocb: "all", populate: 1 })).toEqual(two); // callbacks came later
    expect(await lagsOf({ n: 5000, nocb: "all", populate: 0 })).toEqual(two);
    expect(await lagsOf({ n: 5000, nocb: "off", populate: 1 })).toEqual(two);
  });

  it("has a process beside the exit in every other phase ahead of its share, by up to half a turn", async () => {
    const aheadOf = async (parts: RowParts): Promise<unknown[]> => {
      const { plan } = await reportOf([parts]);
      return plan.jobs.map(({ load }) => load?.map(({ ahead_ns }) => ahead_ns));
    };
    expect(await aheadOf({ concurrent: 1 })).toEqual([[0], [625_000], [0], [1_875_000]]);
    expect(await aheadOf({ concurrent: 0 })).toEqual(Array(8).fill(undefined));
  });

  it("lists what would not fit into memory, with the numbers", async () => {
    const { report } = await reportOf([{ id: "huge", n: 90_000_000 }]);
    expect(report.rows).toEqual([]);
    expect(report.inexpressible[0]).toMatchObject({ id: "huge" });
    expect(report.inexpressible[0]!.reasons[0]).toMatch(/bytes needed/);
    // Where no figure was judged nothing is right.
    expect(report.ok).toBe(false);
    expect(validateText(report, ["rows.csv"])).toMatch(/FAILED: nothing judged/);
  });

  it("sums errors up per metric and fails when a figure is off", async () => {
    const good = { n: 100, exit_total_ns: 111 * 865 };
    const { report } = await reportOf([good]);
    expect(report.ok).toBe(true);
    const { report: bad } = await reportOf([good, { ...good, id: "b", exit_total_ns: 200_000 }]);
    expect(bad.ok).toBe(false);
    expect(bad.overall.misses).toBe(1);
    const exit = bad.kinds[0]!.metrics.find(({ metric }) => metric === "exit_total_ns")!;
    expect(exit).toMatchObject({ count: 2, misses: 1, median: 0 });
    expect(exit.worst).toBeCloseTo(0.52, 2);
  });
});

describe("predictions", () => {
  const good = { n: 100, exit_total_ns: 111 * 865 };

  async function predicted(derived_from: readonly string[] | undefined) {
    const rows = [
      { ...good, id: "p1-a" },
      { ...good, id: "p3-b" },
    ];
    return (await reportOf(rows, { ...PROFILE, derived_from })).report;
  }

  it("are the rows that no cost was derived from", async () => {
    const report = await predicted(["exit p1-*", "munmap p3-*"]);
    expect(report.rows.map(({ predicted }) => predicted)).toEqual([false, true]);
    expect(report.predictions.rows).toBe(1);
    expect(report.predictions.count).toBe(report.overall.count / 2);
    expect(validateText(report, ["rows.csv"])).toMatch(/1 of 2 cells are predictions, no cost/);
  });

  it("are none where every row gave a cost", async () => {
    const report = await predicted(["exit *"]);
    expect(report.predictions.rows).toBe(0);
    expect(validateText(report, ["rows.csv"])).toMatch(/derived from every one of these cells/);
  });

  it("are not spoken of where the profile does not say", async () => {
    const report = await predicted(undefined);
    expect(report.rows[0]!.predicted).toBeUndefined();
    expect(validateText(report, ["rows.csv"])).not.toMatch(/predictions/);
  });
});
