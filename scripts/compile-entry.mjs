// One compilation of build-wasm.mjs, in a thread of its own.

import { relative } from "node:path";
import asc from "assemblyscript/asc";

/** Compiles `file` for `target` into `output`, with its text form beside it. */
export default async function compile({ root, file, target, output, flags }) {
  const { error, stderr } = await asc.main([
    relative(root, file),
    ...["--config", "asconfig.json", "--target", target],
    ...["--baseDir", root, "--outFile", relative(root, output)],
    ...flags,
    ...["--textFile", relative(root, output).replace(/\.wasm$/, ".wat")],
  ]);
  if (error) throw new Error(`asc: ${relative(root, file)} (${target})\n${stderr}${error.message}`);
}
