// `compare`: all strategies of a scenario on one workload, and how far the model is right.

import { runJobs } from "../../api/pool.ts";
import type { WorkloadType } from "../../api/types.ts";
import { strategyVerdict } from "../../litmus/verdict.ts";
import { type ComparisonText, comparisonText } from "../../output/compare-text.ts";
import { conclude } from "../../output/conclusion.ts";
import { jsonText } from "../../output/json.ts";
import { figureNames, rangeOf, type StrategyRuns } from "../../output/strategy-table.ts";
import { ranksOf } from "../../output/workload-texts.ts";
import { outsideRange } from "../../profile/range.ts";
import { isWorkload, type ResolvedScenario, strategyJobs } from "../../scenario/resolve.ts";
import { deliver } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { withProgress } from "../progress.ts";
import { scenarioFromOptions, subjectOf } from "../scenario.ts";
import type { CompareOptions } from "../usage/compare.ts";
import { workersOption } from "../values.ts";
import type { MeasuredBeside } from "./compare-measured.ts";

function rangesOf({ results }: StrategyRuns<WorkloadType>) {
  return Object.fromEntries(figureNames(results[0]!).map((name) => [name, rangeOf(results, name)]));
}

function comparisonJson(
  resolved: ResolvedScenario,
  comparison: ComparisonText<WorkloadType>,
): unknown {
  const { scenario, profile, origin, vma_count } = resolved;
  const { name, title, machine, workload, load, seed, tick_phases } = scenario;
  const address_space = { origin, vma_count };
  const policies = new Map(scenario.strategies.map((strategy) => [strategy.name, strategy.exit]));
  return {
    format: "vma-teardown comparison",
    version: 1,
    scenario: { name, title, machine, workload, load, seed, tick_phases, address_space },
    profile: { ...profile, costs: undefined },
    strategies: comparison.strategies.map((runs) => {
      const { digest, metrics, load, pages, reclaim, stalls, plan } = runs.results[0]!;
      const ranges = tick_phases > 1 ? { tick_phase_ranges: rangesOf(runs) } : {};
      return {
        name: runs.name,
        verdict: runs.verdict,
        exit: policies.get(runs.name),
        digest,
        metrics,
        load,
        pages,
        reclaim,
        stalls,
        ...ranges,
        plan,
      };
    }),
    calibration: comparison.calibration ?? null,
    conclusion: comparison.conclusion ?? null,
  };
}

/** Exits alone have measured rows; who asks for none need not load what reads them. */
async function besideOf(
  resolved: ResolvedScenario,
  io: CommandIo,
): Promise<MeasuredBeside | undefined> {
  if (!isWorkload(resolved, "exit")) return undefined;
  const { measuredBeside } = await import("./compare-measured.ts");
  return measuredBeside(resolved, io);
}

export async function compareCommand(
  name: string | undefined,
  options: CompareOptions,
  io: CommandIo,
): Promise<void> {
  const workers = workersOption(options.workers);
  const resolved = await scenarioFromOptions(name, options, { "--out": options.out });
  io.signal.throwIfAborted();
  const { strategies, tick_phases } = resolved.scenario;
  const beside = options.calibration ? await besideOf(resolved, io) : undefined;
  const own_jobs = strategies.flatMap((strategy) => strategyJobs(resolved, strategy));
  const jobs = [...own_jobs, ...(beside?.jobs ?? [])];
  const results = await withProgress(io, "simulating", (onProgress) =>
    runJobs<WorkloadType>(jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const { generation } = resolved.scenario.machine;
  const judges = isWorkload(resolved, "exit") || isWorkload(resolved, "munmap");
  const runs = strategies.map((strategy, i): StrategyRuns<WorkloadType> => {
    return {
      name: strategy.name,
      ...(judges && { verdict: strategyVerdict(strategy, generation) }),
      ...(strategy.unsafe === true && { unsafe: true }),
      results: results.slice(i * tick_phases, (i + 1) * tick_phases),
    };
  });
  const judged = beside?.judge(results.slice(own_jobs.length));
  const { workload, load } = resolved.scenario;
  const ranks = ranksOf(workload.type, load.length > 0);
  const outside = outsideRange(resolved.profile, resolved.scenario.machine, resolved.vma_count);
  const comparison: ComparisonText<WorkloadType> = {
    subject: subjectOf(resolved),
    workload: workload.type,
    strategies: runs,
    calibration: judged,
    provenance: `alternating layout, machine of ${resolved.profile.name}`,
    conclusion: ranks && conclude(ranks, runs, outside),
  };
  const json = options.json === true;
  const text = json ? jsonText(comparisonJson(resolved, comparison)) : comparisonText(comparison);
  await deliver(io, options, text);
}
