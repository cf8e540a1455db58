// A command line again, from what was read out of it: what a report needs to be made again.

import type { ScenarioOptions } from "./usage/options.ts";

/** A word as a POSIX shell takes it for one. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Everything that the figures hang on; where a report goes and how many workers there are is no part of that. */
export function commandLine(
  command: string,
  name: string | undefined,
  { maps, vmas, strategies, seed, tickPhases, set }: ScenarioOptions,
  flags: readonly string[] = [],
): string {
  const named = { "--maps": maps, "--vmas": vmas, "--strategies": strategies, "--seed": seed };
  const given = Object.entries({ ...named, "--tick-phases": tickPhases });
  const words = [
    "vma-teardown",
    command,
    ...(name === undefined ? [] : [name]),
    ...given.flatMap(([option, value]) => (value === undefined ? [] : [option, value])),
    ...set.flatMap((override) => ["--set", override]),
    ...flags,
  ];
  return words.map(quoted).join(" ");
}
