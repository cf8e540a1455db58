// The library as docs/scenario.md shows it: a scenario from text, maps from memory, no file touched.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  alternating,
  compare,
  isWorkload,
  jobSpec,
  type Progress,
  parseOverride,
  parseProfile,
  parseScenario,
  presetStrategy,
  resolveScenario,
  strategiesOverride,
  strategyJobs,
  vmasOverride,
} from "../../src/index.ts";
import { ROOT } from "./built.ts";

const PROFILE = parseProfile(
  readFileSync(join(ROOT, "profiles/icount-6.12.json"), "utf8"),
  "icount-6.12.json",
);

const TEXT = `
version: 1
address_space: { maps: anything, scale_to: 3_000 }
strategies: [direct, call_rcu, batch-32]
`;

async function resultsOf(text: string) {
  const scenario = parseScenario(text, "server.yaml");
  const resolved = await resolveScenario(scenario, {
    readMaps: async () => alternating(700, { base_process: true }),
    readProfile: async () => PROFILE,
  });
  if (!isWorkload(resolved, "exit")) throw new Error("not an exit");
  const specs = scenario.strategies.flatMap((one) => strategyJobs(resolved, one).map(jobSpec));
  const progress: Progress[] = [];
  const results = await compare(specs, { onProgress: (one) => progress.push(one) });
  return { results, progress };
}

describe("the library", () => {
  it("says in one line what a caller without types got wrong", async () => {
    const one = { strategy: "direct" } as unknown as Parameters<typeof compare>[0];
    await expect(compare(one)).rejects.toThrow(
      "nothing to compare: found object, expected a list of specifications, one a run",
    );
    expect(() => parseScenario(undefined as unknown as string, "s.yaml")).toThrow(
      "s.yaml: no text: found undefined, expected YAML or JSON",
    );
  });

  it("answers the strategy of a preset's name, and throws where there is none", () => {
    const { strategies } = parseScenario(TEXT, "s.yaml");
    expect(strategies.map(({ name }) => presetStrategy(name, 250))).toEqual(strategies);
    expect(() => presetStrategy("batch32", 250)).toThrow(
      'unknown preset of a strategy: found "batch32" (did you mean `batch-32`?)',
    );
  });

  it("takes what the options of the command line do", () => {
    const generated = "version: 1\naddress_space: { generate: alternating, vma_count: 5 }\n";
    const overrides = [strategiesOverride("single, own"), parseOverride("machine.cpus=2")];
    const own = "strategies: [{ name: own, exit: { collect: none, release: direct } }]\n";
    const scenario = parseScenario(generated + own, "s.yaml", [vmasOverride(7_000), ...overrides]);
    expect(scenario.address_space).toMatchObject({ vma_count: 7000 });
    expect(scenario.strategies.map(({ name }) => name)).toEqual(["single", "own"]);
    expect(scenario.machine.cpus).toBe(2);
    expect(parseScenario(TEXT, "s.yaml", [vmasOverride("7_000")]).address_space).toEqual({
      maps: "anything",
      scale_to: 7000,
      populated: 0,
    });
  });

  it("compares strategies of a scenario with the real engine", async () => {
    const { results, progress } = await resultsOf(TEXT);
    const [direct, call_rcu, batch] = results.map(({ metrics }) => metrics);
    expect(direct).toMatchObject({ n_vma: 3000, ncall_rcu: 0, dead_peak: 1, freed_final: 3000 });
    expect(call_rcu).toMatchObject({ ncall_rcu: 3000, freed_final: 3000 });
    // Groups of 33, and one for the rest.
    expect(batch).toMatchObject({ ncall_rcu: Math.ceil(3000 / 33), freed_final: 3000 });
    expect(progress.at(-1)).toMatchObject({ fraction: 1, phase: "run" });
  });

  it("gives the same digest for the same scenario, and another for another seed", async () => {
    const digests = async (text: string) =>
      (await resultsOf(text)).results.map(({ digest }) => digest);
    const first = await digests(TEXT);
    expect(await digests(TEXT)).toEqual(first);
    expect(await digests(`${TEXT}seed: 2\n`)).not.toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  it("gives a range over tick phases", async () => {
    const { results } = await resultsOf(`${TEXT}tick_phases: 4\n`);
    expect(results).toHaveLength(12);
    const last = new Set(results.slice(4, 8).map(({ metrics }) => metrics.last_free_ns));
    expect(last.size).toBeGreaterThan(1);
  });
});
