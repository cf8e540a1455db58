import { describe, expect, it } from "vitest";
import { compare } from "../../src/api/compare.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { CostProfile, RunSpec } from "../../src/api/types.ts";
import { InputError, LimitError } from "../../src/errors.ts";
import { alternating } from "../../src/input/generate.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { fakeEngine, fakeMetrics } from "./fake-engine.ts";

const PROFILE: CostProfile = {
  name: "none",
  title: "no costs",
  machine: "none",
  date: "2026-01-01",
  valid: "nothing",
  costs: {},
};

function spec(vma_count: number, strategy: string): RunSpec {
  const text = `{version: 1, address_space: {maps: x}, strategies: [${strategy}]}`;
  const { machine, strategies } = parseScenario(text, "spec");
  return {
    machine,
    space: alternating(vma_count),
    strategy: strategies[0]!,
    profile: PROFILE,
    seed: 5n,
    probe_flags: 0,
  };
}

describe("simulate", () => {
  it("gives the engine's result and reports progress up to the end", async () => {
    const fractions: number[] = [];
    const wanted = spec(1000, "call_rcu");
    const engine = fakeEngine(8);
    const result = await simulate(wanted, {
      engine,
      onProgress: ({ fraction }) => fractions.push(fraction),
    });
    expect(result.metrics).toEqual(fakeMetrics(wanted));
    expect(fractions.length).toBeGreaterThan(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(engine.runs.map(({ released }) => released)).toEqual([1]);
  });

  it("lets a signal end a run that would never end", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const endless = fakeEngine(Number.POSITIVE_INFINITY);
    const run = simulate(spec(10, "direct"), {
      engine: endless,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(reason), 30);
    await expect(run).rejects.toBe(reason);
    expect(endless.runs.map(({ released }) => released)).toEqual([1]);
  });

  it("lets a signal end the counting of pages", async () => {
    const [page, flags] = [new Float64Array([1]), new Uint32Array(1)];
    const chunks = function* () {
      for (;;) yield { length: 1, start_page: page, page_count: page, flags };
    };
    const space = { origin: "VMAs without end", vma_count: 1, chunks };
    const controller = new AbortController();
    const { signal } = controller;
    setTimeout(() => controller.abort(new Error("enough")), 30);
    const run = simulate({ ...spec(10, "direct"), space }, { engine: fakeEngine(), signal });
    await expect(run).rejects.toThrow("enough");
  });

  it("refuses what cannot fit before it counts pages", async () => {
    const chunks = () => {
      throw new Error("read");
    };
    const space = { origin: "too many", vma_count: 100_000_000, chunks };
    const run = simulate({ ...spec(10, "direct"), space }, { engine: fakeEngine() });
    await expect(run).rejects.toBeInstanceOf(LimitError);
  });

  it("does not start when it is aborted already", async () => {
    const engine = fakeEngine();
    const signal = AbortSignal.abort(new Error("before"));
    await expect(simulate(spec(10, "direct"), { engine, signal })).rejects.toThrow("before");
    expect(engine.runs).toHaveLength(0);
  });

  it("refuses beforehand what does not fit, with both numbers", async () => {
    const engine = fakeEngine();
    const run = simulate(spec(100_000_000, "direct"), { engine });
    await expect(run).rejects.toMatchObject({ code: 3, needed: 6_400_065_536, unit: "bytes" });
    await expect(run).rejects.toBeInstanceOf(LimitError);
    expect(engine.runs).toHaveLength(0);
  });
});

describe("compare", () => {
  it("runs in order and counts progress over all runs", async () => {
    const seen: [number, number][] = [];
    const specs = ["direct", "call_rcu", "single"].map((name) => spec(100, name));
    const results = await compare(specs, {
      engine: fakeEngine(6),
      onProgress: ({ fraction }, run) => seen.push([run, fraction]),
    });
    expect(results.map(({ strategy }) => strategy)).toEqual(["direct", "call_rcu", "single"]);
    const fractions = seen.map(([, fraction]) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toEqual([2, 1]);
  });
});

describe("the real engine behind simulate", () => {
  it("names the cost that a profile lacks", async () => {
    const run = simulate(spec(10, "direct"));
    await expect(run).rejects.toBeInstanceOf(InputError);
  });
});
