// What rows of 7.2 mean by columns that they share with 6.12.

import type { SpaceRecipe } from "../../api/space.ts";
import type { RunMetrics } from "../../api/types.ts";
import type { Comparison, RowRuns } from "../rules.ts";
import type { Cell } from "./results-cell.ts";

/**
 * In 7.2 calls are made for slab pages: how many slabs empty depends on what partial slabs there
 * were before, which no row says. In 6.12 the count follows from the strategy.
 */
export function callsComparison({ record }: RowRuns): Comparison {
  return record.word("kernel") === "7.2" ? "relative" : "exact";
}

/**
 * In 7.2 where the nodes of an index lie hangs on what was in the CPU's sheaves before it was made, which no
 * row says: startsOf (results-cell.ts) has it differ with the tick phase.
 */
export function indexComparison(otherwise: (row: RowRuns) => Comparison): typeof otherwise {
  return (row) => (row.record.word("kernel") === "7.2" ? "range" : otherwise(row));
}

/** "Last free" of a typesafe cache is that of a slab page. */
export function gracePeriodsAtEnd(
  metrics: Pick<RunMetrics, "slab_pages_rcu" | "gp_at_slab_last" | "gp_at_last_free">,
): number {
  return metrics.slab_pages_rcu > 0 ? metrics.gp_at_slab_last : metrics.gp_at_last_free;
}

/** The area of a cell, over the small program of its kernel. */
export function alternatingSpace({ alternating_vmas, machine, populated }: Cell): SpaceRecipe {
  const { generation } = machine;
  const layout = { generate: "alternating", base_process: true, generation, populated } as const;
  return { ...layout, vma_count: alternating_vmas };
}
