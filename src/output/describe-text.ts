// What would be simulated, and the memory it would take, without simulating it.

import type { DrainRule, FreePolicy, MemoryPlan, Strategy } from "../api/types.ts";
import { strategySummary } from "../scenario/strategies.ts";
import { bytesText, grouped, plural } from "./format.ts";
import { heading, type Subject } from "./heading.ts";
import { left, PAGE_COLUMNS, right, table, wrap } from "./table.ts";
import { textOfWorkload } from "./workload-texts.ts";

export interface Description {
  readonly subject: Subject;
  readonly strategies: readonly Strategy[];
  readonly tick_phases: number;
  readonly plan: MemoryPlan;
}

const AT_ONCE: Readonly<Record<FreePolicy["release"], string>> = {
  direct: "each VMA freed at once",
  typesafe: "each VMA freed at once, only empty slabs wait",
  "call-rcu": "one call_rcu() per VMA",
};

const COLLECTED: Readonly<Record<Exclude<FreePolicy["collect"], "none">, string>> = {
  "mm-list": "per-mm list",
  "private-list": "private list",
  bulk: "pages of pointers (kvfree_rcu)",
  sheaf: "sheaves",
};

function drainText(drain: DrainRule): string {
  const short = drain.shrinker === true ? ", or when memory is short" : "";
  switch (drain.when) {
    case "end":
      return `drained at the end${short}`;
    case "size-over":
      return `drained when longer than ${grouped(drain.vmas)}${short}`;
    case "interval": {
      const jiffies = `${grouped(drain.jiffies)} ${drain.jiffies === 1 ? "jiffy" : "jiffies"}`;
      return drain.timer === true
        ? `drained by a timer, ${jiffies} after its first VMA${short}`
        : `drained by a free over ${jiffies} after the last drain${short}`;
    }
  }
}

function policyText({ collect, drain, release }: FreePolicy): string {
  if (collect === "none") return AT_ONCE[release];
  return `${COLLECTED[collect]}, ${drainText(drain)}, one call_rcu() per group`;
}

/** Presets as everywhere; what a scenario writes out, by its policies. */
function strategyText({ name, exit, munmap }: Strategy): string {
  const summary = strategySummary(name) ?? policyText(exit);
  return munmap === undefined ? summary : `${summary}; in munmap: ${policyText(munmap)}`;
}

/** Workloads that are ranked by nothing have one run, whatever its strategy. */
function runLines({ subject, strategies, tick_phases }: Description): string[] {
  const runs = plural(strategies.length * tick_phases, "run");
  const phases = tick_phases > 1 ? `${tick_phases} tick phases` : undefined;
  if (textOfWorkload(subject.workload).ranks === undefined) {
    return [phases === undefined ? "One run" : `${runs}, at ${phases}`];
  }
  return [
    `Strategies (${runs}${phases === undefined ? "" : `, ${phases} each`})`,
    ...strategies.flatMap((one) => wrap(`${one.name}: ${strategyText(one)}`, PAGE_COLUMNS, "  ")),
  ];
}

function planTable({ regions, total_bytes, bytes_per_vma, limit_bytes }: MemoryPlan): string[] {
  const used = regions.filter(({ bytes }) => bytes > 0);
  return table(
    [left("", 20), right("", 12)],
    [
      ...used.map(({ name, bytes }) => [`  ${name}`, bytesText(bytes)]),
      ["  total", bytesText(total_bytes)],
      ["  a VMA", `${bytes_per_vma.toFixed(1)} B`],
      ["  limit (wasm32)", bytesText(limit_bytes)],
    ],
  );
}

/** The whole text, with a newline at its end. */
export function describeText(description: Description): string {
  const lines = [
    ...heading(description.subject),
    "",
    ...runLines(description),
    "",
    "Engine memory, reserved once per run",
    ...planTable(description.plan),
  ];
  return `${lines.join("\n")}\n`;
}
