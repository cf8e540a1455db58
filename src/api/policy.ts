// What follows from the policies of a strategy, for whoever runs, checks or judges it.

import type { FreePolicy, Generation, Strategy } from "./types.ts";

/** Largest N of `batch-N`: what a 32-bit count of the engine holds. */
export const BATCH_MAX = 2_147_483_647;

/** What a strategy does in munmap: readers may still hold the VMA, so nothing is freed at once. */
export function munmapPolicy({ exit, munmap }: Strategy): FreePolicy {
  if (munmap !== undefined) return munmap;
  return exit.release === "direct" ? { ...exit, release: "call-rcu" } : exit;
}

/** Threads that a strategy needs for what it puts off to a later time. */
export function reaperTasks(strategy: Strategy): number {
  const later = ({ collect, drain }: FreePolicy): boolean =>
    collect === "bulk" || (drain.when === "interval" && drain.timer === true);
  return later(strategy.exit) || later(munmapPolicy(strategy)) ? 1 : 0;
}

/** Has the mm's list of dead VMAs a shrinker? */
export function hasListShrinker(strategy: Strategy): boolean {
  const has = ({ drain }: FreePolicy): boolean => drain.shrinker === true;
  return has(strategy.exit) || has(munmapPolicy(strategy));
}

const drainText = ({ collect, drain }: FreePolicy): string =>
  collect === "none" ? "" : JSON.stringify(Object.entries(drain).sort());

const samePath = (one: FreePolicy, other: FreePolicy): boolean =>
  one.collect === other.collect &&
  one.release === other.release &&
  drainText(one) === drainText(other);

/** Do both the same in exit and in munmap? */
export function samePolicies(one: Strategy, other: Strategy): boolean {
  return samePath(one.exit, other.exit) && samePath(munmapPolicy(one), munmapPolicy(other));
}

export interface PolicyProblem {
  readonly path: "exit" | "munmap";
  readonly found: string;
  readonly expected: string;
}

/** What is not safe in a strategy, or needs another kernel, unless it says `unsafe: true`. */
export function policyProblem(
  strategy: Strategy,
  generation: Generation,
): PolicyProblem | undefined {
  const paths = { exit: strategy.exit, munmap: munmapPolicy(strategy) };
  for (const path of ["exit", "munmap"] as const) {
    if (paths[path].collect === "sheaf" && generation !== "7.2") {
      const expected = "another: only 7.2 has sheaves";
      return { path, found: `collect: sheaf on Linux ${generation}`, expected };
    }
    if (paths[path].collect === "bulk" && generation === "7.2") {
      const expected = "sheaf (rcu-sheaf): kvfree_rcu() of a VMA fills a sheaf in 7.2";
      return { path, found: `collect: bulk on Linux ${generation}`, expected };
    }
    if (paths[path].release === "typesafe" && generation !== "7.2") {
      const expected = "direct or call-rcu: only 7.2 has VMAs whose readers check for reuse";
      return { path, found: `release: typesafe on Linux ${generation}`, expected };
    }
  }
  if (paths.munmap.release !== "direct" || strategy.unsafe === true) return undefined;
  return {
    path: "munmap",
    found: "release: direct in munmap, where readers may still hold the VMA",
    expected: "call-rcu, or `unsafe: true` beside the name",
  };
}
