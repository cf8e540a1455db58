// `sweep`: a grid of runs, where which strategy is best, and where they change places.

import { grouped, plural } from "../../output/format.ts";
import { jsonText } from "../../output/json.ts";
import { subjectOf } from "../../output/subject.ts";
import { writeFileAtomic } from "../../output/write-file.ts";
import { sweepCsv } from "../../sweep/csv.ts";
import { sweepJson } from "../../sweep/json.ts";
import { chosenMetrics, parseLimit } from "../../sweep/metrics.ts";
import { checkNumbers, checkPanels } from "../../sweep/panels.ts";
import { planSweep, type SweepPlan } from "../../sweep/plan.ts";
import { sweepSvg } from "../../sweep/svg.ts";
import { runSweep } from "../../sweep/sweep.ts";
import { sweepText } from "../../sweep/text.ts";
import { commandLine } from "../command-line.ts";
import { deliver, prepareFiles, refuseInputs } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { withProgress } from "../progress.ts";
import { overridesOf } from "../scenario.ts";
import type { SweepOptions } from "../usage/sweep.ts";
import { workersOption } from "../values.ts";

/** What is about to run, on standard error. */
function announce(io: CommandIo, plan: SweepPlan, found: number, journal?: string): void {
  if (io.quiet) return;
  const { points, strategies, tick_phases, runs } = plan;
  const most = strategies.length === 1 ? "1 strategy" : `${strategies.length} strategies`;
  const sizes = `${plural(points.length, "point")}, ${most}, ${plural(tick_phases, "tick phase")}`;
  const known = journal === undefined ? "" : `, of which ${journal} has ${grouped(found)}`;
  io.stderr(`vma-teardown: ${plural(runs, "run")} (${sizes})${known}\n`);
}

/** What `sweep` has besides the options of all simulations, as far as its figures hang on it. */
function sweepFlags({ vary, metrics, limit }: SweepOptions): string[] {
  return [
    ...vary.flatMap((one) => ["--vary", one]),
    ...(metrics === undefined ? [] : ["--metrics", metrics]),
    ...limit.flatMap((one) => ["--limit", one]),
  ];
}

export async function sweepCommand(
  name: string | undefined,
  options: SweepOptions,
  io: CommandIo,
): Promise<void> {
  const workers = workersOption(options.workers);
  const { out, csv, svg, html, journal, vary, maps } = options;
  const outputs = {
    "--out": out,
    "--csv": csv,
    "--svg": svg,
    "--html": html,
    "--journal": journal,
  };
  await prepareFiles(outputs);
  const { signal, engine } = io;
  const overrides = overridesOf(options);
  const plan = await withProgress(io, "planning", (onProgress) =>
    planSweep(name, { vary, overrides, maps, signal, engine, onProgress }),
  );
  await refuseInputs(outputs, plan.files);
  const metrics = chosenMetrics(options.metrics, plan);
  const limits = options.limit.map((argument) => parseLimit(argument, plan));
  if (svg !== undefined) checkNumbers(plan.grid);
  if (svg !== undefined || html !== undefined) checkPanels(plan.grid, metrics.length);
  const result = await withProgress(io, "simulating", (onProgress) =>
    runSweep(plan, {
      workers,
      signal,
      engine,
      onProgress,
      journal,
      metrics: metrics.map(({ metric }) => metric),
      onFound: (found) => announce(io, plan, found, journal),
    }),
  );
  const { grid, first } = plan;
  const subject = subjectOf(first);
  if (csv !== undefined) await writeFileAtomic(csv, sweepCsv(result), signal);
  if (svg !== undefined) {
    const title = subject.title ?? first.scenario.name;
    await writeFileAtomic(svg, await sweepSvg(grid, result, metrics, title), signal);
  }
  if (html !== undefined) {
    const { sweepPage } = await import("../../sweep/page.ts");
    const command = commandLine("sweep", name, options, sweepFlags(options));
    const text = await sweepPage(plan, result, { metrics, limits, command });
    await writeFileAtomic(html, text, signal);
  }
  const text =
    options.json === true
      ? jsonText(sweepJson(first, result, metrics, limits))
      : sweepText({ grid, result, subject, metrics, limits });
  await deliver(io, options, text);
}
