// Batches of callbacks over time, as measured kernels traced them, laid over their simulation. The tick
// phase of a measured exit is not known: the nearest of sixteen counts.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Trace } from "../../src/api/trace.ts";
import type { FreePolicy } from "../../src/api/types.ts";
import { alternating } from "../../src/input/generate.ts";
import { traceSvg } from "../../src/output/trace-svg.ts";
import { readMeasuredTrace, traceCsv } from "../../src/trace/measured-trace.ts";
import { distance, nearest } from "../../src/trace/overlay.ts";
import { parseTable } from "../../src/validate/table.ts";
import { batch, CALL_RCU, SINGLE, simulateNow, spec, throttle } from "../engine/spec.ts";

const FOLDER = "test/fixtures/traces";
const JIFFY_NS = 4_000_000;
const PHASES = 16;
const POLICIES: Readonly<Record<string, FreePolicy>> = {
  rcu: CALL_RCU,
  batch: batch(32),
  single: SINGLE,
  throttle: throttle(250),
};

function measured(name: string): Trace {
  const file = `${FOLDER}/${name}.csv`;
  return readMeasuredTrace(parseTable(readFileSync(file, "utf8"), file));
}

/** What the name of a fixture says: strategy, offloading, limits. */
function simulated(name: string, tick_phase_ns: number): Trace {
  const rcu_nocbs = name.includes("nocb-all") ? [0] : [];
  const limits = /bl(\d+)-q(\d+)/.exec(name);
  const rcu = limits === null ? {} : { blimit: Number(limits[1]), qhimark: Number(limits[2]) };
  const wanted = spec({
    exit: POLICIES[name.split("-")[0]!]!,
    space: alternating(100_000, { base_process: true }),
    machine: { tick_phase_ns, rcu_nocbs },
    rcu,
    probe_flags: 2,
  });
  const trace = { batches_max: 10_000, hands_max: 2_000, hand_every: 98 };
  return simulateNow({ ...wanted, trace }).trace!;
}

const done = new Map<string, Trace[]>();

function simulations(name: string): Trace[] {
  const phases = Array.from({ length: PHASES }, (_, i) => (i * JIFFY_NS) / PHASES);
  const traces = done.get(name) ?? phases.map((phase_ns) => simulated(name, phase_ns));
  done.set(name, traces);
  return traces;
}

/** How far apart each may be: a little more than it is. */
const APART_MAX: Readonly<Record<string, number>> = {
  "batch-32-nocb-all": 0.02,
  "batch-32-nocb-off": 0.03,
  "rcu-nocb-all": 0.025,
  "rcu-nocb-all-bl10-q10000": 0.025,
  "rcu-nocb-off": 0.01,
  "rcu-nocb-off-bl10-q1000": 0.03,
  "rcu-nocb-off-bl10-q10000": 0.02,
  "rcu-nocb-off-bl10-q100000": 0.025,
  "rcu-nocb-off-bl1000-q10000": 0.01,
  "single-nocb-all": 0.01,
  "single-nocb-off": 0.01,
  "throttle-nocb-all": 0.05,
  "throttle-nocb-off": 0.01,
};

describe("the batches of a measured exit", () => {
  const names = readdirSync(FOLDER).map((file) => file.replace(".csv", ""));

  it("are all held to something", () => {
    expect(names.sort()).toEqual(Object.keys(APART_MAX).sort());
  });

  it.each(names)("%s: lie near those of a simulated one", (name) => {
    const [, apart] = nearest(measured(name), simulations(name));
    expect(apart).toBeLessThan(APART_MAX[name]!);
  });

  it("without offloading end by the clock at the same callback", () => {
    const full = (trace: Trace): number[] =>
      trace.batches
        .filter(({ limit, invoked, ready }) => limit === 10_000 && invoked < ready)
        .map(({ invoked }) => invoked);
    const real = new Set(full(measured("rcu-nocb-off")));
    expect([...real]).toEqual([9024, 9056]);
    for (const invoked of full(simulated("rcu-nocb-off", 2_915_000)))
      expect(real).toContain(invoked);
  });

  it("in groups are the same, one by one", () => {
    for (const name of ["single-nocb-off", "single-nocb-all", "throttle-nocb-off"]) {
      const real = measured(name);
      const model = simulations(name);
      const [best] = nearest(real, model);
      const counts = ({ batches }: Trace) =>
        batches.map(({ invoked, ready, limit }) => [invoked, ready, limit]);
      expect(counts(model[best]!)).toEqual(counts(real));
    }
  });

  it("move with blimit and qhimark the way the measured ones do", () => {
    const limits = ["bl10-q1000", "bl10-q10000", "bl10-q100000", "bl1000-q10000"];
    const figures = (trace: Trace): number[] => [
      Math.max(...trace.batches.map(({ limit }) => limit)),
      Math.max(...trace.batches.map(({ invoked }) => invoked)),
    ];
    for (const limit of limits) {
      const name = `rcu-nocb-off-${limit}`;
      const real = measured(name);
      const model = simulations(name);
      const [best] = nearest(real, model);
      const [real_limit, real_largest] = figures(real);
      const [limit_in_force, largest] = figures(model[best]!);
      expect(limit_in_force! / real_limit!).toBeCloseTo(1, 0);
      expect(Math.abs(largest! / real_largest! - 1)).toBeLessThan(0.1);
    }
  });
});

describe("the distance of two traces", () => {
  const of = (...batches: readonly (readonly [number, number, number])[]): Trace => ({
    batches: batches.map(([start_ns, duration_ns, invoked]) => {
      return { start_ns, duration_ns, invoked, ready: invoked, limit: 10, softirq: true, cpu: 0 };
    }),
    hands: [],
    batches_lost: 0,
    hands_lost: 0,
  });

  it("is none between a trace and itself", () => {
    const trace = measured("rcu-nocb-off");
    expect(distance(trace, trace)).toBe(0);
  });

  it("is the share of the time by which all callbacks run late", () => {
    const early = of([0, 0, 100], [900_000, 0, 100]);
    const late = of([100_000, 0, 100], [1_000_000, 0, 100]);
    expect(distance(early, late)).toBeCloseTo(0.1);
    expect(distance(of([0, 1000, 100]), of([0, 0, 100]))).toBeCloseTo(0.5);
  });

  it("is all where nothing was measured and something is simulated", () => {
    expect(distance(of(), of([0, 1, 1]))).toBe(1);
  });
});

describe("a trace", () => {
  it("is written as it is read", () => {
    const trace = measured("rcu-nocb-all");
    expect(readMeasuredTrace(parseTable(traceCsv(trace), "x"))).toEqual(trace);
  });

  it("says what it had no room for", () => {
    const wanted = spec({ exit: CALL_RCU, space: alternating(2000) });
    const trace = { batches_max: 1, hands_max: 3, hand_every: 100 };
    const result = simulateNow({ ...wanted, trace });
    expect(result.trace!.batches).toHaveLength(1);
    expect(result.trace!.hands.map(({ handed }) => handed)).toEqual([100, 200, 300]);
    expect(result.trace!.hands_lost).toBe(17);
    expect(result.trace!.batches_lost).toBe(result.metrics.rcu_batches - 1);
    expect(result.metrics).toEqual(simulateNow(wanted).metrics);
  });

  it("is drawn with what was measured under it", () => {
    const trace = measured("rcu-nocb-off");
    const drawing = traceSvg("a <title>", trace, trace);
    expect(drawing).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(drawing.match(/<rect [^>]*><title>/g)).toHaveLength(2 * trace.batches.length);
    expect(drawing).toContain("a &#60;title&#62;");
  });

  it.each([
    ["kind,t_ns\nnap,3\n", "x:2:1: bad kind of a trace's row: found nap, expected batch or hand"],
    [
      "kind,t_ns,a,b\nhand,3,x,1\n",
      "x:2:8: bad a of a trace: found x, expected a number, 0 or more",
    ],
  ])("that is none is refused: %j", (text, says) => {
    expect(() => readMeasuredTrace(parseTable(text, "x"))).toThrow(says);
  });
});
