// `run`: one strategy of a scenario, every metric.

import { runJobs } from "../../api/pool.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { Engine } from "../../engine/engine.ts";
import { comparisonOf } from "../../output/comparison.ts";
import { jsonText } from "../../output/json.ts";
import { runText } from "../../output/run-text.ts";
import { subjectOf } from "../../output/subject.ts";
import type { ResolvedScenario } from "../../scenario/resolve.ts";
import { commandLine } from "../command-line.ts";
import { deliver } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { writePage } from "../page.ts";
import { withProgress } from "../progress.ts";
import { scenarioFromOptions } from "../scenario.ts";
import type { RunOptions } from "../usage/run.ts";
import { workersOption } from "../values.ts";
import { ownRuns } from "./own-runs.ts";

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

export async function runCommand(
  name: string | undefined,
  options: RunOptions,
  io: CommandIo,
): Promise<void> {
  const workers = workersOption(options.workers);
  const { out, html } = options;
  const loaded = await scenarioFromOptions(name, options, { "--out": out, "--html": html });
  io.signal.throwIfAborted();
  const strategy = loaded.scenario.strategies[0]!;
  const resolved = { ...loaded, scenario: { ...loaded.scenario, strategies: [strategy] } };
  const own = ownRuns(resolved, html !== undefined, io.engine ?? Engine);
  const found = await withProgress(io, strategy.name, (onProgress) =>
    runJobs(own.jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const results = own.results(found);
  if (html !== undefined) {
    const command = commandLine("run", name, options);
    const comparison = comparisonOf(resolved, results);
    await writePage(html, resolved, comparison, { command, details: true }, io);
  }
  const text = options.json
    ? jsonText(runJson(resolved, results))
    : runText(subjectOf(resolved), { name: strategy.name, results });
  await deliver(io, options, text);
}
