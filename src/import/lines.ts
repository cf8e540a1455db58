// Chunks of bytes as the lines of a trace, with what strace itself says on standard error put aside.

import { refuseLong, textLines } from "../input/text-lines.ts";

/** A line of a trace; `number` counts from 1. `cut`: the file ends in it. */
export interface TraceLine {
  readonly text: string;
  readonly number: number;
  readonly cut: boolean;
}

/** What a trace is called in messages. */
const WHAT = "the text of strace";

/** In the middle of a line where standard error has both, and the rest of the call on the next one. */
const MESSAGE = /strace: Process \d+ (?:at|de)tached$/;

/** @throws InputError for bytes that are no text, LimitError for a line without end. */
export async function* traceLines(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<TraceLine> {
  let number = 0;
  let glued = "";
  for await (const { text, cut } of textLines(chunks, file, WHAT)) {
    number++;
    const line = glued + text;
    refuseLong(line, file, number, WHAT);
    if (MESSAGE.test(line) && !line.startsWith("strace:")) {
      glued = line.replace(MESSAGE, "");
      continue;
    }
    glued = "";
    yield { text: line, number, cut };
  }
  if (glued !== "") yield { text: glued, number, cut: true };
}
