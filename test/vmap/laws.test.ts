// Laws of the three generations (kernel-facts 7.1, 7.2, 7.4) over random machines and cases. The
// naive oracle is arithmetic: what each case allocates and frees is known, so is what must have been
// purged in the end. That no two areas overlap and none is returned twice is checked by every run
// itself (assembly/vmap/laws.ts).

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { runVmalloc } from "./run.ts";

const GUARD = 1;

/** [areas, pages] that one repeat of a case frees; bits of the mask, the module's parameters. */
const CASES: Readonly<Record<number, (loops: number, lazy_max: number) => [number, number]>> = {
  1: (loops) => [loops, loops * (1 + GUARD)],
  2: (loops, pairs) => {
    const array = Math.ceil(pairs / 512) + GUARD;
    return [2 + 2 * pairs + loops, 2 * array + (2 * pairs + loops) * (1 + GUARD)];
  },
  4: (loops) => [
    1 + 15_000 + 2 * loops,
    30 + GUARD + 15_000 * (1 + GUARD) + loops * (100 + GUARD + 1 + GUARD),
  ],
  16: (loops) => [loops, loops * (5 + GUARD)],
};

describe.each([
  ["2019-before", undefined],
  ["2019-threshold", undefined],
  ["vmap-nodes", 1],
  ["vmap-nodes", undefined],
])("%s, nodes %s", (generation, nodes) => {
  it("purges every page that was freed, once: vmap_lazy_nr ends at nothing", async () => {
    const given = fc.record({
      cpus: fc.integer({ min: 1, max: 8 }),
      threads: fc.integer({ min: 1, max: 8 }),
      mask: fc.constantFrom(1, 2, 3, 16, 17, 19, 4, 23),
      loops: fc.integer({ min: 1, max: 400 }),
      repeats: fc.integer({ min: 1, max: 2 }),
      lazy_max: fc.integer({ min: 64, max: 2048 }),
      preempt: fc.constantFrom("none", "voluntary", "full"),
      kworker_lag: fc.constantFrom("0ns", "1400us", "4ms"),
      seed: fc.nat(1_000_000),
    });
    await fc.assert(
      fc.asyncProperty(given, async (one) => {
        const { metrics } = await runVmalloc({
          machine: { cpus: one.cpus, preempt: one.preempt, kworker_lag: one.kworker_lag },
          seed: one.seed,
          generation,
          ...(nodes !== undefined && { nodes }),
          threads: one.threads,
          run_test_mask: one.mask,
          test_loop_count: one.loops,
          test_repeat_count: one.repeats,
          lazy_max_pages: one.lazy_max,
          final_purge: true,
        });
        let [areas, pages] = [0, 0];
        for (const [bit, freed] of Object.entries(CASES)) {
          if ((one.mask & Number(bit)) === 0) continue;
          const [a, p] = freed(one.loops, one.lazy_max);
          areas += a * one.repeats * one.threads;
          pages += p * one.repeats * one.threads;
        }
        expect(metrics.alloc_area_calls).toBe(areas);
        expect(metrics.free_noflush_calls).toBe(areas);
        expect(metrics.areas_purged).toBe(areas);
        expect(metrics.pages_purged).toBe(pages);
        expect(metrics.lazy_end_pages).toBe(0);
      }),
      propertyOptions(12),
    );
  }, 120_000);
});
