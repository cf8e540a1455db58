// "Did you mean ...?": the nearest known word, when it is near enough to be a slip of the finger.

import { distance } from "fastest-levenshtein";

const LISTED_MAX = 8;

/** Slips that are forgiven: two swapped letters count as two. */
function slips(word: string): number {
  return word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
}

/** The candidate nearest to `word`, or undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let best_distance = slips(word) + 1;
  for (const candidate of candidates) {
    const d = distance(wanted, candidate.toLowerCase());
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

/** A hint naming the nearest candidate, or listing some of them. */
export function hintFor(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return "there are none";
  const best = nearest(word, candidates);
  if (best !== undefined) return `did you mean \`${best}\`?`;
  const rest = candidates.length - LISTED_MAX;
  const listed = candidates.slice(0, LISTED_MAX).join(", ");
  return `known: ${listed}${rest > 0 ? ` and ${rest} more` : ""}`;
}
