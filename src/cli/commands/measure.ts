// `measure`: how fast the kernel at hand tears down VMAs.

import { InputError, quoteFound } from "../../errors.ts";
import { compileMeasure, findCompiler } from "../../measure/compiler.ts";
import { checkSizes, defaultSizes, thisMachine } from "../../measure/machine.ts";
import {
  cellsOf,
  isSettled,
  type Measurement,
  measure,
  measureCsv,
} from "../../measure/measure.ts";
import { jsonText } from "../../output/json.ts";
import { measureText } from "../../output/measure-text.ts";
import { parseInteger } from "../../scenario/units.ts";
import { deliver, prepareDelivery, refuseStdout } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { MeasureOptions } from "../usage/measure.ts";
import { numberOption } from "../values.ts";

/** The largest VMA count that a process can ever have. */
const VMAS_MAX = 2_147_483_647;
const POPULATE = { no: 0, yes: 1, both: 2 } as const;

function parseSizes(written: string): number[] {
  return written.split(",").map((part) => {
    const parsed = parseInteger(part.trim());
    if ("value" in parsed && parsed.value >= 1 && parsed.value <= VMAS_MAX) return parsed.value;
    throw new InputError({
      problem: "bad value of --sizes",
      found: quoteFound(part.trim()),
      expected: "numbers of VMAs separated by commas, such as 1000,8000,65_000",
    });
  });
}

function parsePopulate(written: string): 0 | 1 | 2 {
  if (Object.hasOwn(POPULATE, written)) return POPULATE[written as keyof typeof POPULATE];
  throw new InputError({
    problem: "bad value of --populate",
    found: quoteFound(written),
    expected: "no, yes or both",
  });
}

export async function measureCommand(options: MeasureOptions, io: CommandIo): Promise<void> {
  const repeats = numberOption("--repeats", options.repeats, 1, 1000);
  const seconds = numberOption("--seconds", options.seconds, 0, 86_400);
  const populate = parsePopulate(options.populate);
  const asked = options.sizes === undefined ? undefined : parseSizes(options.sizes);
  const cpu =
    options.cpu === "none" ? undefined : numberOption("--cpu", options.cpu ?? "0", 0, 4095);
  refuseStdout("--out", options.out);
  await prepareDelivery(options);
  const machine = await thisMachine();
  const sizes = asked ?? defaultSizes(machine);
  checkSizes(sizes, machine);
  const program = await compileMeasure(await findCompiler(process.env.CC), io.signal);
  let measurement: Measurement;
  try {
    measurement = await withProgress(io, "measuring", (onProgress) =>
      measure(
        program.file,
        { sizes, repeats, seconds, populate, cpu, must_pin: options.cpu !== undefined },
        { signal: io.signal, onProgress },
      ),
    );
  } finally {
    await program.remove();
  }
  if (options.out !== undefined) await deliver(io, options, measureCsv(measurement, machine));
  const cells = cellsOf(measurement.samples);
  const { pinned } = measurement;
  const settled = cells.every(isSettled);
  const text = options.json
    ? jsonText({ format: "vma-teardown measurement", version: 3, machine, pinned, settled, cells })
    : measureText(measurement, machine);
  await deliver(io, {}, text);
}
