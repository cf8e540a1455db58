// What `replay-index` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo, ExitCode } from "../io.ts";
import { addOutputOptions, type OutputOptions } from "./options.ts";

export interface ReplayOptions extends OutputOptions {
  readonly kernel?: string;
}

export function addReplayIndex(
  program: Command,
  io: CommandIo,
  exit: (code: ExitCode) => void,
): void {
  const command = program
    .command("replay-index")
    .description("replay logs of a real maple tree and compare every answer")
    .argument("<file...>", "logs, plain or gzip")
    .option("--kernel <generation>", "whose rules to follow (default: by the file's name)");
  addOutputOptions(command)
    .addHelpText(
      "after",
      `
Exit code 1 when an answer differs.

Examples:
  vma-teardown replay-index logs/*.log.gz`,
    )
    .action(async (files: string[], options: ReplayOptions) => {
      const { replayIndexCommand } = await import("../commands/replay-index.ts");
      exit(await replayIndexCommand(files, options, io));
    });
}
