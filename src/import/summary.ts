// What an import has counted: for standard error, and for the head of the scenario.

import { formatCount } from "../errors.ts";
import { plural } from "../output/format.ts";

export class ImportCounts {
  lines = 0;
  taken = 0;
  failed = 0;
  /** Of calls that have a place in the workload, those behind --first. */
  behind_first = 0;
  processes = 0;
  threads = 0;
  execs = 0;
  /** Mappings that no line made but a later call shows. */
  inferred = 0;
  /** Mappings that a kernel merges with the VMA above. */
  merged_above = 0;
  /** New processes and threads whose maker had to be guessed. */
  guessed = 0;
  /** Those still alive where the trace ends. */
  alive = 0;
  /** Calls that were cut off, or whose beginning is missing. */
  cut = 0;
  faults = 0;
  readonly left_out = new Map<string, number>();

  leaveOut(name: string): void {
    this.left_out.set(name, (this.left_out.get(name) ?? 0) + 1);
  }
}

/** "brk 3, madvise 2", by name. */
function byName(counts: ReadonlyMap<string, number>): string {
  const names = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return names.map(([name, count]) => `${name} ${formatCount(count)}`).join(", ");
}

/** One line each, without what did not occur. */
export function summaryLines(counts: ImportCounts): string[] {
  const of = (count: number, text: string): string[] => (count === 0 ? [] : [text]);
  const { processes, threads, execs, inferred, merged_above, guessed, alive, cut } = counts;
  return [
    `${plural(counts.lines, "line")} read, ${plural(counts.taken, "call")} taken, ${formatCount(counts.failed)} failed and skipped`,
    `${formatCount(processes)} ${processes === 1 ? "process" : "processes"}, ${plural(threads, "thread")}, ${plural(execs, "exec")}, ${plural(counts.faults, "fault")}`,
    ...of(counts.left_out.size, `left out: ${byName(counts.left_out)}`),
    ...of(counts.behind_first, `left out behind --first: ${plural(counts.behind_first, "call")}`),
    ...of(inferred, `${plural(inferred, "mapping")} inferred: in use, but no line made them`),
    ...of(
      merged_above,
      `${plural(merged_above, "mapping")} apart here that a kernel merges with the VMA above`,
    ),
    ...of(
      guessed,
      `${plural(guessed, "thread")} of unknown origin: taken for the first process's, or its maker's`,
    ),
    ...of(alive, `${plural(alive, "thread")} still alive at the end of the trace: ended there`),
    ...of(cut, `${plural(cut, "call")} without beginning or end: skipped`),
  ];
}
