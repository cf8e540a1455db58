// One compilation of build-wasm.mjs, in a thread of its own.

import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import asc from "assemblyscript/asc";
import { writeStamp } from "./stamp.mjs";

/** Another version of it may make another module of the same sources. */
const COMPILER = "node_modules/assemblyscript/package.json";

/** Compiles with these options; the text form and the stamp of `output` come to lie beside it. */
export default async function compile({ root, output, options }) {
  const read = new Map();
  /** What asc reads by itself, noted for the stamp. It asks for files that need not exist. */
  const note = async (name, base) => {
    const path = resolve(base, name);
    const text = await readFile(path, "utf8").catch(() => null);
    if (text !== null) read.set(relative(root, path), text);
    return text;
  };
  await note(COMPILER, root);
  const { error, stderr } = await asc.main([...options, "--baseDir", root], { readFile: note });
  if (error) throw new Error(`asc: ${options.join(" ")}\n${stderr}${error.message}`);
  writeStamp(output, options, read);
}
