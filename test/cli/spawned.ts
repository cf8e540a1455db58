// The built command in a process of its own, as users run it.

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { CLI, ROOT } from "../api/built.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `output` and `errors` are file descriptors that take what is written instead of the test. */
export function start(
  args: readonly string[],
  input?: string,
  output?: number,
  errors?: number,
): Running {
  const stdio: StdioOptions = ["pipe", output ?? "pipe", errors ?? "pipe"];
  const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, stdio });
  // Whatever becomes of the test, no process outlives it.
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => {
    stderr += data.toString();
  });
  // A command that ends early leaves its input unread.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input ?? "");
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

export function vmaTeardown(args: readonly string[], input?: string): Promise<Ended> {
  return start(args, input).ended;
}

/**
 * Resolves when the process has read its standard input, but for what a pipe holds: it is well under
 * way then. The input has to be longer than a pipe holds (64 KiB).
 */
export function untilReading({ child }: Running): Promise<void> {
  return new Promise((resolve) => child.stdin!.once("finish", () => resolve()));
}
