// Timelines of the ready scenarios: what their threads, purges, allocations and children do, beside the
// figures that the runs give of it.

import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import type { TimelineEvent } from "../../src/api/timeline.ts";
import type { RunResult, RunSpec, WorkloadType } from "../../src/api/types.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { strategyJobs } from "../../src/scenario/resolve.ts";
import { timelineEvents } from "../../src/trace/timeline-events.ts";
import { simulateNow } from "../engine/spec.ts";
import { drawn, eventsOf, expectNested, type Recorded, traced, tracks } from "./timeline-run.ts";

const SIM_NS_MAX = 1e12;

/** The first strategy of a ready scenario. */
async function ready<W extends WorkloadType>(
  name: string,
  ...set: readonly string[]
): Promise<Recorded<W>> {
  const resolved = await loadScenario(name, { overrides: set.map(parseOverride) });
  const [job] = strategyJobs(resolved, resolved.scenario.strategies[0]!);
  const trace = { batches_max: 0, hands_max: 0, hand_every: 1000, events_max: 1_000_000 };
  const wanted = { ...jobSpec(job!), trace } as unknown as RunSpec;
  const result = simulateNow(wanted, undefined, SIM_NS_MAX) as unknown as RunResult<W>;
  const timeline = result.trace!.timeline!;
  expect(timeline.events_lost).toBe(0);
  const run = { wanted, result, timeline, events: [...timelineEvents(timeline)] };
  for (const [track, slices] of tracks(drawn([traced(run)]))) expectNested(slices, track);
  return run;
}

const spans = (events: readonly TimelineEvent[], name: string) =>
  eventsOf(events, "span").filter((span) => span.name === name);
const lengths = (found: readonly { start_ns: number; end_ns: number }[]): number[] =>
  found.map(({ start_ns, end_ns }) => end_ns - start_ns);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe("processes that exit together", () => {
  it("die one by one; their parent waits for each, and a kworker has their memory back", async () => {
    const run = await ready<"exits">("exits/async-one-cpu", "workload.children=3");
    const { events, timeline, result } = run;
    const exits = spans(events, "do_exit");
    expect(exits.map(({ task }) => timeline.tasks[task])).toEqual([
      "child/0",
      "child/1",
      "child/2",
    ]);
    const waits = spans(events, "wait4");
    expect(waits.map(({ subject }) => subject)).toEqual([0, 1, 2]);
    expect(waits.at(-1)!.end_ns).toBe(result.metrics.last_wait_ns);
    const back = spans(events, "exit_mmap").map(({ end_ns }) => end_ns);
    expect(Math.max(...back)).toBe(result.metrics.memory_back_last_ns);
    expect(Math.min(...back)).toBe(result.metrics.memory_back_first_ns);
    // a put by a work item: who waits is told before the address space is gone
    expect(waits[0]!.end_ns).toBeLessThan(Math.min(...back));
  });
});

describe("vmalloc under test", () => {
  it("is purged as often and as long as its figures say", async () => {
    const { events, timeline, result } = await ready<"vmalloc">("vmalloc/with-the-threshold");
    const { metrics } = result;
    const purges = spans(events, "__purge_vmap_area_lazy");
    expect(purges).toHaveLength(metrics.purge_runs);
    expect(sum(purges.map(({ subject }) => subject))).toBe(metrics.areas_purged);
    expect(Math.abs(sum(lengths(purges)) - metrics.purge_wall_ns_sum)).toBeLessThanOrEqual(
      purges.length,
    );
    for (const { task } of purges) expect(timeline.tasks[task]).toMatch(/^vmalloc_test\/\d$/);
  });
});

describe("threads of one address space", () => {
  it("fault, unmap and exit by their own names, as often as was counted", async () => {
    const { events, timeline, result } = await ready<"mm">("threads-munmap");
    const operations = eventsOf(events, "operation");
    const by = (name: string) => operations.filter((operation) => operation.name === name);
    expect(by("touch")).toHaveLength(result.metrics.faults);
    expect(by("munmap").map(({ task }) => timeline.tasks[task])).toEqual(["unmapper"]);
    expect(new Set(by("touch").map(({ task }) => timeline.tasks[task]))).toEqual(
      new Set(["first", "second"]),
    );
    expect(by("exit")).toHaveLength(3);
    expect(Math.max(...lengths(by("touch")))).toBe(result.metrics.fault_max_ns);
  });
});

describe("memory pressure", () => {
  it("shows who finds no page, and the kill", async () => {
    const { events, timeline, result } = await ready("memory-pressure", "strategies=[throttle]");
    expect(result.reclaim!.oom_kills).toBe(1);
    const kills = spans(events, "out_of_memory");
    expect(kills).toHaveLength(1);
    expect(kills[0]!.end_ns).toBe(result.reclaim!.oom!.at_ns);
    const stalls = spans(events, "direct reclaim");
    expect(stalls.map(({ task }) => timeline.tasks[task])).toContain("neighbour");
    const around = stalls.filter(
      ({ start_ns, end_ns }) => start_ns <= kills[0]!.start_ns && kills[0]!.end_ns <= end_ns,
    );
    expect(around).toHaveLength(1);
    const free = eventsOf(events, "counters").map(({ free_pages }) => free_pages);
    expect(Math.max(...free)).toBeGreaterThan(Math.min(...free));
  });
});

describe("a grace period that does not end", () => {
  it("is marked where the kernel would report it", async () => {
    const run = await ready("long-reader", "strategies=[call_rcu]");
    const stalls = eventsOf(run.events, "stall");
    const { count, reports } = run.result.stalls!;
    expect(stalls).toHaveLength(count);
    expect(stalls.map(({ time_ns, stall, jiffies }) => [time_ns, stall, jiffies])).toEqual(
      reports.map(({ time_ns, kind, jiffies }) => [time_ns, kind, jiffies]),
    );
    const marks = drawn([traced(run)]).filter(({ ph }) => ph === "i");
    expect(marks.map(({ name }) => name)).toEqual(stalls.map(({ stall }) => `RCU stall: ${stall}`));
  });
});
