// What a row of the vmalloc test driver says of its run: pages of an allocation, and its kernel's pools.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunJob } from "../../src/api/job.ts";
import type { VmallocWorkload } from "../../src/api/vmalloc.ts";
import { vmallocKind } from "../../src/validate/kinds/vmalloc.ts";
import { vmallocHeldKind } from "../../src/validate/kinds/vmalloc-held.ts";
import { vmallocStressKind } from "../../src/validate/kinds/vmalloc-stress.ts";
import { parseTable } from "../../src/validate/table.ts";
import { PROFILE } from "./rows.ts";

const MEASURED = new URL("../fixtures/measured/", import.meta.url);

function workloads(file: string, kind: typeof vmallocKind) {
  const table = parseTable(readFileSync(new URL(file, MEASURED), "utf8"), file);
  return table.records.map((record) => {
    const planned = kind.plan(record, { profile: () => PROFILE });
    if ("reasons" in planned) throw new Error(planned.reasons.join());
    const { workload } = planned.jobs[0] as RunJob<"vmalloc"> & { workload: VmallocWorkload };
    return { record, workload };
  });
}

describe("rows of vmalloc tests", () => {
  it("name the pages of an allocation where these are not one", () => {
    const pages = workloads("vmalloc-3.csv", vmallocKind).map(({ workload }) => workload.nr_pages);
    expect(new Set(pages)).toEqual(new Set([1, 4, 64]));
    for (const { workload } of workloads("vmalloc.csv", vmallocKind)) {
      expect(workload.nr_pages).toBe(1);
    }
  });

  it("are of a kernel that empties small pools, 6.12, or lets them stay, 7.2", () => {
    for (const { record, workload } of workloads("vmalloc.csv", vmallocKind)) {
      expect(workload.small_pools_stay).toBe(record.word("kernel") === "7.2");
    }
  });

  it("are of boots with 25 kernel stacks, or 19 where those of 6.12 were given", () => {
    for (const file of ["vmalloc.csv", "vmalloc-3.csv"]) {
      for (const { workload } of workloads(file, vmallocKind))
        expect(workload.boot_stacks).toBe(25);
    }
    for (const { record, workload } of workloads("vmalloc_held.csv", vmallocHeldKind)) {
      expect(workload.boot_stacks).toBe(record.word("kernel") === "6.12" ? 19 : 25);
    }
    for (const { workload } of workloads("vmalloc_held-3.csv", vmallocHeldKind)) {
      expect(workload.boot_stacks).toBe(25);
    }
  });

  it("have a machine of 4 GiB, whose 7.2 takes and frees pages in the largest orders that fit", () => {
    for (const { record, workload } of workloads("vmalloc.csv", vmallocKind)) {
      expect(workload.zone_pages).toBe(243_978);
      expect(workload.large_orders).toBe(record.word("kernel") === "7.2");
    }
  });

  it("begin with 16 latencies of the timer, within a hundredth of a slice, and two lags of the worker", () => {
    const file = "vmalloc.csv";
    const [record] = parseTable(readFileSync(new URL(file, MEASURED), "utf8"), file).records;
    const planned = vmallocKind.plan(record!, { profile: () => PROFILE });
    if ("reasons" in planned) throw new Error(planned.reasons.join());
    const latencies = planned.starts!.map(({ machine }) => machine!.hrtick_latency_ns!);
    expect(new Set(latencies).size).toBe(16);
    expect(Math.min(...latencies)).toBe(0);
    expect(Math.max(...latencies)).toBeLessThan(7_000);
    const lags = new Set(planned.starts!.map(({ machine }) => machine!.kworker_lag_ns));
    expect(lags).toEqual(new Set([1_330_000, 0]));
  });

  it("have limits by the CPUs that ran them", () => {
    for (const { record, workload } of workloads("vmalloc_stress-3.csv", vmallocStressKind)) {
      expect(workload.lazy_max_pages).toBe(record.needed("lazy_max_pages"));
    }
  });
});
