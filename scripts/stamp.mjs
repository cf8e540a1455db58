// Whether a compiled module is what its sources would give now. Beside each module lies a stamp:
// hashes of the module, of the options it was compiled with and of every file its compilation read.
// Time stamps would take a build/ that was copied from another checkout for fresh, and a change in
// one room would compile all of them.
//
//   build/queue.release.stamp   {"module":"5f1d...","options":"9f86...",
//                                "files":{"assembly/queue/entry.ts":"2c26...", ...}}

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

function hash(text) {
  return createHash("sha256").update(text).digest("hex");
}

function hashOptions(options) {
  return hash(options.join("\n"));
}

function stampOf(module) {
  return module.replace(/\.wasm$/, ".stamp");
}

/** Notes that `module` was made of `files`, a map of paths to texts, with these options. */
export function writeStamp(module, options, files) {
  const hashes = [...files].map(([name, text]) => [name, hash(text)]).sort();
  const stamp = {
    module: hash(readFileSync(module)),
    options: hashOptions(options),
    files: Object.fromEntries(hashes),
  };
  writeFileSync(stampOf(module), JSON.stringify(stamp));
}

/** Would the files below `root` and these options give `module` once more? */
export function isFresh(root, module, options) {
  try {
    const stamp = JSON.parse(readFileSync(stampOf(module), "utf8"));
    return (
      stamp.options === hashOptions(options) &&
      stamp.module === hash(readFileSync(module)) &&
      Object.entries(stamp.files).every(
        ([name, was]) => was === hash(readFileSync(join(root, name))),
      )
    );
  } catch {
    return false; // a file is gone, or a stamp was cut short
  }
}
