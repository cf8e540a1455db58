// `import`: the text of strace as a scenario.

import { basename } from "node:path";
import { InputError, quoteFound } from "../../errors.ts";
import { importStrace } from "../../import/import.ts";
import { openTrace, traceName } from "../../import/open.ts";
import { scenarioText } from "../../import/scenario-text.ts";
import { summaryLines } from "../../import/summary.ts";
import { parseTouch } from "../../import/touch.ts";
import { openMaps } from "../../input/maps-file.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import type { ImportCommandOptions } from "../usage/import.ts";
import { numberOption } from "../values.ts";

/** More calls than a trace has. */
const CALLS_MAX = 1_000_000_000;

function parseTime(written: string): boolean {
  if (written === "as-recorded" || written === "none") return written === "as-recorded";
  throw new InputError({
    problem: "bad value of --time",
    found: quoteFound(written),
    expected: "as-recorded or none",
  });
}

export async function importCommand(
  target: string,
  options: ImportCommandOptions,
  io: CommandIo,
): Promise<void> {
  const touch = parseTouch(options.touch);
  const timed = parseTime(options.time);
  const first =
    options.first === undefined ? CALLS_MAX : numberOption("--first", options.first, 1, CALLS_MAX);
  await prepareDelivery(options, [target, options.maps]);
  if (target === "-" && options.maps === "-") {
    throw new InputError({
      problem: "the trace and --maps name one input",
      found: quoteFound("-"),
      expected: "two",
    });
  }
  const maps = options.maps === undefined ? undefined : await openMaps(options.maps);
  const file = traceName(target);
  const imported = await importStrace(openTrace(target), { file, touch, timed, first, maps });
  const source = target === "-" ? "standard input" : basename(target);
  const text = scenarioText(imported, { source, touch, timed });
  await deliver(io, options, text);
  for (const line of summaryLines(imported.counts)) io.stderr(`${line}\n`);
}
