// Names of what the engine numbers: `USE_AFTER_FREE` is `use-after-free` in files and reports.

import { Access, Breach, FreeWay, Happened, Missing, Op, Twin } from "../../assembly/abi/mm.ts";

type Numbered = Readonly<Record<string, string | number>>;

/** Words of an enum, in order of their values; without NONE and COUNT. */
function wordsOf(numbered: Numbered): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  for (const [name, value] of Object.entries(numbered)) {
    if (typeof value !== "number" || name === "NONE" || name === "COUNT") continue;
    words.set(name.toLowerCase().replaceAll("_", "-"), value);
  }
  return words;
}

export const OPS = wordsOf(Op);
export const BREACHES = wordsOf(Breach);
export const ACCESSES = wordsOf(Access);
export const MISSING = wordsOf(Missing);
export const HAPPENED = wordsOf(Happened);
export const TWINS = wordsOf(Twin);
/** Ways that the explorer knows: kvfree_rcu needs a clock. */
export const FREE_WAYS = new Map([...wordsOf(FreeWay)].filter(([word]) => word !== "bulk"));

/** The word of a number; its number where it has none. */
export function wordOf(words: ReadonlyMap<string, number>, value: number): string {
  for (const [word, number] of words) if (number === value) return word;
  return String(value);
}

/** The words of an enum as zod wants them. */
export function listOf(words: ReadonlyMap<string, number>): [string, ...string[]] {
  return [...words.keys()] as [string, ...string[]];
}
