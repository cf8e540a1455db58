// Finished runs in a file, one line of JSON each, appended at once: who begins the same sweep again need not run
// them again. Node only.

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { InputError, quoteFound } from "../errors.ts";
import { writeError } from "../output/write-file.ts";
import type { RunFigures } from "./cells.ts";

const VERSION = 1;
const HEADER = `${JSON.stringify({ format: "vma-teardown journal", version: VERSION })}\n`;
const CHUNK_BYTES = 1 << 16;
const NEWLINE = 10;

interface Entry extends RunFigures {
  readonly key: string;
}

/** Figures of one run take some kilobytes: a longer line is none. */
const LINE_BYTES_MAX = 1 << 20;

/**
 * Whole lines of a file from its beginning, and where the last of them ends. Of a line that is too long its
 * beginning, as the last one.
 */
function* linesOf(fd: number): Generator<string, number> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  let [read_to, end] = [0, 0];
  for (;;) {
    const bytes = readSync(fd, chunk, 0, CHUNK_BYTES, read_to);
    if (bytes === 0) return end;
    read_to += bytes;
    let text = Buffer.concat([rest, chunk.subarray(0, bytes)]);
    for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE)) {
      end += at + 1;
      yield text.toString("utf8", 0, at);
      text = text.subarray(at + 1);
    }
    if (text.length > (end === 0 ? HEADER.length : LINE_BYTES_MAX)) {
      yield `${text.toString("utf8", 0, HEADER.length)}...`;
    }
    rest = text;
  }
}

function isEntry(value: unknown): value is Entry {
  if (value === null || typeof value !== "object") return false;
  const { key, digest, figures } = value as Partial<Entry>;
  if (typeof key !== "string" || typeof digest !== "string") return false;
  if (figures === null || typeof figures !== "object") return false;
  return Object.values(figures).every((figure) => typeof figure === "number");
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A device or a pipe has no beginning to read from; to open a pipe may wait for ever. Throws InputError. */
function refuseDevice(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  const problem = "not a journal";
  throw new InputError({ file, problem, found: "a device or a pipe", expected: "a file" });
}

export class Journal {
  readonly #file: string;
  readonly #fd: number;

  /** Opens a file, or begins it. Throws InputError where it is none of this version, and then leaves it as it is. */
  constructor(file: string, onEntry: (entry: Entry) => void) {
    this.#file = file;
    try {
      refuseDevice(file);
      this.#fd = openSync(file, "a+");
    } catch (error) {
      throw error instanceof InputError ? error : writeError(file, error);
    }
    try {
      this.#read(onEntry);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #read(onEntry: (entry: Entry) => void): void {
    const lines = linesOf(this.#fd);
    const { value: header, done } = lines.next();
    if (done) {
      this.#begin();
      return;
    }
    if (`${header}\n` !== HEADER) throw this.#notMine(String(header));
    for (let line = 2; ; line++) {
      const next = lines.next();
      if (next.done) {
        this.#cut(next.value);
        return;
      }
      const entry = parsed(next.value);
      if (!isEntry(entry)) {
        const found = quoteFound(next.value);
        const expected = "a run that a sweep has written";
        throw new InputError({ file: this.#file, line, problem: "not a journal", found, expected });
      }
      onEntry(entry);
    }
  }

  /** What was being written when the writer was ended is no line: the next one takes its place. */
  #cut(end: number): void {
    const { size } = fstatSync(this.#fd);
    if (size > end) ftruncateSync(this.#fd, end);
  }

  /** Nothing yet, or a header of which not all was written. */
  #begin(): void {
    const there = Buffer.alloc(HEADER.length);
    const text = there.toString("utf8", 0, readSync(this.#fd, there, 0, HEADER.length, 0));
    if (!HEADER.startsWith(text)) throw this.#notMine(text);
    this.#cut(0);
    this.#write(HEADER);
  }

  #notMine(header: string): InputError {
    const version = (parsed(header) as { readonly version?: unknown } | null | undefined)?.version;
    const mine = /"format":"vma-teardown journal"/.test(header);
    return new InputError({
      file: this.#file,
      line: 1,
      problem: mine ? "a journal of another version" : "not a journal",
      found: mine ? `version ${version}` : quoteFound(header),
      expected: mine ? `version ${VERSION}` : "a file that a sweep has begun, or none",
      hint: "name another file",
    });
  }

  #write(text: string): void {
    try {
      writeSync(this.#fd, text);
    } catch (error) {
      throw writeError(this.#file, error);
    }
  }

  append(key: string, { digest, figures }: RunFigures): void {
    this.#write(`${JSON.stringify({ key, digest, figures } satisfies Entry)}\n`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
