// `measure`: how fast the kernel at hand tears down VMAs.

import type { Command } from "commander";
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
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { numberOption } from "../options.ts";
import { withProgress } from "../progress.ts";

interface MeasureOptions {
  readonly sizes?: string;
  readonly repeats: string;
  readonly seconds: string;
  readonly populate: string;
  readonly cpu?: string;
  readonly out?: string;
  readonly json?: true;
}

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

async function measureCommand(options: MeasureOptions, io: CommandIo): Promise<void> {
  const repeats = numberOption("--repeats", options.repeats, 1, 1000);
  const seconds = numberOption("--seconds", options.seconds, 0, 86_400);
  const populate = parsePopulate(options.populate);
  const asked = options.sizes === undefined ? undefined : parseSizes(options.sizes);
  const cpu =
    options.cpu === "none" ? undefined : numberOption("--cpu", options.cpu ?? "0", 0, 4095);
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
        { sizes, repeats, seconds, populate, cpu },
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

export function addMeasure(program: Command, io: CommandIo): void {
  program
    .command("measure")
    .description("time exit and munmap of many VMAs on the Linux at hand, without root")
    .option("--sizes <list>", "numbers of VMAs (default: 1000 to 260000, as far as allowed)")
    .option("--repeats <count>", "rounds of all cells, at least", "9")
    .option("--seconds <count>", "time for more rounds while cells are not settled", "90")
    .option("--populate <which>", "no: untouched pages; yes: every page written; both", "both")
    .option("--cpu <number|none>", "CPU to pin parent and children to (default: 0)")
    .option("--out <file.csv>", "write every sample, for calibrate and validate")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Compiles a small C program with $CC, cc, gcc or clang and runs it. Changes no setting; sizes beyond
vm.max_map_count are refused and the message says what would allow them. Exit code 3 without a compiler
or off Linux.

Examples:
  vma-teardown measure
  vma-teardown measure --sizes 1000,8000,65000 --repeats 21 --out here.csv`,
    )
    .action((options: MeasureOptions) => measureCommand(options, io));
}
