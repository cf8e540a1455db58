// What `import` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";

export interface ImportCommandOptions {
  readonly out?: string;
  readonly maps?: string;
  readonly touch: string;
  readonly time: string;
  readonly first?: string;
}

export function addImport(program: Command, io: CommandIo): void {
  program
    .command("import")
    .description("make a scenario of the workload mm from the text of strace")
    .argument("<file>", "text of strace, gzip or not; - for stdin")
    .option("--out <file>", "write the scenario to a file instead, in one step")
    .option("--maps <file|pid>", "memory of the first process before the trace")
    .option(
      "--touch <what>",
      "pages that mappings touch: first, written, all, none, a share",
      "first",
    )
    .option("--time <what>", "time between calls: as-recorded or none", "as-recorded")
    .option("--first <count>", "take the first calls only")
    .addHelpText(
      "after",
      `
Record with: strace -f -ttt -e trace=%memory,%process -o FILE PROGRAM

Examples:
  vma-teardown import trace.strace --out mine.yaml && vma-teardown compare mine.yaml
  vma-teardown import trace.strace.gz --touch written | vma-teardown compare -`,
    )
    .action(async (file: string, options: ImportCommandOptions) => {
      const { importCommand } = await import("../commands/import.ts");
      await importCommand(file, options, io);
    });
}
