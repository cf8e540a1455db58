// The slabs that destroying a tree empties, counted through prices, one at a time.
//
// Boots of 6.12.117 of our own, every instruction counted by function: runs of __slab_free and
// slabs given back within __mt_destroy, of 1,011 VMAs 67 and 55, of 3,011 191 and 161, of 10,011
// 630 to 634 and 215 to 285, of 30,011 2,072 and 318, whatever the tick.

import { describe, expect, it } from "vitest";
import { contiguous } from "../../src/input/generate.ts";
import { DIRECT, PROFILE, type SpecParts, simulateNow, spec, withCosts } from "../engine/spec.ts";
import { destroyed, destroyed72 } from "./node-history.ts";

const FREE = {
  mt_destroy_walk: 0,
  mt_destroy_group: 0,
  slab_free_slow: 0,
  slab_empty: 0,
  slab_spill: 0,
  slab_discard: 0,
  tick: 0,
};
/** VMAs that the measured machine makes in a jiffy of four milliseconds. */
const PACE = 1160;

interface Run extends NonNullable<SpecParts["machine"]> {
  readonly vmas: number;
  readonly vma_made?: number;
  readonly limit?: number;
}

/** What mt_destroy takes in µs where one thing takes one µs. */
function count({ vmas, vma_made = 3_445_700, limit = -1, ...machine }: Run, thing: string): number {
  const profile = withCosts({ ...FREE, vma_made, [thing]: 1_000_000 });
  const parts = {
    space: contiguous(vmas),
    machine,
    profile,
    rcu: { nocb_nobypass_lim_per_jiffy: limit },
  };
  return Math.round(simulateNow(spec(parts)).metrics.mt_destroy_ns / 1000);
}

const slowFrees = (run: Run): number => count(run, "mt_destroy_group");
const slabsGone = (run: Run): number => count(run, "slab_discard");

/** Is a number within so many of another? */
function near(a: number, b: number, within: number): void {
  expect(Math.abs(a - b), `${a} is near ${b}`).toBeLessThanOrEqual(within);
}

describe("a kernel's tree", () => {
  it.each([
    { vmas: 1011, slow: 67, gone: 55 },
    { vmas: 3011, slow: 191, gone: 161 },
  ])("of $vmas VMAs, made before a replaced node came back, lies as it was counted", (boot) => {
    near(slowFrees(boot), boot.slow, 2);
    near(slabsGone(boot), boot.gone, 3);
  });

  it("has later nodes fill the holes: of ten times as many VMAs four times as many slabs", () => {
    near(slowFrees({ vmas: 10_011 }), 632, 10);
    near(slabsGone({ vmas: 10_011 }), 215, 10);
    near(slowFrees({ vmas: 30_011 }), 2072, 50);
    near(slabsGone({ vmas: 30_011 }), 318, 15);
  });

  it("lies in more slabs where the bypass list holds replaced nodes back", () => {
    const offloaded = { vmas: 10_011, rcu_nocbs: [0] };
    expect(slabsGone(offloaded)).toBeGreaterThan(slabsGone({ vmas: 10_011 }) + 30);
    expect(slabsGone({ ...offloaded, limit: 1e8 })).toBe(slabsGone({ vmas: 10_011 }));
  });
});

describe("against the index and the cache themselves, store by store", () => {
  it.each([
    [200, PACE, 2],
    [1011, PACE, 2],
    [2400, 300, 2],
    [2400, 300, 3],
    [2400, 90, 2],
  ])(
    "%i VMAs, %i a jiffy, back after %i ticks",
    (vmas, pace, first) => {
      const jiffy = 4e9;
      const run = {
        vmas,
        vma_made: Math.floor(jiffy / pace),
        ...(first === 3 ? { rcu_nocbs: [0], limit: 16 } : {}),
      };
      const real = destroyed(vmas, pace, first);
      near(slowFrees(run), real.slow, 2 + real.slow / 50);
      near(slabsGone(run), real.gone, 2 + real.gone / 50);
    },
    60_000,
  );
});

describe("how fast VMAs are made", () => {
  it("decides how many nodes wait, and so among how many slabs a tree lies", () => {
    const gone = [1e6, 3e6, 10e6, 100e6].map((vma_made) => slabsGone({ vmas: 10_000, vma_made }));
    expect(gone).toEqual([...gone].sort((a, b) => b - a));
    expect(gone[0]).toBeGreaterThan(3 * gone[3]!);
    // a tree whose nodes all come back within a few VMAs is dense, sixteen nodes a slab
    expect(gone[3]).toBeLessThan(754 / 16 + 15);
  });

  it("is taken at a smaller scale where nothing would come back while VMAs are replayed", () => {
    const each = (vmas: number) => slabsGone({ vmas, vma_made: 100_000 }) / vmas;
    expect(each(100_000)).toBeCloseTo(each(10_000), 2); // 40,000 a jiffy: 54 slabs of 1,000
    expect(each(100_000)).toBeGreaterThan(0.04);
  });

  it("no longer matters for the last of very many", () => {
    const [some, more] = [200_000, 360_000].map((vmas) => slabsGone({ vmas }));
    near(more! - some!, 160_000 / (16 * 13.33), 20);
  });
});

describe("the machine", () => {
  it("has slabs of two pages with eight CPUs: fewer of them", () => {
    const gone = slabsGone({ vmas: 10_011, cpus: 8 });
    expect(gone).toBeLessThan(0.7 * slabsGone({ vmas: 10_011 }));
    expect(gone).toBeGreaterThan(754 / 32);
  });

  it("has the price of a slab that goes be that of one of VMAs", () => {
    const one = slabsGone({ vmas: 1011 });
    const price = (name: string): number => PROFILE.costs[name]!.ps / 1e6;
    const slab = { slab_empty: price("slab_empty"), slab_spill: price("slab_spill") };
    for (const [name, us] of Object.entries(slab)) {
      const profile = withCosts({ ...FREE, vma_made: 3_445_700, [name]: us * 1e6 });
      const { metrics } = simulateNow(spec({ space: contiguous(1011), profile }));
      near(metrics.mt_destroy_ns, one * us * 1000, 1);
    }
  });
});

// Boots of 7.2.13 of our own, counted in __mt_destroy: nodes that no sheaf took, runs of __slab_free, and
// slabs given back.
describe("a tree of 7.2", () => {
  const exit = { ...DIRECT, release: "typesafe" } as const;
  const machine = { generation: "7.2", preempt: "lazy" } as const;
  type Given = Partial<NonNullable<SpecParts["machine"]>> & { readonly vma_made?: number };

  /** What mt_destroy takes in ns where one thing takes one ns. */
  const destroy = (vmas: number, thing: string, { vma_made = 3_457_400, ...given }: Given = {}) => {
    const things = ["mt_destroy_walk", "mt_destroy_group", "mt_destroy_to_slab"];
    const nothing = Object.fromEntries(
      [...things, "mt_destroy_slab_gone"].map((name) => [name, 0]),
    );
    const costs = { ...nothing, tick: 0, vma_made, [thing]: 1000 };
    const parts = { space: contiguous(vmas), exit, machine: { ...machine, ...given } };
    return simulateNow(spec({ ...parts, profile: withCosts(costs) })).metrics.mt_destroy_ns;
  };
  const counts = (vmas: number, given: Given = {}) => ({
    nodes: destroy(vmas, "mt_destroy_walk", given),
    to_slabs: destroy(vmas, "mt_destroy_to_slab", given),
    slow: destroy(vmas, "mt_destroy_group", given),
    gone: destroy(vmas, "mt_destroy_slab_gone", given),
  });

  it.each([
    { vmas: 712, nodes: 55, to_slabs: 49, slow: 32, gone: 10 },
    { vmas: 1012, nodes: 77, to_slabs: 91, slow: 53, gone: 33 },
    { vmas: 2012, nodes: 153, to_slabs: 143, slow: 101, gone: 69 },
    { vmas: 3012, nodes: 229, to_slabs: 223, slow: 168, gone: 100 },
    { vmas: 5012, nodes: 379, to_slabs: 355, slow: 273, gone: 117 },
    { vmas: 10_012, nodes: 753, to_slabs: 758, slow: 635, gone: 185 },
    { vmas: 30_012, nodes: 2254, to_slabs: 2250, slow: 2084, gone: 270 },
  ])("of $vmas VMAs goes as it was counted", ({ vmas, ...boot }) => {
    const here = counts(vmas);
    near(here.nodes, boot.nodes, 1);
    near(here.to_slabs, boot.to_slabs, 4 + boot.to_slabs / 25);
    near(here.slow, boot.slow, 4 + boot.slow / 8);
    near(here.gone, boot.gone, 4 + boot.gone / 12);
  });

  it.each([
    { vmas: 1012, to_slabs: 91, slow: 60, gone: 10 },
    { vmas: 10_012, to_slabs: 758, slow: 679, gone: 27 },
  ])("lies dense where one CPU has its callbacks offloaded ($vmas VMAs)", ({ vmas, ...boot }) => {
    const here = counts(vmas, { rcu_nocbs: [0] });
    near(here.to_slabs, boot.to_slabs, 4 + boot.to_slabs / 50);
    near(here.slow, boot.slow, 15 + boot.slow / 20);
    near(here.gone, boot.gone, 6);
    // with a second CPU a grace period takes its ticks
    expect(counts(vmas, { rcu_nocbs: [0, 1], cpus: 2 })).toEqual(counts(vmas, { cpus: 2 }));
  });

  it("touches no slab while the CPU's two sheaves take all of its nodes", () => {
    const sheaves = (main: number, spare: number) => ({ node_sheaves: [main, spare, 0] as const });
    expect(counts(32 * 14, sheaves(0, 31))).toMatchObject({ to_slabs: 0, slow: 0, gone: 0 });
    expect(counts(70 * 15, sheaves(0, 31)).to_slabs).toBeGreaterThan(0);
  });

  it("goes otherwise with what was in the sheaves before", () => {
    const to_slabs = [0, 8, 16, 24].map(
      (main) => counts(1012, { node_sheaves: [main, 29, 27] }).to_slabs,
    );
    expect(new Set(to_slabs).size).toBeGreaterThan(2);
    expect(Math.max(...to_slabs) - Math.min(...to_slabs)).toBeLessThanOrEqual(64); // two sheaves
  });

  describe("against the index and a naive cache, store by store", () => {
    it.each([
      [500, 1157, [3, 29, 27]],
      [1012, 1157, [3, 29, 27]],
      [1012, 1157, [17, 2, 5]],
      [2400, 300, [3, 29, 27]],
      [2400, 300, [29, 32, 31]],
      [3000, 90, [8, 16, 24]],
    ] as const)(
      "%i VMAs, %i a jiffy, sheaves as %j",
      (vmas, pace, node_sheaves) => {
        const jiffy = 4e9;
        // two of the stores there make no VMA
        const [main, spare, rcu] = node_sheaves;
        const real = destroyed72(vmas, pace, [main + 2, spare, rcu - 2]);
        const here = counts(vmas, { node_sheaves, vma_made: Math.floor(jiffy / pace) });
        near(here.to_slabs, real.to_slabs, 3);
        near(here.slow, real.slow, 3 + real.slow / 20);
        near(here.gone, real.gone, 4 + real.gone / 10);
      },
      60_000,
    );
  });
});
