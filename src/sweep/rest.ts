// What of a sweep is still to be run: all of it, or what a journal lacks. Node only.

import type { RunFigures } from "./cells.ts";
import type { JobMaker } from "./jobs.ts";
import { Journal } from "./journal.ts";
import { jobKey } from "./key.ts";

export interface Rest {
  /** Numbers of runs, ascending. */
  readonly missing: readonly number[];
  /** To be called as soon as a run is over. */
  keep(run: number, figures: RunFigures): void;
  close(): void;
}

interface RestOptions {
  readonly journal: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Gets each run that the journal has. */
  readonly onKept: (run: number, figures: RunFigures) => void;
}

/** Throws InputError where the journal is none, or cannot be written. */
export async function openRest(
  runs: number,
  jobs: JobMaker,
  { journal: file, signal, onKept }: RestOptions,
): Promise<Rest> {
  const all = Array.from({ length: runs }, (_, run) => run);
  if (file === undefined) return { missing: all, keep: () => {}, close: () => {} };
  const keys: string[] = [];
  // runs may be the same one, where a key makes no difference
  const lacking = new Map<string, number[]>();
  for (const run of all) {
    const key = jobKey(await jobs.job(run));
    signal?.throwIfAborted();
    keys.push(key);
    lacking.set(key, [...(lacking.get(key) ?? []), run]);
  }
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
