// Chunks of bytes as lines of text, none of them without end: files that are none are told early.

import { InputError, LimitError } from "../errors.ts";

/** A line without its end; `cut`: the file ends in it. */
export interface TextLine {
  readonly text: string;
  readonly cut: boolean;
}

/** Longer ones are no lines of what is read so. */
const LINE_CHARACTERS_MAX = 65_536;

/**
 * `what` the file should be, for messages: "the text of strace".
 * @throws InputError for bytes that are no text, LimitError for a line without end.
 */
export async function* textLines(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  what: string,
): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder();
  let rest = "";
  let number = 1;
  for await (const chunk of chunks) {
    refuseBinary(chunk, { file, number, before: rest.length, what });
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      refuseLong(line, file, number++, what);
      yield { text: line.replace(/\r$/, ""), cut: false };
    }
    refuseLong(rest, file, number, what);
  }
  if (rest !== "") yield { text: rest, cut: true };
}

/** Throws LimitError where a line is too long. */
export function refuseLong(line: string, file: string, number: number, what: string): void {
  if (line.length <= LINE_CHARACTERS_MAX) return;
  throw new LimitError({
    file,
    line: number,
    problem: "line too long",
    needed: line.length,
    available: LINE_CHARACTERS_MAX,
    unit: "characters",
    hint: `is this ${what}?`,
  });
}

interface ChunkPlace {
  readonly file: string;
  /** Line in which the chunk begins, and what of it went before. */
  readonly number: number;
  readonly before: number;
  readonly what: string;
}

function refuseBinary(chunk: Uint8Array, { file, number, before, what }: ChunkPlace): void {
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
    expected: what,
  });
}
