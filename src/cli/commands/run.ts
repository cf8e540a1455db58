// `run`: one strategy of a scenario, every metric.

import type { Command } from "commander";
import { runJobs } from "../../api/pool.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { jsonText } from "../../output/json.ts";
import { runText } from "../../output/run-text.ts";
import { type ResolvedScenario, strategyJobs } from "../../scenario/resolve.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import {
  addOutputOptions,
  addScenarioOptions,
  addWorkersOption,
  type OutputOptions,
  type ScenarioOptions,
  scenarioFromOptions,
  workersOption,
} from "../options.ts";
import { withProgress } from "../progress.ts";
import { subjectOf } from "../subject.ts";

interface RunOptions extends ScenarioOptions, OutputOptions {
  readonly workers?: string;
}

function runJson(resolved: ResolvedScenario, results: readonly RunResult<WorkloadType>[]): unknown {
  const { scenario, profile, origin, vma_count } = resolved;
  const { name, title, machine, workload, load, seed } = scenario;
  const address_space = { origin, vma_count };
  return {
    format: "vma-teardown run",
    version: 1,
    scenario: { name, title, machine, workload, load, seed, address_space },
    profile: { ...profile, costs: undefined },
    strategy: scenario.strategies[0],
    runs: results.map(({ digest, metrics, load, pages, reclaim, stalls, plan }) => {
      return { digest, metrics, load, pages, reclaim, stalls, plan };
    }),
  };
}

async function run(name: string | undefined, options: RunOptions, io: CommandIo): Promise<void> {
  const workers = workersOption(options.workers);
  await prepareDelivery(options);
  const resolved = await scenarioFromOptions(name, options);
  io.signal.throwIfAborted();
  const strategy = resolved.scenario.strategies[0]!;
  const jobs = strategyJobs(resolved, strategy);
  const results = await withProgress(io, strategy.name, (onProgress) =>
    runJobs(jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const text = options.json
    ? jsonText(runJson(resolved, results))
    : runText(subjectOf(resolved), { name: strategy.name, results });
  await deliver(io, options, text);
}

export function addRun(program: Command, io: CommandIo): void {
  const command = program
    .command("run")
    .description("simulate the first strategy of a scenario and print every metric");
  addWorkersOption(addOutputOptions(addScenarioOptions(command)))
    .addHelpText(
      "after",
      `
Examples:
  vma-teardown run node-server --strategies call_rcu
  vma-teardown run scenarios/node-server.yaml --seed 7 --tick-phases 16
  cat /proc/self/maps | vma-teardown run --maps - --strategies direct`,
    )
    .action((name: string | undefined, options: RunOptions) => run(name, options, io));
}
