// Rows of real machines: which modelled kernel stands for theirs, and which run each row is.

import { describe, expect, it } from "vitest";
import { rowObservations } from "../../src/calibrate/inputs/rows.ts";
import { nearestKernel } from "../../src/validate/kinds/real-kernel.ts";
import { wallClockKind } from "../../src/validate/kinds/wall-clock.ts";
import { measuredFigure } from "../../src/validate/rules.ts";
import { parseTable } from "../../src/validate/table.ts";
import { planValidation } from "../../src/validate/validate.ts";
import { PROFILE } from "./rows.ts";

const NEWER = { range: { generations: ["7.2"], vma_count_min: 1, vma_count_max: 2, cpus_max: 1 } };
const OLDER = { range: { ...NEWER.range, generations: ["6.12"] } };

function planned(fields: string, kernel = "6.18.44") {
  const text = `n,op,populate,munmap_ns,exit_wait_ns,kernel\n${fields},${kernel}\n`;
  const record = parseTable(text, "m.csv").records[0]!;
  return { record, plan: wallClockKind.plan(record, { profile: () => PROFILE }) };
}

describe("a real kernel", () => {
  it("stands for the modelled one whose VMAs live as its own do", () => {
    const generation = (release: string) => nearestKernel(release)?.generation;
    expect(["5.10.0-28-amd64", "6.12.107", "6.14"].map(generation)).toEqual(Array(3).fill("6.12"));
    expect(["6.15.1", "6.18.44-fc", "7.0", "10.1"].map(generation)).toEqual(Array(4).fill("7.2"));
    expect(nearestKernel("6.18.44")?.sheaf_capacity).toBe(32);
    expect(nearestKernel("7.2.12")?.sheaf_capacity).toBe(-1);
    expect(nearestKernel("linux")).toBeUndefined();
  });

  it("that rows do not name is one that the profile is for, or a new one", () => {
    expect(nearestKernel("", OLDER)?.generation).toBe("6.12");
    expect(nearestKernel("", NEWER)?.generation).toBe("7.2");
    expect(nearestKernel("", {})?.generation).toBe("7.2");
  });
});

describe("a wall-clock row", () => {
  it("of an exit is an exit in the way that its kernel frees", () => {
    expect(planned("1000,exit,0,0,400").plan).toMatchObject({
      what: "exit, 1,000 VMAs",
      jobs: [{ machine: { generation: "7.2" }, strategy: { name: "typesafe" } }],
    });
    expect(planned("1000,exit,1,0,400", "6.1.0").plan).toMatchObject({
      what: "exit, 1,000 touched VMAs",
      jobs: [{ machine: { generation: "6.12" }, strategy: { name: "direct" } }],
    });
  });

  it("of a munmap is one call for the whole area, and its exit is not compared", () => {
    const { record, plan } = planned("1000,munmap,0,500,90");
    expect(plan).toMatchObject({
      what: "munmap, 1,000 VMAs",
      jobs: [{ workload: { type: "munmap", calls: 1 }, space: { vma_count: 1000 } }],
    });
    const figures = wallClockKind.rules.map((rule) => measuredFigure(rule, record));
    expect(figures).toEqual([undefined, 500]);
    const exit = planned("1000,exit,0,500,90").record;
    expect(wallClockKind.rules.map((rule) => measuredFigure(rule, exit))).toEqual([90, undefined]);
  });

  it("measured at another pace than the others does not count, to validate and to calibrate", () => {
    // Two sizes, four rounds; in the second and in half of the fourth others were at work.
    const rounds = [
      [200, 400, 800],
      [300, 650, 1_250],
      [201, 402, 804],
      [200, 404, 1_240],
    ] as const;
    const rows = rounds.flatMap(([build, small, large], rep) => {
      const slow_end = large > 1_000 ? 300 : build;
      return [
        `1000,exit,0,${rep},${build},${small},6.18`,
        `2000,exit,0,${rep},${slow_end},${large},6.18`,
      ];
    });
    const text = `n,op,populate,rep,build_ns_per_call,exit_wait_ns,kernel\n${rows.join("\n")}\n`;
    const table = parseTable(text, "m.csv");
    const context = { profile: () => PROFILE };
    const { observations } = rowObservations(table, context);
    // Of 400, 402 and 404 the weights are 1, 0.94 and 1.
    expect(observations.map(({ measured_ns }) => Math.round(measured_ns))).toEqual([402, 802]);
    const plan = planValidation([table], {
      ...context,
      phases: 1,
      tolerance: 0.1,
      plan: () => undefined,
    });
    const used = plan.rows.map(({ records }) => records.map((row) => plan.weights.get(row)! > 0));
    expect(used).toEqual([
      [true, false, true, true],
      [true, false, true, false],
    ]);
  });

  it("that no run is says why", () => {
    expect(planned("0,fork,2,0,400").plan).toEqual({
      reasons: [
        "operation fork is not modelled on a real machine",
        "populate 2 is neither 0 nor 1",
        "no VMA",
      ],
    });
    expect(planned("10,exit,0,0,400", "mine").plan).toEqual({
      reasons: ["kernel mine is no version number"],
    });
  });
});
