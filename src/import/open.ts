// Opens a trace: a file or standard input, gzip or not. Node only.

import { createReadStream } from "node:fs";
import { InputError, readProblem } from "../errors.ts";
import { decompressed } from "../input/maps-file.ts";

/** What a trace is called in messages. */
export const traceName = (target: string): string => (target === "-" ? "<stdin>" : target);

/** Throws InputError where it cannot be read. */
export function openTrace(target: string): AsyncGenerator<Uint8Array> {
  const file = traceName(target);
  return decompressed(bytesOf(target, file), file);
}

async function* bytesOf(target: string, file: string): AsyncGenerator<Uint8Array> {
  const stream = target === "-" ? process.stdin : createReadStream(target);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw new InputError({
      file,
      problem: "cannot read the trace",
      found: readProblem(error),
      expected: "a file, or - for standard input",
      cause: error,
    });
  }
}
