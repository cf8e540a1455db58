// `compare`: all strategies of a scenario on one workload, and how far the model is right.

import { jobSpec } from "../../api/job.ts";
import { runJobs } from "../../api/pool.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { Engine } from "../../engine/engine.ts";
import { strategyVerdict } from "../../litmus/verdict.ts";
import { type ComparisonText, comparisonText } from "../../output/compare-text.ts";
import { jsonText } from "../../output/json.ts";
import { figureNames, rangeOf, type StrategyRuns } from "../../output/strategy-table.ts";
import { isWorkload, type ResolvedScenario, strategyJobs } from "../../scenario/resolve.ts";
import { calibrationRows, measuredRows } from "../../validate/measured.ts";
import { judgeValidation, planValidation, type ValidationPlan } from "../../validate/validate.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { withProgress } from "../progress.ts";
import { scenarioFromOptions, subjectOf } from "../scenario.ts";
import type { CompareOptions } from "../usage/compare.ts";
import { workersOption } from "../values.ts";

const CALIBRATION_PHASES = 16;
const CALIBRATION_TOLERANCE = 0.1;

async function calibrationPlan(resolved: ResolvedScenario, io: CommandIo): Promise<ValidationPlan> {
  const names = resolved.scenario.strategies.map(({ name }) => name);
  const table = await measuredRows(resolved.profile.name);
  const engine = io.engine ?? Engine;
  return planValidation(table === undefined ? [] : [calibrationRows(table, names)], {
    profile: () => resolved.profile,
    phases: CALIBRATION_PHASES,
    tolerance: CALIBRATION_TOLERANCE,
    select: ({ claimed }) => claimed === true,
    plan: (job) => engine.plan(jobSpec(job)),
  });
}

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
  };
}

export async function compareCommand(
  name: string | undefined,
  options: CompareOptions,
  io: CommandIo,
): Promise<void> {
  const workers = workersOption(options.workers);
  await prepareDelivery(options);
  const resolved = await scenarioFromOptions(name, options);
  io.signal.throwIfAborted();
  const { strategies, tick_phases } = resolved.scenario;
  const calibrated = options.calibration && isWorkload(resolved, "exit");
  const plan = calibrated ? await calibrationPlan(resolved, io) : undefined;
  const own_jobs = strategies.flatMap((strategy) => strategyJobs(resolved, strategy));
  const jobs = [...own_jobs, ...(plan?.jobs ?? [])];
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
  // what follows the scenario's own jobs are the plan's, which are exits
  const measured = results.slice(own_jobs.length) as RunResult[];
  const judged = plan && judgeValidation(plan, measured);
  const comparison: ComparisonText<WorkloadType> = {
    subject: subjectOf(resolved),
    workload: resolved.scenario.workload.type,
    strategies: runs,
    calibration: judged,
    provenance: `alternating layout, machine of ${resolved.profile.name}`,
  };
  const json = options.json === true;
  const text = json ? jsonText(comparisonJson(resolved, comparison)) : comparisonText(comparison);
  await deliver(io, options, text);
}
