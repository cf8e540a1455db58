// Where a finished document goes: standard output, or a file that appears in one step.

import { checkWritable, writeFileAtomic } from "../output/write-file.ts";
import type { CommandIo } from "./io.ts";
import type { OutputOptions } from "./options.ts";

/** To be called before the work: throws InputError when the file could not be written after it. */
export async function prepareDelivery({ out }: OutputOptions): Promise<void> {
  if (out !== undefined) await checkWritable(out);
}

/** Prints or writes the whole document. */
export async function deliver(io: CommandIo, { out }: OutputOptions, text: string): Promise<void> {
  io.signal.throwIfAborted();
  if (out === undefined) io.stdout(text);
  else await writeFileAtomic(out, text);
}
