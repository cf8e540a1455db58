// What would be simulated, and the memory it would take, without simulating it.

import type { FreePolicy, MemoryPlan, Strategy } from "../api/types.ts";
import { bytesText, grouped } from "./format.ts";
import { heading, PAGE_COLUMNS, type Subject } from "./heading.ts";
import { table, wrap } from "./table.ts";

export interface Description {
  readonly subject: Subject;
  readonly strategies: readonly Strategy[];
  readonly tick_phases: number;
  readonly plan: MemoryPlan;
}

function policyText({ collect, drain, release }: FreePolicy): string {
  if (collect === "none") return release === "direct" ? "free at once" : "call_rcu per VMA";
  const rule =
    drain.when === "size-over"
      ? `drained when longer than ${grouped(drain.vmas)}`
      : drain.when === "interval"
        ? `drained when over ${grouped(drain.jiffies)} jiffies since the last drain`
        : "drained at the end";
  return `${collect}, ${rule}, one call_rcu per group`;
}

/** The whole text, with a newline at its end. */
export function describeText({ subject, strategies, tick_phases, plan }: Description): string {
  const runs = strategies.length * tick_phases;
  const strategy_lines = strategies.flatMap(({ name, exit }) =>
    wrap(`${name}: ${policyText(exit)}`, PAGE_COLUMNS, "  "),
  );
  const region_rows = plan.regions
    .filter(({ bytes }) => bytes > 0)
    .map(({ name, bytes }) => [`  ${name}`, bytesText(bytes)]);
  const right = [
    { title: "", align: "left" as const, width: 20 },
    { title: "", align: "right" as const, width: 12 },
  ];
  const lines = [
    ...heading(subject),
    "",
    `Strategies (${grouped(runs)} run${runs === 1 ? "" : "s"}${tick_phases > 1 ? `, ${tick_phases} tick phases each` : ""})`,
    ...strategy_lines,
    "",
    "Engine memory, reserved once per run",
    ...table(right, [
      ...region_rows,
      ["  total", bytesText(plan.total_bytes)],
      ["  a VMA", `${plan.bytes_per_vma.toFixed(1)} B`],
      ["  limit (wasm32)", bytesText(plan.limit_bytes)],
    ]),
  ];
  return `${lines.join("\n")}\n`;
}
