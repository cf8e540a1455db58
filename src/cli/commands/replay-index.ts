// `replay-index`: logs of a real maple tree against the index, answer by answer.

import { InputError, quoteFound } from "../../errors.ts";
import { plural } from "../../output/format.ts";
import { jsonText } from "../../output/json.ts";
import { type FileReplay, replayIndexFiles } from "../../vma-index/replay-files.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import { type CommandIo, ExitCode } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { ReplayOptions } from "../usage/replay-index.ts";

const KERNELS = ["6.12", "7.2"] as const;

function kernelOption(text: string | undefined): (typeof KERNELS)[number] | undefined {
  if (text === undefined) return undefined;
  const kernel = KERNELS.find((one) => one === text);
  if (kernel !== undefined) return kernel;
  throw new InputError({
    problem: "bad value of --kernel",
    found: quoteFound(text),
    expected: `one of ${KERNELS.join(", ")}`,
  });
}

function replayText(results: readonly FileReplay[]): string {
  const lines = results.flatMap(({ path, kernel, operations, mismatches, first_mismatch }) => {
    const differ =
      mismatches === 0
        ? "all answers equal"
        : `${plural(mismatches, "answer")} differ${mismatches === 1 ? "s" : ""}`;
    const line = `${path}: kernel ${kernel}, ${plural(operations, "operation")}, ${differ}`;
    if (first_mismatch === undefined) return [line];
    const { line: at, text, expected, found } = first_mismatch;
    return [line, `  line ${at}: ${text}`, `    expected ${expected}, found ${found}`];
  });
  return `${lines.join("\n")}\n`;
}

export async function replayIndexCommand(
  files: readonly string[],
  options: ReplayOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const kernel = kernelOption(options.kernel);
  await prepareDelivery(options, files);
  const results = await withProgress(io, "replaying", async (report) => {
    const list: FileReplay[] = [];
    for (const [i, file] of files.entries()) {
      io.signal.throwIfAborted();
      list.push(...(await replayIndexFiles([file], kernel === undefined ? {} : { kernel })));
      report((i + 1) / files.length);
    }
    return list;
  });
  const document = { format: "vma-teardown index replay", version: 1, files: results };
  await deliver(io, options, options.json ? jsonText(document) : replayText(results));
  return results.every(({ mismatches }) => mismatches === 0)
    ? ExitCode.FINE
    : ExitCode.CHECK_FAILED;
}
