// RCU CPU stalls in lines that resemble the kernel's own: jiffies and numbers of grace periods without
// separators.

import type { RcuStall, RcuStalls, StalledCpu, StalledTask } from "../api/stalls.ts";
import { grouped } from "./format.ts";
import { PAGE_COLUMNS, wrap } from "./table.ts";

const NS_PER_S = 1e9;
const INDENT = "    ";
const DETAIL_COLUMNS = PAGE_COLUMNS - INDENT.length;
/** The kernel's four letters about a CPU: dots for one that is online and has been all along. */
const CPU_FLAGS = "....";

export interface StallRow {
  /** Whose run it was: a strategy, or nothing. */
  readonly label: string;
  readonly stalls: RcuStalls | undefined;
}

function cpuLine({ cpu, gps_behind, ticks, watching, softirqs }: StalledCpu, fqs: number): string {
  const known = gps_behind > 0 ? `${gps_behind} GPs behind` : `${ticks} ticks this GP`;
  const idle = watching.toString(16).padStart(4, "0");
  return `${cpu}-${CPU_FLAGS}: (${known}) idle=${idle} softirq=${softirqs.join("/")} fqs=${fqs}`;
}

function taskText({ task, name, nesting, flags }: StalledTask): string {
  return `P${task}/${nesting}:${flags} (${name})`;
}

/** Preempted readers, a line a leaf. */
function taskLines(tasks: readonly StalledTask[]): string[] {
  const leaves = new Set(tasks.map(({ leaf_cpus }) => leaf_cpus.join("-")));
  return [...leaves].flatMap((cpus) => {
    const waiting = tasks.filter(({ leaf_cpus }) => leaf_cpus.join("-") === cpus).map(taskText);
    return wrap(`Tasks blocked on rcu_node (CPUs ${cpus}): ${waiting.join(" ")}`, DETAIL_COLUMNS);
  });
}

function detailLines(stall: RcuStall, ncpus: number): string[] {
  const { kind, cpus, tasks, fqs, jiffies, gp_seq, queued, detected_by } = stall;
  if (kind === "expedited") {
    const names = [...tasks.map(taskText), ...cpus.map(({ cpu }) => `${cpu}-${CPU_FLAGS}`)];
    return wrap(`{ ${names.join(" ")} } ${jiffies} jiffies s: ${gp_seq}`, DETAIL_COLUMNS);
  }
  const [found, comma] = kind === "self" ? ["", ""] : [`detected by ${detected_by}, `, ","];
  return [
    ...cpus.map((cpu) => cpuLine(cpu, fqs)),
    ...taskLines(tasks),
    `(${found}t=${jiffies} jiffies${comma} g=${gp_seq}${comma} q=${queued} ncpus=${ncpus})`,
  ];
}

const HEADLINES: Record<RcuStall["kind"], string> = {
  self: "self-detected stall on CPU",
  other: "detected stalls on CPUs/tasks:",
  expedited: "detected expedited stalls on CPUs/tasks:",
};

function stallLines(stall: RcuStall, ncpus: number, flavour: string): string[] {
  const starved = stall.kthread_starved_jiffies;
  const self = stall.kind === "self" ? ` ${stall.detected_by}` : "";
  const headline = `${HEADLINES[stall.kind]}${self}`;
  return [
    `[${(stall.time_ns / NS_PER_S).toFixed(6).padStart(12)}] INFO: ${flavour} ${headline}`,
    ...detailLines(stall, ncpus).map((line) => INDENT + line),
    ...(starved > 0 ? [`${INDENT}${flavour} kthread starved for ${starved} jiffies!`] : []),
  ];
}

/** Lines of at most 80 columns; none where no grace period stalled. */
export function stallText(
  rows: readonly StallRow[],
  machine: { readonly cpus: number; readonly preempt_rcu?: boolean },
): string[] {
  const flavour = machine.preempt_rcu === false ? "rcu_sched" : "rcu_preempt";
  return rows.flatMap(({ label, stalls }) => {
    if (stalls === undefined) return [];
    const { count, reports } = stalls;
    const more = count > reports.length ? `, the first ${reports.length} of them:` : ":";
    return [
      `${label === "" ? "" : `${label}: `}RCU CPU stalls reported: ${grouped(count)}${more}`,
      ...reports.flatMap((stall) => stallLines(stall, machine.cpus, flavour)),
    ];
  });
}
