// The host side of the engine: what it plans, what it refuses, what it reports while it runs.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { InputError, LimitError } from "../../src/errors.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { alternating, contiguous, gappy } from "../../src/input/generate.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import {
  batch,
  CALL_RCU,
  DIRECT,
  geometry,
  listed,
  PROFILE,
  SINGLE,
  simulateNow,
  spec,
} from "./spec.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE;
const MAX_BYTES = 65_535 * 65_536;

/** Says it has `vma_count` VMAs; planning asks nothing else. */
function sized(vma_count: number): AddressSpace {
  return { origin: "only a number", vma_count, chunks: () => [] };
}

function errorOf(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error("nothing was thrown");
}

describe("the memory plan", () => {
  it.each([0, 1, 1000, 1_000_000])("of %i VMAs adds up to its regions", (vmas) => {
    const plan = Engine.plan(spec({ space: sized(vmas) }));
    const sum = plan.regions.reduce((total, { bytes }) => total + bytes, 0);
    expect(plan.total_bytes).toBe(sum);
    expect(plan.regions.map(({ name }) => name)).toContain("vma_cache");
    expect(plan.limit_bytes).toBe(MAX_BYTES);
    expect(plan.bytes_per_vma).toBe(vmas === 0 ? 0 : sum / vmas);
    for (const { bytes } of plan.regions) expect(bytes % 4096).toBe(0);
  });

  it.each([
    [1_000_000, 72], // staging and the index's reserve are 10 MB, whatever the number of VMAs
    [3_000_000, 64],
    [10_000_000, 60],
    [60_000_000, 59],
  ])("of %i VMAs takes %i bytes each at most", (vmas, bytes) => {
    for (const cpus of [1, 64]) {
      for (const slab of [
        spec().machine.slab,
        { vm_area_struct: geometry(176), vma_lock: geometry(40) },
      ]) {
        const plan = Engine.plan(spec({ space: sized(vmas), machine: { cpus, slab } }));
        expect(plan.bytes_per_vma).toBeLessThanOrEqual(bytes);
      }
    }
  });

  it("is enough for every shape: gaps after each VMA are the worst", () => {
    for (const space of [gappy(200_000, { seed: 3 }), contiguous(200_000)]) {
      const wanted = spec({ space });
      const { metrics, plan } = simulateNow(wanted);
      expect(metrics.freed_final).toBe(200_000);
      expect(plan).toEqual(Engine.plan(wanted));
    }
  });

  it("grows with the CPUs", () => {
    const bytes = (cpus: number) => Engine.plan(spec({ machine: { cpus } })).total_bytes;
    expect(bytes(256)).toBeGreaterThan(bytes(1));
    expect(simulateNow(spec({ machine: { cpus: 256 } })).metrics.freed_final).toBe(1000);
  });
});

describe("more VMAs than fit", () => {
  it("are refused with both numbers of bytes and a hint", () => {
    for (const vmas of [80_000_000, 100_000_000, 268_435_455]) {
      const error = errorOf(() => Engine.create(spec({ space: sized(vmas) }))) as LimitError;
      expect(error).toBeInstanceOf(LimitError);
      expect(error.code).toBe(3);
      expect(error.needed).toBeGreaterThan(MAX_BYTES);
      expect(error.available).toBe(MAX_BYTES);
      expect(error.message).toContain("4,294,901,760");
      expect(error.message).toContain(error.needed.toLocaleString("en-US"));
      expect(error.message).toContain(vmas.toLocaleString("en-US"));
      expect(error.hint).toMatch(/^at most [\d,]+ VMAs would fit$/);
    }
  });

  it("are refused before anything is counted when no plan could hold the number", () => {
    const error = errorOf(() => Engine.plan(spec({ space: sized(1_000_000_000) }))) as LimitError;
    expect(error).toBeInstanceOf(LimitError);
    expect(error.needed).toBe(1_000_000_000);
    const planned = (count: number) => Engine.plan(spec({ space: sized(count) }));
    expect(planned(error.available).total_bytes).toBeLessThanOrEqual(MAX_BYTES);
    expect(() => planned(error.available + 1)).toThrow(LimitError);
    expect(error.message).toContain("1,000,000,000 VMAs");
  });

  it("are refused before a page of theirs is counted", () => {
    const chunks = () => {
      throw new Error("read");
    };
    const space = { ...sized(80_000_000), chunks };
    expect(() => Engine.plan(spec({ space }))).toThrow("80,000,000 VMAs do not fit");
    expect(() => Engine.plan(spec({ space: { ...space, vma_count: 10 } }))).toThrow("read");
  });

  it("name another reason where no number of VMAs would fit", () => {
    const text = "{version: 1, address_space: {maps: x}, workload: {type: munmap, every: 1}}";
    const { workload } = parseScenario(text, "spec");
    const space = sized(1_000_000_000);
    const error = errorOf(() => Engine.plan({ ...spec({ space }), workload }));
    expect(error.message).toContain("the run does not fit one wasm32 memory");
  });

  it("begin right after what the hint promises", () => {
    const error = errorOf(() => Engine.plan(spec({ space: sized(100_000_000) })));
    const fits = Number(error.hint!.replace(/\D/g, ""));
    const planned = (count: number) => Engine.plan(spec({ space: sized(count) }));
    expect(planned(fits).total_bytes).toBeLessThanOrEqual(MAX_BYTES);
    expect(() => planned(fits + 1)).toThrow(LimitError);
  });
});

describe("an address space that lies", () => {
  const two = [
    [0x400, 4, RW],
    [0x500, 4, RW],
  ] as const;

  it("about having more VMAs", () => {
    const error = errorOf(() => simulateNow(spec({ space: listed(two, 3) })));
    expect(error.message).toMatch(/another number of VMAs.*found 2, expected 3/);
  });

  it("about having fewer", () => {
    const error = errorOf(() => simulateNow(spec({ space: listed(two, 1) })));
    expect(error.message).toMatch(/more VMAs than it says/);
  });

  it.each<[string, readonly (readonly [number, number, number])[]]>([
    ["overlap", [two[0], [0x403, 4, RW]]],
    ["descend", [two[1], two[0]]],
    ["start twice at the same page", [two[0], two[0]]],
    ["have no pages", [[0x400, 0, RW]]],
  ])("with VMAs that %s", (_what, vmas) => {
    const error = errorOf(() => simulateNow(spec({ space: listed(vmas) })));
    expect(error.code).toBe(2);
    expect(error.message).toMatch(/empty, overlap or do not ascend/);
  });

  it("across two chunks", () => {
    const [first, second] = [listed([two[1]]), listed([two[0]])];
    const space: AddressSpace = {
      origin: "two chunks",
      vma_count: 2,
      chunks: (size) => [...first.chunks(size), ...second.chunks(size)],
    };
    expect(errorOf(() => simulateNow(spec({ space }))).message).toMatch(/do not ascend/);
  });

  it("may touch, begin at page 0, and be larger than 2^32 pages", () => {
    const space = listed([
      [0, 1, RW],
      [1, 1, RW],
      [2, 2 ** 34, RW],
      [2 ** 34 + 2, 1, RW],
    ]);
    expect(simulateNow(spec({ space })).metrics.freed_final).toBe(4);
  });
});

describe("a run", () => {
  it("cannot go on before all VMAs are loaded", () => {
    const engine = Engine.create(spec({ space: alternating(100) }));
    const loading = engine.loadChunks();
    const early = "runSlice() before loadChunks() has come to its end";
    expect(() => engine.runSlice()).toThrow(early);
    loading.next();
    expect(() => engine.runSlice()).toThrow(early);
    for (const _ of loading);
    while (!engine.runSlice());
    expect(engine.result().metrics.freed_final).toBe(100);
    engine.release();
  });
});

describe("chunks", () => {
  it("of any size make the same machine", () => {
    const vmas = Array.from({ length: 300 }, (_, i) => [0x400 + 3 * i, 1 + (i % 3), RW] as const);
    const cut = (size: number): AddressSpace => ({
      origin: "cut",
      vma_count: 300,
      chunks: () =>
        Array.from({ length: Math.ceil(300 / size) }, (_, i) => [
          ...listed(vmas.slice(i * size, (i + 1) * size)).chunks(1),
        ]).flat(),
    });
    const digests = [1, 7, 300].map((size) => simulateNow(spec({ space: cut(size) })).digest);
    expect(new Set(digests).size).toBe(1);
  });
});

describe("a cost profile", () => {
  it("must price everything the engine charges", () => {
    const { call_rcu: _dropped, ...costs } = PROFILE.costs;
    const wanted = spec({ profile: { ...PROFILE, costs } });
    const error = errorOf(() => Engine.plan(wanted));
    expect(error.message).toContain("icount-6.12 lacks a cost");
    expect(error.message).toContain("call_rcu");
  });
});

describe("what is no specification", () => {
  const good = spec({ space: alternating(100) });
  const told: readonly [string, unknown, string][] = [
    [
      "nothing",
      undefined,
      "bad specification of a run: found nothing, expected an object: see RunSpec",
    ],
    [
      "an empty one",
      {},
      "bad machine: found nothing, expected a machine, as in the answer of parseScenario",
    ],
    [
      "a number for a space",
      { ...good, space: 1000 },
      "bad space: found 1000, expected an address space, such as alternating(1000) or what parseMaps answers",
    ],
    [
      "a strategy's name",
      { ...good, strategy: "direct" },
      'bad strategy: found "direct", expected a strategy: an object with `name` and `exit` (presetStrategy makes one of a preset\'s name)',
    ],
    [
      "half a strategy",
      { ...good, strategy: {} },
      "bad strategy: found an object, expected a strategy: an object with `name` and `exit`",
    ],
    [
      "no profile",
      { ...good, profile: undefined },
      "bad profile: found nothing, expected a cost profile, as parseProfile answers it",
    ],
    [
      "a number as seed",
      { ...good, seed: 1 },
      "bad seed: found 1, expected a bigint from 0n to 2n ** 64n - 1n",
    ],
    [
      "a negative seed",
      { ...good, seed: -1n },
      "bad seed: found -1n, expected a bigint from 0n to 2n ** 64n - 1n",
    ],
    [
      "half a profile",
      { ...good, profile: {} },
      "bad profile: found an object, expected a cost profile, as parseProfile answers it",
    ],
    [
      "half a workload",
      { ...good, workload: { type: "munmap" } },
      "bad first_vma of the workload munmap: found nothing, expected a whole number (parseScenario fills them in)",
    ],
    [
      "a workload without its list",
      { ...good, workload: { type: "mm", touched_pages: 0, max_map_count: 9, memory_pages: 0 } },
      "bad without of the workload mm: found nothing, expected a list (parseScenario fills them in)",
    ],
    [
      "a workload's slip",
      { ...good, workload: { type: "exist" } },
      'bad type of workload: found "exist", expected one of exit, munmap, exits, rcu_flood, rcu_post, vmalloc, mm',
    ],
  ];

  it.each(told)("is told in one line: %s", (_, wrong, message) => {
    expect(errorOf(() => Engine.create(wrong as RunSpec)).message).toBe(message);
  });
});

describe("a run in slices", () => {
  const wanted = (): RunSpec => spec({ space: contiguous(200_000), exit: CALL_RCU });

  it("reports progress that only grows, from loading to the last VMA", () => {
    const engine = Engine.create(wanted());
    const fractions: number[] = [];
    for (const { phase, fraction } of engine.loadChunks()) {
      expect(phase === "load" || fraction >= 0.4).toBe(true);
      fractions.push(fraction);
    }
    expect(fractions.length).toBeGreaterThan(2);
    while (!engine.runSlice()) fractions.push(engine.progress().fraction);
    const { phase, fraction, vmas_freed, sim_ns } = engine.progress();
    fractions.push(fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect({ phase, fraction, vmas_freed }).toEqual({
      phase: "run",
      fraction: 1,
      vmas_freed: 200_000,
    });
    expect(sim_ns).toBeGreaterThan(engine.result().metrics.exit_total_ns);
  });

  it("that ends by the clock reports how far the clock is", () => {
    const { machine, workload } = parseScenario(
      "{version: 1, workload: {type: vmalloc, run_test_mask: 2, stop_after: 20s}}",
      "by the clock",
    );
    if (workload.type !== "vmalloc") throw new Error("another workload was read");
    const engine = Engine.create<"vmalloc">({ ...wanted(), machine, workload, space: sized(0) });
    for (const _ of engine.loadChunks());
    const fractions: number[] = [];
    while (!engine.runSlice()) {
      const { fraction, sim_ns } = engine.progress();
      expect(fraction).toBeGreaterThanOrEqual(Math.min(1, sim_ns / 20e9));
      fractions.push(fraction);
    }
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(engine.progress().fraction).toBe(1);
  });

  it("has no result before its end", () => {
    const engine = Engine.create(wanted());
    expect(() => engine.result()).toThrow(/before the run has finished/);
    for (const _ of engine.loadChunks());
    expect(() => engine.result()).toThrow(/before the run has finished/);
  });
});

describe("the debug build", () => {
  it("ends in the same digest as the release build", () => {
    const module = new WebAssembly.Module(readFileSync("build/engine.debug.wasm"));
    for (const exit of [DIRECT, CALL_RCU, batch(32), SINGLE]) {
      const wanted = spec({ exit, space: gappy(2000, { seed: 11 }), machine: { cpus: 20 } });
      const release = simulateNow(wanted);
      const debug = simulateNow(wanted, module);
      expect(debug.digest).toBe(release.digest);
      expect(debug.metrics).toEqual(release.metrics);
    }
  });
});
