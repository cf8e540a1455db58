#!/usr/bin/env node
// Entry of the command `vma-teardown`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeError } from "../output/write-file.ts";
import { ExitCode } from "./io.ts";

/** An interrupted command that has not ended by itself by then is ended. */
const GRACE_MS = 350;

const controller = new AbortController();

// Whoever ends a command, by Ctrl-C, kill or a closed terminal: nothing half-written is left behind.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(ExitCode.INTERRUPTED);
    controller.abort(new Error("interrupted"));
    setTimeout(() => process.exit(ExitCode.INTERRUPTED), GRACE_MS).unref();
  });
}

// A reader that has seen enough (head, less) is no error; a full disk is one, and not this program's.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.FINE);
  process.stderr.write(`vma-teardown: ${writeError("standard output", error).message}\n`);
  process.exit(ExitCode.BAD_INPUT);
});

// Nobody listens to what is said beside the work: no reason to lose the result, or its exit code.
process.stderr.on("error", () => {});

// Loaded only now, so that Ctrl-C is heard from the first moments on.
const { runCli } = await import("./cli.ts");
const { packageFolder } = await import("../files.ts");

const { version } = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8"));

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    // A dumb terminal cannot go back in a line, which a bar does.
    terminal: process.stderr.isTTY && process.env.TERM !== "dumb" ? process.stderr : undefined,
    signal: controller.signal,
  },
  version,
);
