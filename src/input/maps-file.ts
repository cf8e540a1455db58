// Opens what `--maps` names: a file, a process, or standard input. Node only.

import { type FileHandle, open, stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError, quoteFound } from "../errors.ts";
import { type MapsChunk, type ParsedMaps, parseMaps } from "./maps.ts";

const READ_BYTES = 1 << 18;
/** Times a process is read anew whose mappings changed while it was read. */
const READINGS_MAX = 20;

export interface OpenMapsOptions {
  /** Read when the target is "-"; standard input unless given. */
  readonly stdin?: AsyncIterable<MapsChunk>;
  /** Where processes are looked up: "/proc" unless given. */
  readonly proc?: string;
}

/**
 * Reads the address space that `target` names:
 * - "-": standard input;
 * - digits only: the process of that PID, its smaps where there is one, else its maps
 *   (a file whose name is a number is reached as "./1234");
 * - anything else: a file of maps or smaps, gzip-compressed or not.
 * @throws InputError (exit code 2) when it cannot be read or is no maps.
 */
export async function openMaps(target: string, options: OpenMapsOptions = {}): Promise<ParsedMaps> {
  if (target === "") {
    throw new InputError({
      problem: "no maps named",
      found: "an empty name",
      expected: 'a file, a PID or "-"',
    });
  }
  if (target === "-") {
    const file = "<stdin>";
    const source = options.stdin ?? (process.stdin as AsyncIterable<Uint8Array>);
    return parseMaps(decompressed(guarded(source, file), file), {
      file,
      origin: "maps from standard input",
    });
  }
  if (/^\d+$/.test(target)) return openProcess(target, options.proc ?? "/proc");
  const chunks = decompressed(readFile(target, fileError), target);
  return parseMaps(chunks, { file: target, origin: `maps of ${target}` });
}

type ExplainError = (error: unknown, file: string) => InputError;

async function openProcess(pid: string, proc: string): Promise<ParsedMaps> {
  const origin = `maps of process ${pid}`;
  const smaps = `${proc}/${pid}/smaps`;
  const maps = `${proc}/${pid}/maps`;
  let file = smaps;
  try {
    await (await open(smaps, "r")).close();
  } catch {
    // No smaps (a kernel without CONFIG_PROC_PAGE_MONITOR), or no process: maps will say which.
    file = maps;
  }
  const explain: ExplainError = (error, name) => processError(error, name, pid);
  const parsed = await settled(() => parseMaps(readFile(file, explain), { file, origin }), pid);
  if (parsed.vma_count > 0) return parsed;
  throw new InputError({
    file,
    problem: `process ${pid} has no address space`,
    found: "no mappings",
    expected: "at least one",
    hint: "it is a kernel thread or has just ended",
  });
}

/**
 * What `read` gives at its first reading without a contradiction. The kernel hands out the mappings
 * of a process in portions and lets go of mmap_lock between them: a heap that grew meanwhile stands
 * in two of them (fs/proc/task_mmu.c:proc_get_vma, 7.2: it goes on from the end it last saw).
 * @throws InputError when every reading had one, or what `read` throws otherwise.
 */
export async function settled(
  read: () => Promise<ParsedMaps>,
  pid: string,
  readings_max = READINGS_MAX,
): Promise<ParsedMaps> {
  for (let readings = 1; ; readings++) {
    try {
      return await read();
    } catch (error) {
      if (!contradiction(error)) throw error;
      if (readings === readings_max) throw unsettledError(error, pid, readings);
    }
  }
}

/** Only lines of maps have a place; a process that cannot be read has none. */
function contradiction(error: unknown): error is InputError {
  return error instanceof InputError && error.code === 2 && error.line !== undefined;
}

function unsettledError(error: InputError, pid: string, readings: number): InputError {
  const { file, line, column, problem, found, expected } = error;
  return new InputError({
    file,
    line,
    column,
    problem,
    found,
    expected,
    hint: `process ${pid} changed its mappings in each of ${readings} readings: stop it meanwhile (kill -STOP ${pid})`,
    cause: error,
  });
}

async function* readFile(file: string, explain: ExplainError): AsyncGenerator<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    for (;;) {
      // A block of its own each time: decompression may still hold the last one.
      const block = new Uint8Array(READ_BYTES);
      const { bytesRead } = await handle.read(block, 0, READ_BYTES);
      if (bytesRead === 0) return;
      yield block.subarray(0, bytesRead);
    }
  } catch (error) {
    throw await explained(error, file, explain);
  } finally {
    await handle?.close();
  }
}

async function explained(error: unknown, file: string, explain: ExplainError): Promise<unknown> {
  if (error instanceof InputError) return error;
  if (errorCode(error) === "EISDIR") return directoryError(file, error);
  const found = await stat(file).catch(() => undefined);
  return found?.isDirectory() ? directoryError(file, error) : explain(error, file);
}

/** Chunks of a stream that is not ours, its failures explained. */
async function* guarded(
  source: AsyncIterable<MapsChunk>,
  file: string,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const chunk of source) {
      yield typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    }
  } catch (error) {
    throw await explained(error, file, fileError);
  }
}

/** The chunks, decompressed when the first two bytes are those of gzip. */
export async function* decompressed(
  chunks: AsyncGenerator<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    const { head, ended } = await readHead(chunks);
    const whole = joined(head, ended, chunks);
    if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(whole, file);
    else yield* whole;
  } finally {
    // Closes the file when the reader gives up half-way, as parsing does at the first error.
    await chunks.return(undefined);
  }
}

async function* joined(head: Uint8Array, ended: boolean, rest: AsyncGenerator<Uint8Array>) {
  if (head.length > 0) yield head;
  if (!ended) yield* rest;
}

async function* gunzipped(
  chunks: AsyncGenerator<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  // What fails in the pipeline comes out of the loop below.
  const unzipped = pipeline(Readable.from(chunks), createGunzip(), () => {});
  try {
    for await (const chunk of unzipped as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    if (!String(errorCode(error)).startsWith("Z_")) throw error;
    throw new InputError({
      file,
      problem: "damaged gzip data",
      found: (error as Error).message,
      expected: "a whole .gz file",
      cause: error,
    });
  }
}

/** At least two bytes, unless the source has fewer. */
async function readHead(chunks: AsyncGenerator<Uint8Array>) {
  let head = new Uint8Array(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done) return { head, ended: true };
    const joined = new Uint8Array(head.length + next.value.length);
    joined.set(head);
    joined.set(next.value, head.length);
    head = joined;
  }
  return { head, ended: false };
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function directoryError(file: string, cause: unknown): InputError {
  return new InputError({
    file,
    problem: "cannot read maps",
    found: "a directory",
    expected: "a file",
    hint: /^\/proc\/[^/]+\/?$/.test(file) ? "give the PID alone, or its maps file" : undefined,
    cause,
  });
}

function fileError(error: unknown, file: string): InputError {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new InputError({
      file,
      problem: "cannot read maps",
      found: "no such file",
      expected: 'a file, a PID or "-"',
      cause: error,
    });
  }
  return deniedError(error, file) ?? unreadableError(error, file);
}

function processError(error: unknown, file: string, pid: string): InputError {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ESRCH") {
    return new InputError({
      file,
      problem: `no process ${pid}`,
      expected: "the PID of a running process",
      hint: "it has ended, or is not visible from here; a file of that name is given as ./".concat(
        pid,
      ),
      cause: error,
    });
  }
  return deniedError(error, file) ?? unreadableError(error, file);
}

function deniedError(error: unknown, file: string): InputError | undefined {
  const code = errorCode(error);
  if (code !== "EACCES" && code !== "EPERM") return undefined;
  return new InputError({
    file,
    problem: "cannot read maps",
    found: "permission denied",
    expected: "a readable file",
    hint: file.startsWith("/proc/")
      ? "the maps of another user's process need that user, root or CAP_SYS_PTRACE"
      : undefined,
    cause: error,
  });
}

function unreadableError(error: unknown, file: string): InputError {
  return new InputError({
    file,
    problem: "cannot read maps",
    found: quoteFound(error instanceof Error ? error.message : String(error)),
    expected: "a readable file",
    cause: error,
  });
}
