// Replays log files, plain or gzip. Node only.

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { InputError, readProblem } from "../errors.ts";
import type { ReplayOptions, ReplayResult } from "./replay.ts";
import { replayIndexLog } from "./replay.ts";

export interface FileReplay extends ReplayResult {
  readonly path: string;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Lines of a text file, gunzipped where its first bytes say so. */
async function* fileLines(path: string): AsyncGenerator<string> {
  const packed = await isGzip(path);
  const raw = createReadStream(path);
  const input = packed ? raw.pipe(createGunzip()) : raw;
  const failed = new Promise<never>((_, reject) => {
    raw.once("error", reject);
    input.once("error", reject);
  });
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), failed]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    lines.close();
    raw.destroy();
  }
}

/** The kernel a log is of: from its name ("6.12-mode0-seed1.log.gz"), unless options say. */
function kernelOf(path: string): "6.12" | "7.2" {
  return basename(path).startsWith("6.12") ? "6.12" : "7.2";
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
      results.push({ path, ...(await replayIndexLog(fileLines(path), { ...options, kernel })) });
    } catch (cause) {
      if (cause instanceof InputError) {
        throw new InputError({ ...cause, problem: cause.problem, file: path, cause });
      }
      const problem = "cannot read the index log";
      throw new InputError({ file: path, problem, found: readProblem(cause), cause });
    }
  }
  return results;
}
