// Counters of a run over time, in as few points as a chart can show.

import { describe, expect, it } from "vitest";
import { contiguous } from "../../../src/input/generate.ts";
import { type Sample, samplesOf, settledAt, thinned } from "../../../src/output/html/series.ts";
import { SINGLE } from "../../engine/spec.ts";
import { eventsOf, record } from "../../trace/timeline-run.ts";

const sample = (time_ns: number, dead_vmas: number): Sample => {
  return { time_ns, dead_vmas, callbacks_queued: 0 };
};

describe("samples of a timeline", () => {
  const run = record({ exit: SINGLE, space: contiguous(5_000) });
  const samples = samplesOf(run.timeline);

  it("are in the order of time, one a moment", () => {
    const times = samples.map(({ time_ns }) => time_ns);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(run.timeline.end_ns);
  });

  it("have every record of the counters", () => {
    const by_time = new Map(samples.map((one) => [one.time_ns, one.dead_vmas]));
    const records = eventsOf(run.events, "counters");
    const last = new Map(records.map(({ time_ns, dead_vmas }) => [time_ns, dead_vmas]));
    expect(last.size).toBeGreaterThan(20);
    for (const [time_ns, dead_vmas] of last) expect(by_time.get(time_ns)).toBe(dead_vmas);
  });

  it("stay at the last record where nothing changed, up to the batch that changes it", () => {
    const [batch] = eventsOf(run.events, "batch").filter(({ invoked }) => invoked > 0);
    const before = samples.findLast(({ time_ns }) => time_ns <= batch!.start_ns)!;
    expect(before).toMatchObject({ time_ns: batch!.start_ns, dead_vmas: 5_000 });
    const ticks = eventsOf(run.events, "tick").map(({ end_ns }) => end_ns);
    const looked = new Set(samples.map(({ time_ns }) => time_ns));
    expect(ticks.filter((end_ns) => !looked.has(end_ns))).toEqual([]);
  });
});

describe("the end of what is drawn", () => {
  it("is where a counter is back at zero for good", () => {
    const list = [sample(0, 0), sample(5, 3), sample(8, 0), sample(9, 2), sample(12, 0)];
    expect(settledAt([...list, sample(90, 0)], "dead_vmas")).toBe(12);
  });

  it("is the end of the run where it never is, and its start where there is nothing", () => {
    expect(settledAt([sample(0, 0), sample(7, 2)], "dead_vmas")).toBe(7);
    expect(settledAt([sample(0, 0), sample(7, 0)], "dead_vmas")).toBe(0);
    expect(settledAt([], "dead_vmas")).toBe(0);
  });
});

describe("thinning", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => sample(i, i === 4_321 ? 999 : i % 7));

  it("keeps at most four points of each span, with every peak", () => {
    const few = thinned(many, "dead_vmas", 9_999, 50);
    expect(few.length).toBeLessThanOrEqual(200);
    expect(few).toContainEqual(sample(4_321, 999));
    const times = few.map(({ time_ns }) => time_ns);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (let span = 0; span < 50; span++) {
      const own = few.filter(({ time_ns }) => Math.floor(time_ns / 200) === span);
      expect(own[0]!.time_ns).toBe(span * 200);
      expect(own.at(-1)!.time_ns).toBe(span * 200 + 199);
      expect(Math.min(...own.map(({ dead_vmas }) => dead_vmas))).toBe(0);
    }
  });

  it("leaves out what comes after the end, and nothing of what is few", () => {
    const list = [sample(0, 1), sample(50, 3), sample(51, 0)];
    expect(thinned(list, "dead_vmas", 50, 10)).toEqual(list.slice(0, 2));
  });
});
