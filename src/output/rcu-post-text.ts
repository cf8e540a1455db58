// How reports speak of the workload `rcu_post`.

import { grouped, plural } from "./format.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

const CHARTS: WorkloadCharts<"rcu_post"> = {
  stacks: [],
  longest: [
    { metric: "softirq_max_ns", name: "softirq" },
    { metric: "wait_max_ns", name: "wait for a callback" },
  ],
  leading: ["last_invoked_ns", "pending_peak", "grace_periods", "rcu_batch_max_cbs"],
};

export const RCU_POST_TEXT: WorkloadText<"rcu_post"> = {
  what: ({ cpus, callbacks, burst, interval_ns }) => {
    const pace =
      interval_ns === 0 || burst * cpus.length >= callbacks
        ? "as fast as possible"
        : `${grouped(burst)} every ${grouped(interval_ns)} ns on each`;
    return `${grouped(callbacks)} callbacks posted on ${plural(cpus.length, "CPU")}, ${pace}.`;
  },
  charts: CHARTS,
  lines: [
    { label: "posted", metric: "posted", unit: "count" },
    { label: "last post, ms", metric: "last_post_ns", unit: "ms" },
    { label: "last callback, ms", metric: "last_invoked_ns", unit: "ms" },
    { label: "wait min, ms", metric: "wait_min_ns", unit: "ms" },
    { label: "wait mean, ms", metric: "wait_mean_ns", unit: "ms" },
    { label: "wait max, ms", metric: "wait_max_ns", unit: "ms" },
    { label: "pending peak", metric: "pending_peak", unit: "count" },
    { label: "grace periods", metric: "grace_periods", unit: "count" },
    { label: "RCU batches", metric: "rcu_batches", unit: "count" },
    { label: "largest batch", metric: "rcu_batch_max_cbs", unit: "count" },
    { label: "softirq max, us", metric: "softirq_max_ns", unit: "us" },
  ],
};
