// Where a finished document goes: standard output, or a file that appears in one step.

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError, quoteFound } from "../errors.ts";
import { checkWritable, writeFileAtomic } from "../output/write-file.ts";
import type { CommandIo } from "./io.ts";
import type { OutputOptions } from "./usage/options.ts";

/**
 * To be called before the work: throws InputError when the file could not be written after it, or is one of
 * those that are read.
 */
export async function prepareDelivery(
  { out }: OutputOptions,
  inputs: readonly (string | undefined)[] = [],
): Promise<void> {
  await prepareFiles({ "--out": out });
  await refuseInputs({ "--out": out }, inputs);
}

/** As for input: instead of the name of a file. */
const STDOUT = "-";

/** What comes besides a report cannot go where the report goes. Throws InputError. */
export function refuseStdout(option: string, file: string | undefined): void {
  if (file !== STDOUT) return;
  throw new InputError({
    problem: `bad value of ${option}`,
    found: quoteFound(file),
    expected: "the name of a file",
    hint: "standard output has the report; ./- is a file of that name",
  });
}

/** The same for several files, by the options that name them: no two may be one. */
export async function prepareFiles(files: Readonly<Record<string, string | undefined>>) {
  const taken = new Map<string, string>();
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined || (option === "--out" && file === STDOUT)) continue;
    refuseStdout(option, file);
    if (file === "") {
      const problem = `bad value of ${option}`;
      throw new InputError({ problem, found: "nothing", expected: "the name of a file" });
    }
    await checkWritable(file);
    const other = taken.get(resolve(file));
    taken.set(resolve(file), option);
    const device = (await stat(file).catch(() => undefined))?.isFile() === false;
    if (other === undefined || device) continue;
    const problem = `${other} and ${option} name one file`;
    throw new InputError({ problem, found: quoteFound(file), expected: "two" });
  }
}

/**
 * To be called before the work as well, once it is known what is read: throws InputError when a result would
 * take the place of what it was made from, by whatever name.
 */
export async function refuseInputs(
  files: Readonly<Record<string, string | undefined>>,
  inputs: readonly (string | undefined)[],
): Promise<void> {
  const read = await Promise.all(inputs.map(identity));
  for (const [option, file] of Object.entries(files)) {
    const written = await identity(file);
    if (file === undefined || written === undefined || !read.includes(written)) continue;
    throw new InputError({
      problem: `${option} names a file that is read`,
      found: quoteFound(file),
      expected: "another one",
    });
  }
}

/** Which file a name stands for; undefined where there is none, or a device or pipe. */
async function identity(file: string | undefined): Promise<string | undefined> {
  if (file === undefined || file === STDOUT) return undefined;
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found?.isFile() ? `${found.dev}:${found.ino}` : undefined;
}

/** Prints or writes the whole document. */
export async function deliver(io: CommandIo, { out }: OutputOptions, text: string): Promise<void> {
  io.signal.throwIfAborted();
  if (out === undefined || out === STDOUT) io.stdout(text);
  else await writeFileAtomic(out, text);
}
