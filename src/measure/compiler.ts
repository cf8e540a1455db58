// The measuring program, compiled with the compiler of the machine at hand. Node only.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../errors.ts";
import { packageFolder } from "../files.ts";

const run = promisify(execFile);

const COMPILERS = ["cc", "gcc", "clang"];

/** A compiled program in a folder of its own, which `remove` takes away. */
export interface Program {
  readonly file: string;
  readonly remove: () => Promise<void>;
}

/** The first compiler that answers: $CC, or one of the usual names. Throws InputError (code 3). */
export async function findCompiler(asked: string | undefined): Promise<string> {
  const names = asked === undefined || asked === "" ? COMPILERS : [asked];
  for (const name of names) {
    try {
      await run(name, ["--version"]);
      return name;
    } catch {}
  }
  throw new InputError({
    code: 3,
    problem: "no C compiler",
    found: `none of ${names.join(", ")} runs`,
    expected: "one, to compile the small program that measures",
    hint: "install gcc or clang (apt-get install gcc libc6-dev), or name yours in CC",
  });
}

interface FailedRun {
  readonly stderr?: string;
  readonly message: string;
}

/** Compiles the program of the package. Throws InputError (code 3) with the compiler's first line. */
export async function compileMeasure(compiler: string, signal: AbortSignal): Promise<Program> {
  const source = join(packageFolder(), "native", "measure.c");
  const folder = await mkdtemp(join(tmpdir(), "vma-teardown-measure-"));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  // a compiler that is ended leaves its own files: they lie in the folder that goes
  const env = { ...process.env, TMPDIR: folder };
  const file = join(folder, "measure");
  try {
    await run(compiler, ["-O2", "-o", file, source], { signal, env });
    return { file, remove };
  } catch (error) {
    await remove();
    signal.throwIfAborted();
    const { stderr, message } = error as FailedRun;
    const first = (stderr ?? message).split("\n").find((line) => /error|fatal/i.test(line));
    throw new InputError({
      code: 3,
      problem: `${compiler} cannot compile the program that measures`,
      found: (first ?? message).trim(),
      hint: "its C library and kernel headers are needed (apt-get install libc6-dev)",
      cause: error,
    });
  }
}
