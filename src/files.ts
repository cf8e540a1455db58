// Text files, and the folder of this package with what lies in it. Node only.

import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, readProblem } from "./errors.ts";
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

/** A text file; `what` it should be, for messages. Throws InputError. */
export async function readText(file: string, what: string, hint?: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const found = readProblem(error);
    throw new InputError({ file, problem: `cannot read ${what}`, found, hint, cause: error });
  }
  return decodeText(bytes, file, what);
}

/** Standard input as text; `file` is its name in messages. Throws InputError. */
export async function readStdin(file: string, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  } catch (error) {
    const found = readProblem(error);
    throw new InputError({ file, problem: `cannot read ${what}`, found, cause: error });
  }
  return decodeText(Buffer.concat(chunks), file, what);
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
