// Cells, sizes, group sizes and tunables that are in no given row: 45 boots.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { vmaTeardown } from "../cli/spawned.ts";

const DATA = join(ROOT, "test/fixtures/measured/processes-3.csv");

/**
 * Claimed figures that are not met, by cause. What is not listed is met; what is met after all has to
 * leave the list. The README beside the rows says more of each cause.
 */
const MISSES: Readonly<Record<string, readonly string[]>> = {
  // where the last drain of the per-CPU page list falls hangs on what lay there before: here at the end of
  // unmap_vmas, in the boot on a slab of index nodes; and the other way round, in the boot in a callback
  "rcu-n10000-nocboff-exit-pop1-mmap": ["mt_destroy_ns"],
  "batch_128-n30000-nocboff-exit-pop1": ["mt_destroy_ns"],
  // the grace-period kthread waits for the next tick, which only three phases of one past have: 10.8 to 10.9 ms there
  "rcu-n30000-nocboff-exit-pop0-blimit30-qhimark1000": ["loop_ns"],
  // rcuop is in the middle of a batch when the tree is destroyed
  "rcu-n30000-nocball-exit-pop0-preempt-full": ["mt_destroy_ns", "gp_at_last_free"],
  // the one call of the last drain does not flush the bypass list in the boot: 353
  "batch_32-n200000-nocball-exit-pop0": ["final_drain_ns"],
  // the first index node wakes rcuog within the pass, where given rows have three callbacks before it
  "batch_32-n3000-nocball-munmap-pop0": ["clear_range_ns"],
  "batch_32-n3000-nocball-munmap-pop0-later": ["clear_range_ns"],
};

interface Report {
  readonly rows: readonly {
    readonly id: string;
    readonly predicted: boolean;
    readonly verdicts: readonly { readonly metric: string; readonly ok: boolean }[];
  }[];
  readonly inexpressible: readonly unknown[];
}

describe("rows of our own boots", () => {
  it("are predicted, but for the figures that are listed with their cause", async () => {
    const args = ["validate", "--data", DATA, "--metrics", "claimed", "--json", "--quiet"];
    const { stdout, stderr } = await vmaTeardown(args);
    const { rows, inexpressible }: Report = JSON.parse(stdout);
    const missed = rows
      .map(({ id, verdicts }) => ({
        id: id.replace("own-6.12-", ""),
        metrics: verdicts.filter(({ ok }) => !ok).map(({ metric }) => metric),
      }))
      .filter(({ metrics }) => metrics.length > 0);
    const sorted = Object.fromEntries(missed.map(({ id, metrics }) => [id, metrics.sort()]));
    expect(sorted).toEqual(
      Object.fromEntries(Object.entries(MISSES).map(([id, metrics]) => [id, [...metrics].sort()])),
    );
    expect(stderr).toBe("");
    expect(inexpressible).toEqual([]);
    expect(rows).toHaveLength(45);
    expect(rows.every(({ predicted }) => predicted)).toBe(true); // no cost comes from them
    expect(rows.flatMap(({ verdicts }) => verdicts)).toHaveLength(658);
  });
});
