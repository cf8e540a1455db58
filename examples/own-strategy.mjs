// How long a list may grow: one strategy of the policy space at several lengths, beside two presets, on a machine of four
// CPUs. Prints one line each.
//
// usage: node own-strategy.mjs [VMAS]

import { loadScenario, runJobs, strategyJobs } from "vma-teardown/node";

const vmas = Number(process.argv[2] ?? 100_000);

/** Dead VMAs on a private list, handed to RCU as one group whenever there are more than `most`. */
const listOf = (most) => ({
  name: `list-${most}`,
  exit: {
    collect: "private-list",
    drain: { when: "size-over", vmas: most },
    release: "call-rcu",
  },
});

const resolved = await loadScenario("exit-flood", {
  overrides: [
    { path: ["machine", "cpus"], value: 4, option: "cpus" },
    { path: ["address_space", "vma_count"], value: vmas, option: "vmas" },
  ],
});
const presets = resolved.scenario.strategies.filter(({ name }) =>
  ["direct", "single"].includes(name),
);
const strategies = [...presets, ...[32, 1024, 32_768].map(listOf)];
const results = await runJobs(strategies.flatMap((strategy) => strategyJobs(resolved, strategy)));
for (const { strategy, metrics } of results) {
  const exit_ms = (metrics.exit_total_ns / 1e6).toFixed(1);
  const pile_mib = (metrics.dead_peak_bytes / 2 ** 20).toFixed(1);
  const callback_us = (metrics.callback_max_ns / 1e3).toFixed(1);
  console.log(
    `${strategy}: exit ${exit_ms} ms, at most ${pile_mib} MiB dead, longest callback ${callback_us} us`,
  );
}
