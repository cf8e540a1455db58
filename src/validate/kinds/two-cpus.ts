// Exits on CPUs, two in the measured rows, whose time is that of a busy host: only the fastest repeat means
// something, and only against others of its sort. Counts are compared, and the order of the strategies.

import { grouped } from "../../output/format.ts";
import type { RowKind } from "../kind.ts";
import type { Comparison, RowRuns } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import { cellJob } from "./exit.ts";
import { cellOf, RESULTS_COLUMNS, type TimeBase } from "./results-cell.ts";

/** Emulated CPUs without an instruction clock: in threads of their own, or as QEMU does by itself. */
const EMULATED = ["mttcg", "tcg"];
/** Of the measured kernels (NR_CPUS). */
const CPUS_MAX = 8;

/** The time base that a row says, if its CPUs are as many as the kernels may have. */
function timeBase(record: MeasuredRecord): TimeBase {
  return {
    accel: record.word("accel"),
    cpus: Math.min(Math.max(record.needed("cpus"), 1), CPUS_MAX),
  };
}

/** An emulated exit lasts many times as long: how often a throttle drains in it says nothing. */
const calls = ({ record }: RowRuns): Comparison =>
  record.word("strategy") === "throttle" || record.word("kernel") !== "6.12" ? "order" : "exact";

export const twoCpusKind: RowKind = {
  name: "two-cpus",
  title: "exit of one process on several CPUs, emulated in threads of a busy host",
  columns: RESULTS_COLUMNS,
  claims: (record) => EMULATED.includes(record.word("accel")) && record.word("op") === "exit",
  repeats: "minimum",
  rules: [
    { name: "n_vma", comparison: "exact", claimed: true },
    { name: "ncall_rcu", comparison: calls, zero_counts: true, claimed: true },
    { name: "freed_final", comparison: "exact" },
    { name: "exit_total_ns", comparison: "order" },
    { name: "loop_ns", comparison: "order" },
    { name: "dead_peak", comparison: "order" },
  ],
  ranked_by: ["exit_total_ns", "loop_ns", "dead_peak"],
  ranking: { tie: 0.25 },
  plan: (record, context) => {
    const mapped = cellOf(record, "exit", timeBase(record));
    if ("reasons" in mapped) return mapped;
    const { cell } = mapped;
    const name = `icount-${cell.machine.generation}`;
    const profile = context.profile(name);
    if (profile === undefined) return { reasons: [`there is no cost profile ${name}`] };
    return {
      what: `${cell.strategy}, ${grouped(cell.alternating_vmas)} VMAs and the program's`,
      jobs: [cellJob(cell, profile)],
      key: JSON.stringify(cell),
      label: cell.strategy,
      group: JSON.stringify({ ...cell, strategy: undefined }),
    };
  },
};
