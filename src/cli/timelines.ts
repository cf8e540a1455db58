// `trace --perfetto`: all strategies of a scenario at one tick phase, side by side in one file.

import { jobSpec, type RunJob } from "../api/job.ts";
import { planRun } from "../api/plan-run.ts";
import { runJobs } from "../api/pool.ts";
import type { RunResult, TraceRequest, WorkloadType } from "../api/types.ts";
import { Engine } from "../engine/engine.ts";
import { grouped } from "../output/format.ts";
import { wrap } from "../output/table.ts";
import { writeFileAtomic } from "../output/write-file.ts";
import { type ResolvedScenario, strategyJobs } from "../scenario/resolve.ts";
import { type TracedRun, traceEventJson } from "../trace/trace-event-json.ts";
import type { CommandIo } from "./io.ts";
import { withProgress } from "./progress.ts";

/** Of 40 bytes each: what one memory holds beside a small run. */
export const EVENTS_MAX = 100_000_000;

export interface TimelineWishes {
  readonly file: string;
  readonly events_max: number;
  readonly hand_every: number;
  readonly probe_flags: number;
}

/** Runs whose timelines are wanted. */
export interface PlannedTimelines {
  readonly file: string;
  readonly title: string;
  readonly events_max: number;
  readonly jobs: readonly RunJob<WorkloadType>[];
}

/** Throws LimitError where a timeline does not fit beside its run, before anything has run. */
export async function planTimelines(
  io: CommandIo,
  resolved: ResolvedScenario,
  { file, events_max, hand_every, probe_flags }: TimelineWishes,
): Promise<PlannedTimelines> {
  const trace: TraceRequest = { batches_max: 0, hands_max: 0, hand_every, events_max };
  const jobs = resolved.scenario.strategies.map((strategy) => {
    const [first] = strategyJobs(resolved, strategy);
    return { ...first!, probe_flags, trace };
  });
  for (const job of jobs) await planRun(io.engine ?? Engine, jobSpec(job), io.signal);
  return { file, title: resolved.scenario.title ?? resolved.scenario.name, events_max, jobs };
}

/** Runs them at a tick phase and writes their file; answers what is to be said about it. */
export async function writeTimelines(
  io: CommandIo,
  { file, title, events_max, jobs }: PlannedTimelines,
  tick_phase_ns: number,
  workers: number | undefined,
): Promise<string[]> {
  const at_phase = jobs.map((job) => ({ ...job, machine: { ...job.machine, tick_phase_ns } }));
  const results: RunResult<WorkloadType>[] = await withProgress(io, "timelines", (onProgress) =>
    runJobs(at_phase, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const runs: TracedRun[] = results.map(({ trace, digest }, index) => {
    const { strategy, machine, profile, seed } = at_phase[index]!;
    return { strategy, machine, profile, seed, digest, timeline: trace!.timeline! };
  });
  await writeFileAtomic(file, traceEventJson(runs, title), io.signal);
  const names = runs.map(({ strategy }) => strategy.name).join(", ");
  const written = `Timeline of ${names}: ${file}. ui.perfetto.dev opens it.`;
  const full = runs.flatMap(({ strategy, timeline: { events_lost } }) => {
    if (events_lost === 0) return [];
    const enough = grouped(events_max + events_lost).replaceAll(",", "_");
    const lost = `${grouped(events_lost)} later events are not there (--events ${enough} keeps all)`;
    return wrap(`${strategy.name}: full, ${lost}.`);
  });
  return ["", ...wrap(written), ...full];
}
