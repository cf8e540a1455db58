// The texts of all profiles that come with the package.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../api/built.ts";

const FOLDER = join(ROOT, "profiles");

export const PROFILE_TEXTS: readonly (readonly [name: string, text: string])[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const);
