// Memory that cut huge pages hold though nobody maps it, and a neighbour that needs it: scenarios/exits/huge-pages-cut.yaml.
// That no page is lost or there twice is checked by the engine at the end of every run.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { LoadSpec, PageMetrics, RunResult } from "../../src/api/types.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { strategyJobs } from "../../src/scenario/resolve.ts";
import { drawnVma, munmapSpec, pagesOf, placed, spaceOf } from "../page/huge-room.ts";
import { propertyOptions } from "../queue/load.ts";

async function run(settings: Readonly<Record<string, unknown>> = {}) {
  const overrides = Object.entries(settings).map(([path, value]) => {
    return { path: path.split("."), value, option: "test" };
  });
  const resolved = await loadScenario("exits/huge-pages-cut", { overrides });
  const job = strategyJobs(resolved, resolved.scenario.strategies[0]!)[0]!;
  const result = (await simulate(jobSpec(job))) as unknown as RunResult<"munmap">;
  return { ...result, pages: result.pages as PageMetrics, reclaim: result.reclaim! };
}

const BLOCKS = 16;
const GONE = 510;

describe("cut huge pages", () => {
  it("hold what nobody maps until the shrinker takes them apart: then nobody is killed", async () => {
    const { pages, reclaim, load } = await run();
    expect(pages.thp_split_pmd).toBe(BLOCKS);
    expect(pages.thp_deferred_pages_max).toBe(BLOCKS * GONE);
    expect(pages.huge_freed).toBe(0); // none is one any more when its last page goes
    expect(pages.thp_split_page).toBe(BLOCKS);
    expect(reclaim.oom_kills).toBe(0);
    expect(load![0]!.killed).toBe(0);
    // a late help: shrinkers are asked for so few objects only by the most urgent passes
    expect(reclaim.alloc_stalls).toBe(1);
  });

  it("hold nothing where the pages were small: they are free at once", async () => {
    const { pages, reclaim } = await run({ "address_space.populated": 1 });
    expect(pages.thp_split_pmd).toBe(0);
    expect(reclaim.alloc_stalls).toBe(0);
    expect(reclaim.oom_kills).toBe(0);
  });

  it("that nobody cut cannot be taken apart: the neighbour is killed", async () => {
    const few = [{ start_page: 0x402, page_count: GONE }];
    const { pages, reclaim } = await run({ "workload.ranges": few });
    expect(pages.thp_split_page).toBe(1);
    expect(reclaim.oom_kills).toBe(1);
  });

  it("go back whole when the process exits before anybody needs them", async () => {
    const { pages, reclaim } = await run({ "workload.exit_after": "10ms" });
    expect(pages.huge_freed).toBe(BLOCKS);
    expect(pages.thp_deferred_split_page).toBe(BLOCKS);
    expect(pages.thp_split_page).toBe(0);
    expect(reclaim.oom_kills).toBe(0);
  });
});

describe("a cut", () => {
  it("takes the time of its 512 entries inside the call", async () => {
    const cut = await run({ load: [] });
    const whole = await run({
      load: [],
      "workload.ranges": [{ start_page: 0x400, page_count: 8192 }],
    });
    const small = await run({ load: [], "address_space.populated": 1 });
    expect(cut.metrics.gather_ns).toBeGreaterThan(small.metrics.gather_ns + BLOCKS * 10_000);
    expect(cut.metrics.unmap_vmas_ns).toBeLessThan(small.metrics.unmap_vmas_ns / 5);
    expect(whole.pages.thp_split_pmd).toBe(0);
  });
});

/** Some huge pages of this one are taken apart, whatever else is drawn. */
const EXAMPLE = {
  drawn: [{ gap: 0, pages: 6000, touched: 1000, huge: 1000 }],
  ranges: Array.from({ length: 10 }, (_, at): [number, number] => [512 * (at + 1) + 2, 510]),
  pause_ns: 0,
  pages: 28_000,
  cpu: 1,
  newer: false,
};

describe("whatever is cut while a neighbour takes memory", () => {
  it("every page is back in the end, taken apart or whole", () => {
    const wanted = fc.record({
      drawn: fc.array(drawnVma, { minLength: 1, maxLength: 3 }),
      ranges: fc.array(fc.tuple(fc.nat(9000), fc.integer({ min: 1, max: 1500 })), {
        minLength: 1,
        maxLength: 10,
      }),
      pause_ns: fc.constantFrom(0, 1_000_000, 20_000_000),
      pages: fc.constantFrom(14_000, 20_000, 28_000),
      cpu: fc.constantFrom(0, 1),
      newer: fc.boolean(),
    });
    let apart = 0;
    fc.assert(
      fc.property(wanted, ({ drawn, ranges, pause_ns, pages, cpu, newer }) => {
        const vmas = placed(drawn.map((vma) => ({ ...vma, touched: 1000, huge: 1000 })));
        const base = munmapSpec(spaceOf(vmas), ranges, newer);
        const memory = { ...base.machine.memory!, ram_bytes: 128 * 2 ** 20 };
        const neighbour: LoadSpec = {
          name: "neighbour",
          kind: "memory",
          tasks: 1,
          bound: true,
          cpus: [cpu],
          priority: 0,
          work_ns: 0,
          period_ns: 1_000_000,
          pages,
          turn_pages: 128,
        };
        const found = pagesOf({
          ...base,
          machine: { ...base.machine, cpus: 2, memory },
          workload: { ...base.workload!, pause_ns, exit_after_ns: 300_000_000 },
          load: [neighbour],
        });
        apart += found.thp_split_page;
        expect(found.thp_split_page).toBeLessThanOrEqual(found.thp_deferred_split_page);
        expect(found.thp_deferred_split_page).toBeLessThanOrEqual(found.thp_split_pmd);
      }),
      { ...propertyOptions(60), examples: [[EXAMPLE]] },
    );
    const { FC_PATH } = process.env;
    if (FC_PATH === undefined) expect(apart).toBeGreaterThan(0);
  });
});
