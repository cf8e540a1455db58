// What the workload `mm` cannot do of a strategy: done in another way, it would look as if it could.

import { munmapPolicy, type PolicyProblem } from "./policy.ts";
import type { FreePolicy, Strategy } from "./types.ts";

function freeProblem({
  collect,
  drain,
  release,
}: FreePolicy): Omit<PolicyProblem, "path"> | undefined {
  if (release === "typesafe") {
    const expected = "direct or call-rcu: VMAs of 6.12 have no readers who check for reuse";
    return { found: 'release: typesafe with workload.kernel "6.12"', expected };
  }
  if (collect === "sheaf") {
    const expected = "another: the workload mm has no sheaves of dead VMAs";
    return { found: "collect: sheaf", expected };
  }
  if (collect === "private-list" && drain.when !== "end") {
    const expected =
      "drain: { when: end }: a private list of the workload mm lasts for one operation";
    return { found: `collect: private-list with drain.when: ${drain.when}`, expected };
  }
  if (collect === "mm-list" && drain.when === "interval" && drain.jiffies === 0) {
    const expected = "jiffies of at least 1 in the workload mm, or { when: size-over, vmas: 0 }";
    return { found: "drain.jiffies: 0", expected };
  }
  return undefined;
}

/** The rule of a list of dead VMAs; undefined where VMAs are not collected in one. */
function listRule({ collect, drain }: FreePolicy): string | undefined {
  if (collect !== "mm-list") return undefined;
  if (drain.when === "end") return "end";
  if (drain.when === "size-over") return `size-over ${drain.vmas}`;
  return `interval ${drain.jiffies}${drain.timer === true ? " with a timer" : ""}`;
}

/** 6.1 and 7.2 free at once, whatever a strategy says. */
export function freesByStrategy(kernel: string): boolean {
  return kernel === "6.12";
}

/** The first thing of a strategy that the workload mm does not have, with such a kernel. */
export function mmPolicyProblem(strategy: Strategy, kernel: string): PolicyProblem | undefined {
  if (!freesByStrategy(kernel)) return undefined;
  const paths = { exit: strategy.exit, munmap: munmapPolicy(strategy) };
  for (const path of ["exit", "munmap"] as const) {
    const problem = freeProblem(paths[path]);
    if (problem !== undefined) return { path, ...problem };
  }
  const [exit, munmap] = [listRule(paths.exit), listRule(paths.munmap)];
  if (exit === undefined || munmap === undefined || exit === munmap) return undefined;
  return {
    path: "munmap",
    found: `drain by ${munmap} in munmap, by ${exit} in exit`,
    expected: "the same rule for both: an mm of the workload mm has one list, with one rule",
  };
}
