// Litmus files: the package's by name, others by path. Node only.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { packageFolder, readText } from "../files.ts";
import { hintFor } from "../scenario/suggest.ts";
import { parseLitmus } from "./file.ts";
import type { LitmusSpec } from "./spec.ts";

const ENDING = ".yaml";

/** Names of the package's litmus tests. */
export async function readyLitmus(): Promise<string[]> {
  const names = await readdir(join(packageFolder(), "scenarios/litmus"));
  return names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}

/** A test by name or path. Throws InputError. */
export async function loadLitmus(name: string): Promise<LitmusSpec> {
  // what is meant to be a file says itself what is wrong with it
  const path = name.includes("/") || name.endsWith(ENDING);
  if (path || existsSync(name)) return parseLitmus(await readText(name, "litmus test"), name);
  const file = join(packageFolder(), "scenarios/litmus", `${name}${ENDING}`);
  if (/^[\w.-]+$/.test(name) && existsSync(file)) {
    return parseLitmus(await readText(file, "litmus test"), `${name}${ENDING}`);
  }
  const names = [...(await readyLitmus()), "mixed"];
  const hint = hintFor(name, names);
  throw new InputError({ problem: "unknown litmus test", found: name, hint });
}
