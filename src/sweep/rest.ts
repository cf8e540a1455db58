// What of a sweep is still to be run: all of it, or what a journal lacks. Node only.

import type { RunFigures } from "./cells.ts";
import { Journal } from "./journal.ts";

export interface Rest {
  /** Numbers of runs, ascending. */
  readonly missing: readonly number[];
  /** To be called as soon as a run is over. */
  keep(run: number, figures: RunFigures): void;
  close(): void;
}

/**
 * `keys`: of all runs, by number; `onKept` gets each run that the journal has.
 * Throws InputError where the journal is none, or cannot be written.
 */
export function openRest(
  keys: readonly string[],
  file: string | undefined,
  onKept: (run: number, figures: RunFigures) => void,
): Rest {
  if (file === undefined) return { missing: [...keys.keys()], keep: () => {}, close: () => {} };
  // runs may be the same one, where a key makes no difference
  const lacking = new Map<string, number[]>();
  for (const [run, key] of keys.entries()) lacking.set(key, [...(lacking.get(key) ?? []), run]);
  const journal = new Journal(file, ({ key, ...figures }) => {
    for (const run of lacking.get(key) ?? []) onKept(run, figures);
    lacking.delete(key);
  });
  return {
    missing: [...lacking.values()].flat().sort((a, b) => a - b),
    keep: (run, figures) => journal.append(keys[run]!, figures),
    close: () => journal.close(),
  };
}
