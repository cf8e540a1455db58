// An import as the text of a scenario: its head says where it comes from and what it is not.

import { LimitError } from "../errors.ts";
import { quoted } from "./cast.ts";
import { fold } from "./fold.ts";
import type { Imported } from "./import.ts";
import type { Mm } from "./mm.ts";
import type { Program } from "./program.ts";
import { summaryLines } from "./summary.ts";
import { type Touch, touchText } from "./touch.ts";

export interface ScenarioTextOptions {
  /** Where the trace was read from, without folders. */
  readonly source: string;
  readonly touch: Touch;
  readonly timed: boolean;
}

/** Characters of a scenario that the loader takes (src/scenario/source.ts). */
const CHARACTERS_MAX = 1_048_576;
const WIDTH = 110;
const CPUS_MAX = 4;

/** @throws LimitError for a scenario that could not be loaded. */
export function scenarioText(imported: Imported, options: ScenarioTextOptions): string {
  const { cast } = imported;
  const lines = [
    ...head(imported, options).map((line) => `# ${line}`),
    "version: 1",
    "name: imported",
    `title: ${quoted(`Trace of ${options.source}`)}`,
    `machine: { cpus: ${Math.min(CPUS_MAX, Math.max(1, cast.programs.length))} }`,
    "address_space: { generate: contiguous, vma_count: 1 }   # of nobody: each process has its own below",
    "workload:",
    "  type: mm",
    "  pages_from: zero",
    "  max_map_count: 2_147_483_647   # what the kernel let succeed succeeds",
    "  mms:",
    ...cast.mms.flatMap(mmLines),
    "  threads:",
  ];
  let characters = sizeOf(lines);
  for (const program of cast.programs) {
    const more = threadLines(program);
    characters += sizeOf(more);
    for (const line of more) lines.push(line);
  }
  if (characters > CHARACTERS_MAX) throw tooLong(characters, imported.counts.taken);
  return `${lines.join("\n")}\n`;
}

const sizeOf = (lines: readonly string[]): number =>
  lines.reduce((sum, { length }) => sum + length + 1, 0);

function tooLong(characters: number, calls: number): LimitError {
  const fit = Math.floor((calls * CHARACTERS_MAX) / characters);
  return new LimitError({
    problem: "the scenario would be longer than scenario files can be",
    needed: characters,
    available: CHARACTERS_MAX,
    unit: "characters",
    hint: `of ${calls} calls about ${fit} fit: --first N takes the first N; --time none shortens it too`,
  });
}

function head({ counts, timed }: Imported, options: ScenarioTextOptions): string[] {
  return [
    `From ${options.source}, text of strace.`,
    ...summaryLines(counts),
    `Faults are not in a trace. Taken (--touch): ${touchText(options.touch)}.`,
    options.timed && timed
      ? "Between calls threads sleep (pause), from the beginning of one to that of the next as recorded."
      : "No time between calls: nothing keeps the order between threads.",
    ...(options.timed && !timed ? ["The trace has no times: record with -ttt."] : []),
  ];
}

function mmLines({ name, later, heap_told, initial }: Mm): string[] {
  const heap = heap_told === undefined ? "" : `, heap: ${heap_told}`;
  if (later) return [`    ${quoted(name)}: { later: true${heap} }`];
  const vmas = [...initial]
    .sort((a, b) => a.start - b.start)
    .map(
      ({ start, pages, protection, touched }) => `[${start}, ${pages}, ${protection}, ${touched}]`,
    );
  if (vmas.length === 0) return [`    ${quoted(name)}: { vmas: []${heap} }`];
  return [
    `    ${quoted(name)}:`,
    ...(heap_told === undefined ? [] : [`      heap: ${heap_told}`]),
    "      vmas: [",
    ...wrapped(vmas, "        "),
    "      ]",
  ];
}

function threadLines({ name, mm, born, steps }: Program): string[] {
  const written = fold(steps).map(({ turns, steps: run }) =>
    turns === 1 ? run[0]! : `{repeat: ${turns}, do: [${run.join(", ")}]}`,
  );
  return [
    `    - name: ${quoted(name)}`,
    `      mm: ${quoted(mm)}`,
    ...(born ? ["      born: true"] : []),
    "      do: [",
    ...wrapped(written, "        "),
    "      ]",
  ];
}

/** Items with commas, as many on a line as it holds. */
function wrapped(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    if (line !== "" && line.length + item.length > WIDTH) {
      lines.push(indent + line.trimEnd());
      line = "";
    }
    line += `${item}, `;
  }
  if (line !== "") lines.push(indent + line.trimEnd());
  return lines;
}
