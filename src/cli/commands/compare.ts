// `compare`: all strategies of a scenario on one workload, and how far the model is right.

import { runJobs } from "../../api/pool.ts";
import type { WorkloadType } from "../../api/types.ts";
import { Engine } from "../../engine/engine.ts";
import { comparisonText } from "../../output/compare-text.ts";
import { comparisonOf } from "../../output/comparison.ts";
import { comparisonJson } from "../../output/comparison-json.ts";
import { jsonText } from "../../output/json.ts";
import { isWorkload, type ResolvedScenario } from "../../scenario/resolve.ts";
import { commandLine } from "../command-line.ts";
import { deliver } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { writePage } from "../page.ts";
import { withProgress } from "../progress.ts";
import { scenarioFromOptions } from "../scenario.ts";
import type { CompareOptions } from "../usage/compare.ts";
import { workersOption } from "../values.ts";
import type { MeasuredBeside } from "./compare-measured.ts";
import { ownRuns } from "./own-runs.ts";

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
  const { out, html } = options;
  const resolved = await scenarioFromOptions(name, options, { "--out": out, "--html": html });
  io.signal.throwIfAborted();
  const beside = options.calibration ? await besideOf(resolved, io) : undefined;
  const own = ownRuns(resolved, html !== undefined, io.engine ?? Engine);
  const jobs = [...own.jobs, ...(beside?.jobs ?? [])];
  const results = await withProgress(io, "simulating", (onProgress) =>
    runJobs<WorkloadType>(jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const judged = beside?.judge(results.slice(own.jobs.length));
  const comparison = comparisonOf(resolved, own.results(results), judged);
  if (html !== undefined) {
    const flags = options.calibration ? [] : ["--no-calibration"];
    const command = commandLine("compare", name, options, flags);
    await writePage(html, resolved, comparison, { command }, io);
  }
  const text = options.json
    ? jsonText(comparisonJson(resolved, comparison))
    : comparisonText(comparison);
  await deliver(io, options, text);
}
