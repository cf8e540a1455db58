// Chunks of bytes as the lines of a trace, with what strace itself says on standard error put aside.

import { InputError, LimitError } from "../errors.ts";

/** A line of a trace; `number` counts from 1. `cut`: the file ends in it. */
export interface TraceLine {
  readonly text: string;
  readonly number: number;
  readonly cut: boolean;
}

/** Longer ones are no lines of strace: its strings are cut at 32 characters unless told otherwise. */
const LINE_CHARACTERS_MAX = 65_536;

/** In the middle of a line where standard error has both, and the rest of the call on the next one. */
const MESSAGE = /strace: Process \d+ (?:at|de)tached$/;

/** @throws InputError for bytes that are no text, LimitError for a line without end. */
export async function* traceLines(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<TraceLine> {
  let number = 0;
  let glued = "";
  for await (const { text, cut } of rawLines(chunks, file)) {
    number++;
    const line = glued + text;
    refuseLong(line, file, number);
    if (MESSAGE.test(line) && !line.startsWith("strace:")) {
      glued = line.replace(MESSAGE, "");
      continue;
    }
    glued = "";
    yield { text: line, number, cut };
  }
  if (glued !== "") yield { text: glued, number, cut: true };
}

async function* rawLines(chunks: AsyncIterable<Uint8Array>, file: string) {
  const decoder = new TextDecoder();
  let rest = "";
  let number = 1;
  for await (const chunk of chunks) {
    refuseBinary(chunk, file, number, rest.length);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield { text: line.replace(/\r$/, ""), cut: false };
    number += lines.length;
    refuseLong(rest, file, number);
  }
  if (rest !== "") yield { text: rest, cut: true };
}

function refuseLong(line: string, file: string, number: number): void {
  if (line.length <= LINE_CHARACTERS_MAX) return;
  throw new LimitError({
    file,
    line: number,
    problem: "line too long",
    needed: line.length,
    available: LINE_CHARACTERS_MAX,
    unit: "characters",
    hint: "is this the text of strace?",
  });
}

function refuseBinary(chunk: Uint8Array, file: string, number: number, before: number): void {
  const at = chunk.indexOf(0);
  if (at === -1) return;
  let line = number;
  let start = -before;
  for (let i = chunk.indexOf(10); i !== -1 && i < at; i = chunk.indexOf(10, i + 1)) {
    line++;
    start = i + 1;
  }
  throw new InputError({
    file,
    line,
    column: at - start + 1,
    problem: "binary data",
    found: "a NUL byte",
    expected: "the text of strace",
  });
}
