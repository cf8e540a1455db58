// Memory pressure beside the strategies: what was short, and who was killed for it.

import type { OomKill, ReclaimReport } from "../api/reclaim.ts";
import { grouped, inUnit, mib } from "./format.ts";
import { columnTitle } from "./strategy-table.ts";
import { type Cells, left, right, table, wrap } from "./table.ts";

const PAGE_BYTES = 4096;

export interface ReclaimRow {
  /** What stands before it: a strategy, or nothing. */
  readonly label: string;
  readonly reclaim: ReclaimReport | undefined;
}

/** How victims are called that are no group of bystanders. */
const NAMES: Readonly<Record<string, string>> = {
  process: "the process itself",
  "restarted process": "the restarted process",
};

/** What became of a victim that is an address space. */
function afterwards(oom: OomKill): string {
  const { at_ns, victim_gone_ns, listed_vmas_of_victim, reaped_pages = 0 } = oom;
  if (victim_gone_ns === undefined || listed_vmas_of_victim === undefined) return "";
  const own = ` (${grouped(listed_vmas_of_victim)} on the victim's own)`;
  const gone =
    victim_gone_ns === 0
      ? "; it never got to its end"
      : `; it was gone ${inUnit(victim_gone_ns - at_ns, "ms", 1)} ms later`;
  const reaped =
    reaped_pages === 0 ? "" : `, oom_reaper took ${mib(reaped_pages * PAGE_BYTES)} MiB`;
  return `${own}${gone}${reaped}`;
}

/** Nobody was left to kill. */
function panicText(label: string, { panic_ns }: ReclaimReport): string[] {
  if (panic_ns === undefined) return [];
  const at = inUnit(panic_ns, "ms", 1);
  const who = label === "" ? "" : `${label}: `;
  return wrap(`${who}the machine stopped at ${at} ms: out of memory and nobody left to kill.`);
}

function killText(label: string, { oom, oom_kills }: ReclaimReport): string[] {
  if (oom === undefined) return [];
  const who = NAMES[oom.victim] ?? `"${oom.victim}"`;
  const more = oom_kills > 1 ? `, and ${oom_kills - 1} more later` : "";
  const text =
    `${label === "" ? "" : `${label}: `}out of memory at ${inUnit(oom.at_ns, "ms", 1)} ms: killed ${who}, ` +
    `${mib(oom.victim_pages * PAGE_BYTES)} MiB resident${more}; ${mib(oom.free_pages * PAGE_BYTES)} MiB were ` +
    `free, ${mib(oom.dead_bytes)} MiB in ${grouped(oom.dead_vmas)} dead VMAs, ` +
    `${grouped(oom.listed_vmas)} of them on ${oom.listed_vmas_of_victim === undefined ? "the list" : "lists"}` +
    `${afterwards(oom)}.`;
  return wrap(text);
}

export interface ReclaimCells extends Cells {
  readonly legend: string;
  /** Lines: who was killed. */
  readonly kills: readonly string[];
}

/** Undefined where nobody takes memory. */
export function reclaimCells(rows: readonly ReclaimRow[]): ReclaimCells | undefined {
  const told = rows.flatMap(({ label, reclaim }) =>
    reclaim === undefined ? [] : [{ label, reclaim }],
  );
  if (told.length === 0) return undefined;
  const titles = ["free min", "stalls", "max, us", "passes", "scans", "objects", "OOM"];
  const columns = [left("memory", 14), ...titles.map((title) => right(title, 7))];
  const cells = told.map(({ label, reclaim }) => [
    columnTitle(label),
    `${mib(reclaim.free_min_pages * PAGE_BYTES)}`,
    grouped(reclaim.alloc_stalls),
    inUnit(reclaim.alloc_stall_ns_max, "us", 1),
    grouped(reclaim.reclaim_passes),
    grouped(reclaim.shrink_scans),
    grouped(reclaim.shrink_objects),
    grouped(reclaim.oom_kills),
  ]);
  const legend =
    "Memory: least that was free in MiB; allocations that stalled in direct reclaim, the longest; passes " +
    "of reclaim; scans of shrinkers that handed something over, and how much; kills.";
  const kills = told.flatMap(({ label, reclaim }) => [
    ...killText(label, reclaim),
    ...panicText(label, reclaim),
  ]);
  return { columns, rows: cells, legend, kills };
}

/** Lines of at most 80 columns; none where nobody takes memory. */
export function reclaimTable(rows: readonly ReclaimRow[]): string[] {
  const cells = reclaimCells(rows);
  if (cells === undefined) return [];
  return [...table(cells.columns, cells.rows), "", ...wrap(cells.legend), ...cells.kills];
}
