// The cost profiles that kinds of rows ask for by name. Node only.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { CostProfile } from "../api/types.ts";
import { packageFolder } from "../files.ts";
import { readProfile } from "../scenario/files.ts";

/**
 * Profiles by name: those of the package, or `instead` for every name but those of kernels that its range
 * leaves out. Throws InputError.
 */
export async function profileSource(
  instead?: string,
): Promise<(name: string) => CostProfile | undefined> {
  const own = instead === undefined ? undefined : await readProfile(instead);
  const names = await readdir(join(packageFolder(), "profiles"));
  const files = names.filter((name) => name.endsWith(".json"));
  const profiles = await Promise.all(
    files.map((file) => readProfile(join(packageFolder(), "profiles", file))),
  );
  const by_name = new Map(profiles.map((profile) => [profile.name, profile]));
  return (name) => {
    const kernel = /^icount-(.+)$/.exec(name)?.[1];
    const others = kernel !== undefined && own?.range?.generations.includes(kernel) === false;
    return own === undefined || others ? by_name.get(name) : own;
  };
}
