// "Did you mean ...?": the nearest known word, when it is near enough to be a slip of the finger.

import { distance } from "fastest-levenshtein";

/** The candidate nearest to `word`, or undefined when none is within about a third of its length. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let best_distance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(wanted, candidate.toLowerCase());
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

/** A hint naming the nearest candidate, or listing all of them. */
export function hintFor(word: string, candidates: readonly string[]): string {
  const best = nearest(word, candidates);
  return best === undefined ? `known: ${candidates.join(", ")}` : `did you mean \`${best}\`?`;
}
