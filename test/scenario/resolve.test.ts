// From a checked scenario to runs: what of it reaches them, and what is asked of whoever reads files.

import { describe, expect, it } from "vitest";
import { openSpace, type SpaceRecipe } from "../../src/api/space.ts";
import type { CostProfile } from "../../src/api/types.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { openScenario } from "../../src/scenario/files.ts";
import { parseOverride, vmasOverride } from "../../src/scenario/overrides.ts";
import { resolveScenario, strategyJobs } from "../../src/scenario/resolve.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

const PROFILE = { name: "none" } as unknown as CostProfile;
const LINE = (page: number) =>
  `${(page + 1).toString(16)}000-${(page + 2).toString(16)}000 rw-p 00000000 00:00 0 \n`;
/** A hundred mappings of one page, with gaps that grow. */
const MAPS = Array.from({ length: 100 }, (_, i) => LINE(i * i)).join("");

function resolved(text: string, maps: AddressSpace = parseMaps(MAPS)) {
  const asked: string[] = [];
  const scenario = parseScenario(`version: 1\n${text}`, "s.yaml");
  const answer = resolveScenario(scenario, {
    readMaps: async (target) => {
      asked.push(`maps ${target}`);
      return maps;
    },
    readProfile: async (name) => {
      asked.push(`profile ${name}`);
      return PROFILE;
    },
  });
  return { answer, asked };
}

const pagesOf = (recipe: SpaceRecipe): number[] =>
  [...openSpace(recipe).chunks(1000)].flatMap(({ start_page }) => [...start_page]);

describe("a scenario", () => {
  it.each([
    "address_space: { generate: gappy, vma_count: 50 }",
    "address_space: { generate: random, vma_count: 50 }",
    "address_space: { maps: x, scale_to: 250 }",
  ])("draws its address space from its seed: %s", async (text) => {
    const pages = async (seed: number) =>
      pagesOf((await resolved(`${text}\nseed: ${seed}\n`).answer).space);
    expect(await pages(1)).toEqual(await pages(1));
    expect(await pages(1)).not.toEqual(await pages(2));
  });

  it("asks for the maps and the profile that it names", async () => {
    const { answer, asked } = resolved("address_space: { maps: 1234 }\nprofile: own.json\n");
    expect(await answer).toMatchObject({ vma_count: 100, profile: PROFILE });
    expect(asked).toEqual(["profile own.json", "maps 1234"]);
  });

  it("of a workload without an address space asks for none", async () => {
    const { answer, asked } = resolved("workload: { type: rcu_flood }\n");
    expect((await answer).vma_count).toBe(0);
    expect(asked).toEqual(["profile icount-6.12"]);
  });

  it("has a run of each strategy at each tick phase, with its seed, and bystanders if there are any", async () => {
    const text =
      "address_space: { maps: x }\nseed: 7\ntick_phases: 2\nmachine: { tick_phase: 1ms }\n";
    const bare = await resolved(text).answer;
    const jobs = strategyJobs(bare, bare.scenario.strategies[0]!);
    expect(jobs.map(({ machine }) => machine.tick_phase_ns)).toEqual([1_000_000, 3_000_000]);
    expect(jobs.map(({ seed }) => seed)).toEqual([7n, 7n]);
    expect(jobs[0]).not.toHaveProperty("load");
    const beside = await resolved(`${text}load: [{ type: busy }]\n`).answer;
    const [job] = strategyJobs(beside, beside.scenario.strategies[0]!);
    expect(job!.load).toMatchObject([{ name: "busy", kind: "busy-user", cpus: [0] }]);
  });

  it("refuses maps of nothing, and residents that nobody has counted", async () => {
    await expect(resolved("address_space: { maps: x }\n", parseMaps("")).answer).rejects.toThrow(
      "nothing to exit from: maps: found no VMAs, expected at least one",
    );
    await expect(resolved("address_space: { maps: x, populated: found }\n").answer).rejects.toThrow(
      "nothing says which pages are resident: found maps, expected smaps for populated: found",
    );
  });

  it("plans for no more callbacks than it posts", () => {
    const posts = (text: string) =>
      parseScenario(`version: 1\nworkload: { type: rcu_post, ${text} }\n`, "s.yaml").workload;
    expect(posts("callbacks: 10")).toMatchObject({ callbacks: 10, callbacks_max: 10 });
    expect(posts("callbacks: 10, callbacks_max: 3")).toMatchObject({ callbacks_max: 3 });
  });
});

describe("a scenario that is resolved again and again, as points of a sweep are", () => {
  it("has one recipe of an address space as long as nothing in it differs", async () => {
    const scenario = await openScenario("node-server");
    const spaceOf = async (...set: string[]) =>
      (await scenario.resolve([vmasOverride(900), ...set.map(parseOverride)])).space;
    const first = await spaceOf();
    expect(await spaceOf("machine.rcu.blimit=20", "title=another")).toBe(first);
    for (const other of ["seed=2", "address_space.populated=0.5", "address_space.scale_to=901"])
      expect(await spaceOf(), other).not.toEqual(await spaceOf(other));
    const shares = "address_space.populated={anonymous: 0.5}";
    expect(await spaceOf(shares)).toBe(await spaceOf(shares));
  });
});
