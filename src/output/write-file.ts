// Files that are either as they were or complete: written beside their place, then renamed. Node only.

import { access, constants, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";

function outError(file: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const found =
    code === "ENOENT"
      ? "no such folder"
      : code === "EACCES" || code === "EROFS"
        ? "permission denied"
        : message;
  return new InputError({ file, problem: "cannot write", found, cause: error });
}

/** Fails early, before an hour of simulation, when `file` cannot be written. Throws InputError. */
export async function checkWritable(file: string): Promise<void> {
  const existing = await stat(file).catch(() => undefined);
  if (existing?.isDirectory()) {
    const problem = "cannot write";
    throw new InputError({ file, problem, found: "a directory", expected: "a file" });
  }
  try {
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw outError(file, error);
  }
}

/** Replaces `file` by `text` in one step. Throws InputError; leaves nothing behind when it does. */
export async function writeFileAtomic(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw outError(file, error);
  }
}
