// Which strategies of a point are not to be ranked: those that may free what others can still reach.

import type { WorkloadType } from "../api/types.ts";
import { strategyVerdict } from "../litmus/verdict.ts";
import { countsAsUnsafe } from "../output/ranking.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";

/** Workloads that the verdict of the lifetime oracle speaks of. */
const JUDGED: readonly WorkloadType[] = ["exit", "munmap"];

/** Asks the oracle once for each policy and generation. */
export class Safety {
  readonly #unsafe = new Map<string, boolean>();

  /** Names of the strategies that `unsafe: true` allows, or that the oracle saw fail. */
  unsafeOf({ scenario }: ResolvedScenario): string[] {
    const { strategies, workload, machine } = scenario;
    const judged = JUDGED.includes(workload.type);
    return strategies.flatMap((strategy) => {
      const key = JSON.stringify([judged, machine.generation, strategy]);
      let unsafe = this.#unsafe.get(key);
      if (unsafe === undefined) {
        const verdict = judged ? strategyVerdict(strategy, machine.generation) : undefined;
        unsafe = countsAsUnsafe(strategy.unsafe, verdict, 0);
        this.#unsafe.set(key, unsafe);
      }
      return unsafe ? [strategy.name] : [];
    });
  }
}
