// What `measure` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";

export interface MeasureOptions {
  readonly sizes?: string;
  readonly repeats: string;
  readonly seconds: string;
  readonly populate: string;
  readonly cpu?: string;
  readonly out?: string;
  readonly json?: true;
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
    .action(async (options: MeasureOptions) => {
      const { measureCommand } = await import("../commands/measure.ts");
      await measureCommand(options, io);
    });
}
