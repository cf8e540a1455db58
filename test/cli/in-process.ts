// The command line without a process: what it says, and the code it would end with.

import { runCli } from "../../src/cli/cli.ts";
import type { CommandIo } from "../../src/cli/io.ts";
import { fakeEngine } from "../api/fake-engine.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs with the tiny engine unless `io` brings another. */
export async function cli(args: readonly string[], io: Partial<CommandIo> = {}): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const code = await runCli(
    args,
    {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      signal: new AbortController().signal,
      engine: fakeEngine(1),
      ...io,
    },
    "0.0.0",
  );
  return { code, stdout, stderr };
}
