// Replays log files, plain or gzip. Node only.

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { InputError, readProblem } from "../errors.ts";
import { decompressed } from "../input/maps-file.ts";
import { textLines } from "../input/text-lines.ts";
import type { ReplayOptions, ReplayResult } from "./replay.ts";
import { replayIndexLog } from "./replay.ts";

export interface FileReplay extends ReplayResult {
  readonly path: string;
}

/** Lines of a text file, gunzipped where its first bytes say so. */
async function* fileLines(path: string): AsyncGenerator<string> {
  const chunks = decompressed(bytesOf(path), path);
  for await (const { text } of textLines(chunks, path, "a log of an index")) yield text;
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
}

/** The kernel a log is of: from its name ("6.12-mode0-seed1.log.gz"), unless options say. */
function kernelOf(path: string): "6.12" | "7.2" {
  return basename(path).startsWith("6.12") ? "6.12" : "7.2";
}

/** Nothing compared is nothing found equal. */
function emptyLog(): InputError {
  const problem = "no operations";
  return new InputError({ problem, found: "nothing but comments", expected: "a log of an index" });
}

/** Replays each file in order. A file that cannot be read or understood throws InputError. */
export async function replayIndexFiles(
  paths: readonly string[],
  options: ReplayOptions = {},
): Promise<FileReplay[]> {
  const results: FileReplay[] = [];
  for (const path of paths) {
    const kernel = options.kernel ?? kernelOf(path);
    try {
      const result = await replayIndexLog(fileLines(path), { ...options, kernel });
      if (result.operations === 0) throw emptyLog();
      results.push({ path, ...result });
    } catch (cause) {
      if (cause instanceof InputError) {
        // of the file itself, not of an operation in it
        if (cause.file !== undefined) throw cause;
        throw new InputError({ ...cause, problem: cause.problem, file: path, cause });
      }
      const problem = "cannot read the index log";
      throw new InputError({ file: path, problem, found: readProblem(cause), cause });
    }
  }
  return results;
}
