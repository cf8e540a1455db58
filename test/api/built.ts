// The built package, as users get it. `npm test` builds it first.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const CLI = join(ROOT, "dist/src/cli/main.js");

export async function builtNode(): Promise<typeof import("../../src/node.ts")> {
  const file = join(ROOT, "dist/src/node.js");
  if (!existsSync(file)) throw new Error("run `npm run build` first: dist/ is missing");
  return import(pathToFileURL(file).href);
}
