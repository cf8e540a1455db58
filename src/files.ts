// Text files, and the folder of this package with what lies in it. Node only.

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, LimitError, readProblem } from "./errors.ts";
import { foreignFormat, formatHint } from "./magic.ts";

/** The folder with package.json: profiles and ready scenarios lie beside it. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("vma-teardown is installed without its package.json");
    folder = parent;
  }
  return folder;
}

/** The version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")).version;
}

/** What a person writes: a million characters at most, as parsers then say, of up to four bytes. */
const WRITTEN_BYTES_MAX = 4 * 2 ** 20;
/** What programs write: rows, traces, logs. No text of JavaScript is much longer. */
const RECORDED_BYTES_MAX = 256 * 2 ** 20;

export interface TextOptions {
  readonly hint?: string | undefined;
  /** It may be as long as programs make files. */
  readonly recorded?: boolean;
}

const bytesMax = ({ recorded = false }: TextOptions): number =>
  recorded ? RECORDED_BYTES_MAX : WRITTEN_BYTES_MAX;

/** A text file; `what` it should be, for messages. Throws InputError, or LimitError for a long one. */
export async function readText(
  file: string,
  what: string,
  options: TextOptions = {},
): Promise<string> {
  const most = bytesMax(options);
  let bytes: Uint8Array;
  try {
    const { size } = await stat(file);
    if (size > most) throw tooLong(file, size, most);
    bytes = await joined(createReadStream(file), file, most);
  } catch (error) {
    throw unreadable(error, file, what, options.hint);
  }
  return decodeText(bytes, file, what);
}

/** Standard input as text; `file` is its name in messages. Throws like `readText`. */
export async function readStdin(
  file: string,
  what: string,
  options: TextOptions = {},
): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await joined(process.stdin, file, bytesMax(options));
  } catch (error) {
    throw unreadable(error, file, what, options.hint);
  }
  return decodeText(bytes, file, what);
}

/** All chunks; what has no size of its own (a pipe, a device) is read no further than `most`. */
async function joined(chunks: AsyncIterable<Uint8Array>, file: string, most: number) {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) throw tooLong(file, length, most);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function tooLong(file: string, needed: number, available: number): LimitError {
  const hint = "is this the right file?";
  return new LimitError({ file, problem: "file too long", needed, available, unit: "bytes", hint });
}

function unreadable(error: unknown, file: string, what: string, hint?: string): InputError {
  if (error instanceof InputError) return error;
  const found = readProblem(error);
  return new InputError({ file, problem: `cannot read ${what}`, found, hint, cause: error });
}

function decodeText(bytes: Uint8Array, file: string, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const format = foreignFormat(bytes);
    throw new InputError({
      file,
      problem: `cannot read ${what}`,
      found: format ?? "bytes that are no UTF-8",
      expected: "a text file",
      hint: formatHint(format),
      cause: error,
    });
  }
}
