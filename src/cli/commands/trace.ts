// `trace`: one strategy of a scenario with the series behind its figures, beside a measured trace.

import { runJobs } from "../../api/pool.ts";
import type { Trace } from "../../api/trace.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { InputError, quoteFound } from "../../errors.ts";
import { readText } from "../../files.ts";
import { heading } from "../../output/heading.ts";
import { jsonText } from "../../output/json.ts";
import { subjectOf } from "../../output/subject.ts";
import { wrap } from "../../output/table.ts";
import { traceSvg } from "../../output/trace-svg.ts";
import { batchLines } from "../../output/trace-text.ts";
import { writeFileAtomic } from "../../output/write-file.ts";
import { strategyJobs } from "../../scenario/resolve.ts";
import { readMeasuredTrace, traceCsv } from "../../trace/measured-trace.ts";
import { nearest } from "../../trace/overlay.ts";
import { parseTable } from "../../validate/table.ts";
import { deliver, refuseInputs } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { withProgress } from "../progress.ts";
import { scenarioFromOptions } from "../scenario.ts";
import { EVENTS_MAX, planTimelines, writeTimelines } from "../timelines.ts";
import type { TraceOptions } from "../usage/trace.ts";
import { numberOption, workersOption } from "../values.ts";

async function measuredTrace(file: string): Promise<Trace> {
  const text = await readText(file, "the measured trace", { recorded: true });
  const table = parseTable(text, file);
  const missing = ["kind", "t_ns"].find((column) => !table.header.includes(column));
  if (missing !== undefined) {
    throw new InputError({
      file,
      line: 1,
      problem: "not a trace",
      expected: `a column ${missing}`,
    });
  }
  return readMeasuredTrace(table);
}

/** Events of a timeline that nobody asked for otherwise. */
const EVENTS = "1000000";

/** An option that changes nothing without another one. Throws InputError. */
function refuseAlone(value: string, option: string, other: string, hint: string): never {
  throw new InputError({
    problem: `${option} without ${other}`,
    found: quoteFound(value),
    expected: `${other} as well`,
    hint,
  });
}

function refuseUseless({ tickPhases, measured, events, perfetto }: TraceOptions): void {
  if (tickPhases !== undefined && measured === undefined) {
    const hint = "of several tick phases the one next to a measured trace is shown";
    refuseAlone(tickPhases, "--tick-phases", "--measured", hint);
  }
  if (events !== undefined && perfetto === undefined) {
    refuseAlone(events, "--events", "--perfetto", "only a timeline has events");
  }
}

export async function traceCommand(
  name: string | undefined,
  options: TraceOptions,
  io: CommandIo,
): Promise<void> {
  const workers = workersOption(options.workers);
  const batches_max = numberOption("--batches", options.batches, 1, 10_000_000);
  const hands_max = numberOption("--samples", options.samples, 1, 1_000_000);
  const probe_flags = numberOption("--probes", options.probes, 0, 31);
  const events_max = numberOption("--events", options.events ?? EVENTS, 1, EVENTS_MAX);
  refuseUseless(options);
  const { out, svg, csv, perfetto } = options;
  const outputs = { "--out": out, "--svg": svg, "--csv": csv, "--perfetto": perfetto };
  const resolved = await scenarioFromOptions(name, options, outputs);
  await refuseInputs(outputs, [options.measured]);
  const measured =
    options.measured === undefined ? undefined : await measuredTrace(options.measured);
  io.signal.throwIfAborted();
  const strategy = resolved.scenario.strategies[0]!;
  const hand_every = Math.max(1, Math.floor(resolved.vma_count / hands_max));
  const timelines =
    options.perfetto === undefined
      ? undefined
      : await planTimelines(io, resolved, {
          file: options.perfetto,
          events_max,
          hand_every,
          probe_flags,
        });
  const request = { batches_max, hands_max: hands_max + 64, hand_every };
  const jobs = strategyJobs(resolved, strategy).map((job) => ({
    ...job,
    probe_flags,
    trace: request,
  }));
  const results: RunResult<WorkloadType>[] = await withProgress(io, strategy.name, (onProgress) =>
    runJobs(jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const traces = results.map((result) => result.trace!);
  const [best, apart] = measured === undefined ? [0, undefined] : nearest(measured, traces);
  const chosen = traces[best]!;
  const { tick_phase_ns } = jobs[best]!.machine;
  const title = `${resolved.scenario.title ?? resolved.scenario.name}, ${strategy.name}`;
  if (options.svg !== undefined) {
    await writeFileAtomic(options.svg, traceSvg(title, chosen, measured));
  }
  if (options.csv !== undefined) await writeFileAtomic(options.csv, traceCsv(chosen));
  const notes =
    timelines === undefined ? [] : await writeTimelines(io, timelines, tick_phase_ns, workers);
  const json = { format: "vma-teardown trace", version: 1, tick_phase_ns, apart, ...chosen };
  const lines = [
    ...heading(subjectOf(resolved)),
    "",
    `${strategy.name}, first tick at ${(tick_phase_ns / 1e6).toFixed(3)} ms:`,
    ...batchLines(chosen),
  ];
  if (measured !== undefined && apart !== undefined) {
    lines.push("", `Measured (${options.measured}):`, ...batchLines(measured));
    lines.push("", ...apartText(apart, traces.length));
  }
  const text = `${[...lines, ...notes].join("\n")}\n`;
  await deliver(io, options, options.json === true ? jsonText(json) : text);
}

/** How far a measured trace is from the nearest simulated one. */
function apartText(apart: number, phases: number): string[] {
  const share = `${(apart * 100).toFixed(1)} %`;
  const what = "the area between the curves of callbacks invoked";
  return wrap(`Apart by ${share}: ${what}, at the nearest of ${phases} tick phases.`, 80);
}
