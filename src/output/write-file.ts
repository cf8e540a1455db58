// Files that are either as they were or complete: written beside their place, then renamed. Node only.
// Devices and pipes (/dev/null, /dev/stdout, what <(...) names) are no files: they are written to, for a
// file renamed over one would take its place.

import {
  access,
  chmod,
  constants,
  type FileHandle,
  open,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such folder",
  ENOTDIR: "no such folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "a file system that is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the quota used up",
};

/** What is said when `name` cannot be written to. */
export function writeError(name: string, error: unknown): InputError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const found = REASONS[code] ?? message;
  return new InputError({ file: name, problem: "cannot write", found, cause: error });
}

// What is there already, symbolic links followed.
async function existingAt(file: string) {
  return stat(file).catch(() => undefined);
}

/** Fails early, before an hour of simulation, when `file` cannot be written. Throws InputError. */
export async function checkWritable(file: string): Promise<void> {
  const existing = await existingAt(file);
  if (existing?.isDirectory()) {
    const problem = "cannot write";
    throw new InputError({ file, problem, found: "a directory", expected: "a file" });
  }
  try {
    if (existing === undefined) await access(dirname(file), constants.W_OK);
    else if (!existing.isFile()) await access(file, constants.W_OK);
    else await access(dirname(await realpath(file)), constants.W_OK);
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Writes and closes. Pieces are made one by one, between looks at the signal. */
async function writePieces(
  handle: FileHandle,
  text: string | Iterable<string>,
  signal: AbortSignal | undefined,
  sync = false,
): Promise<void> {
  try {
    for (const piece of typeof text === "string" ? [text] : text) {
      signal?.throwIfAborted();
      await handle.writeFile(piece);
    }
    if (sync) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** To a device or a pipe, whose reader may have seen enough before its end (head, less): no error, as for stdout. */
async function writeDevice(
  handle: FileHandle,
  text: string | Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await writePieces(handle, text, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}

/**
 * Replaces `file` by `text` in one step, or the file that a symbolic link names; who may read it stays.
 * Throws InputError, or the signal's reason; leaves nothing behind when it does. What comes in pieces is
 * written piece by piece.
 */
export async function writeFileAtomic(
  file: string,
  text: string | Iterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  let temporary: string | undefined;
  try {
    const existing = await existingAt(file);
    if (existing !== undefined && !existing.isFile())
      return await writeDevice(await open(file, "w"), text, signal);
    const target = existing === undefined ? file : await realpath(file);
    const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
    const handle = await open(beside, "wx");
    temporary = beside;
    await writePieces(handle, text, signal, true);
    if (existing !== undefined) await chmod(beside, existing.mode & 0o7777);
    await rename(beside, target);
  } catch (error) {
    if (temporary !== undefined) await unlink(temporary).catch(() => {});
    signal?.throwIfAborted();
    throw writeError(file, error);
  }
}
