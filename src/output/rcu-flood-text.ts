// How reports speak of the workload `rcu_flood`: the fields of the lines that rcutorture prints on
// the console, under their names and in their order, so that the two can be put side by side.

import type { FloodReport } from "../api/rcu-load.ts";
import { plural } from "./format.ts";
import { wrap } from "./table.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

function reportLines(flood: FloodReport, number: number): string[] {
  const fields =
    `Flood ${number} on CPU ${flood.cpu}: Duration ${flood.duration} barrier: ${flood.barrier} ` +
    `pending ${flood.pending} n_launders: ${flood.n_launders} ` +
    `n_launders_sa: ${flood.n_launders_sa} n_max_gps: ${flood.n_max_gps} ` +
    `n_max_cbs: ${flood.n_max_cbs} cver 0 gps ${flood.gps}`;
  const histogram = flood.histogram
    .map(({ n_launders, gps }, tenth) => `${tenth + 1}s/10: ${n_launders}:${gps}`)
    .join(" ");
  const span = `(duration ${flood.duration + flood.barrier} jiffies)`;
  return [...wrap(fields), ...wrap(`n_launders_hist ${number} ${span}: ${histogram}`)];
}

const CHARTS: WorkloadCharts<"rcu_flood"> = {
  stacks: [],
  longest: [{ metric: "softirq_max_ns", name: "softirq" }],
  leading: ["n_launders", "n_max_cbs", "pending_peak", "grace_periods", "rcu_batch_max_cbs"],
};

export const RCU_FLOOD_TEXT: WorkloadText<"rcu_flood"> = {
  what: ({ cpus }) =>
    `Forward-progress flood of callbacks, ${plural(cpus.length, "task")} ` +
    `(rcu_torture_fwd_prog_cr).`,
  charts: CHARTS,
  lines: [
    { label: "n_launders", metric: "n_launders", unit: "count" },
    { label: "n_max_cbs", metric: "n_max_cbs", unit: "count" },
    { label: "duration, jiffies", metric: "duration_jiffies_max", unit: "count" },
    { label: "barrier, jiffies", metric: "barrier_jiffies_max", unit: "count" },
    { label: "grace periods", metric: "grace_periods", unit: "count" },
    { label: "pending peak", metric: "pending_peak", unit: "count" },
    { label: "RCU batches", metric: "rcu_batches", unit: "count" },
    { label: "largest batch", metric: "rcu_batch_max_cbs", unit: "count" },
    { label: "softirq max, us", metric: "softirq_max_ns", unit: "us" },
  ],
  details: ({ metrics }) => [
    ...metrics.floods.flatMap(reportLines),
    ...wrap(
      "Fields and names are those of the kernel's lines rcu_torture_fwd_prog_cr and " +
        "rcu_torture_fwd_cb_hist; times there are jiffies. cver counts updates by rcutorture's " +
        "writers, which this workload does not have.",
    ),
  ],
};
