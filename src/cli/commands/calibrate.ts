// `calibrate`: a cost profile fitted to the user's own measurements.

import { basename } from "node:path";
import { runJobs } from "../../api/pool.ts";
import { type CalibrateOptions, calibrate, ROUNDS_MAX } from "../../calibrate/calibrate.ts";
import { baseFor, kernelOf, readData } from "../../calibrate/inputs/read.ts";
import { leaveOneOut, leaveOutValue, leaveOutValues } from "../../calibrate/leave-out.ts";
import type { LeaveOutKey, Observation } from "../../calibrate/observation.ts";
import { fittedProfile } from "../../calibrate/provenance.ts";
import { InputError, quoteFound } from "../../errors.ts";
import { readText } from "../../files.ts";
import { calibrateText, leaveOneOutText } from "../../output/calibrate-text.ts";
import { jsonText } from "../../output/json.ts";
import { profileFile, readProfile } from "../../scenario/files.ts";
import { deliver, prepareDelivery, refuseStdout } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { CalibrateCommandOptions } from "../usage/calibrate.ts";
import { numberOption, workersOption } from "../values.ts";

/** Ticks of instructions are a thousandth of a jiffy, those of a real machine far less. */
const PHASES = { instructions: 2, seconds: 1 };
/** What a VMA and its share of index and page tables take of a cache: 176 + 40 + 27 + 8 bytes. */
const BYTES_PER_VMA = 251;

function leaveOutKey(written: string, option: string): LeaveOutKey {
  if (written === "n" || written === "strategy") return written;
  throw new InputError({
    problem: `bad value of ${option}`,
    found: quoteFound(written),
    expected: "n or strategy",
  });
}

/** The observations that "n=32000" does not name. Throws InputError when it names none or all. */
function without(observations: readonly Observation[], written: string | undefined) {
  if (written === undefined) return observations;
  const [key = "", value = ""] = written.split("=");
  const by = leaveOutKey(key, "--leave-out");
  const kept = observations.filter((one) => leaveOutValue(one, by) !== value);
  if (kept.length < observations.length && kept.length > 0) return kept;
  throw new InputError({
    problem: "bad value of --leave-out",
    found: quoteFound(written),
    expected: `${by}= and one of ${leaveOutValues(observations, by).join(", ")}, not all there is`,
  });
}

/** Throws InputError: instructions and seconds have no common scale. */
function oneClock(observations: readonly Observation[]): boolean {
  const wall = observations.filter(({ wall_clock }) => wall_clock).length;
  if (wall === 0 || wall === observations.length) return wall > 0;
  throw new InputError({
    problem: "figures of two clocks",
    found: `${wall} in seconds, ${observations.length - wall} in instructions`,
    expected: "one clock in a calibration",
  });
}

export async function calibrateCommand(
  options: CalibrateCommandOptions,
  io: CommandIo,
): Promise<void> {
  const workers = workersOption(options.workers);
  const hz = numberOption("--hz", options.hz, 24, 1000);
  const traced_vmas =
    options.tracedVmas === undefined
      ? undefined
      : numberOption("--traced-vmas", options.tracedVmas, 1, 1_000_000_000);
  const one_out =
    options.leaveOneOut === undefined
      ? undefined
      : leaveOutKey(options.leaveOneOut, "--leave-one-out");
  refuseStdout("--out", options.out);
  await prepareDelivery(options, [...options.data, options.base && profileFile(options.base)]);
  const traced_kernel = kernelOf(options.kernel);
  const files = await Promise.all(
    options.data.map(async (file) => {
      return { file, text: await readText(file, "measurements", { recorded: true }) };
    }),
  );
  const base = await readProfile(options.base ?? baseFor(files, options.kernel));
  const data = readData(files, { base, traced_vmas, traced_kernel, hz });
  const observations = without(data.observations, options.leaveOut);
  if (observations.length === 0) {
    const found = data.unused.map(({ reason }) => reason).join("; ") || "none";
    throw new InputError({ file: options.data.join(", "), problem: "no figure to fit to", found });
  }
  const other_clock = oneClock(observations);
  const calibrateOptions = (onRound?: (round: number) => void): CalibrateOptions => ({
    base,
    run: (jobs) => runJobs(jobs, { workers, signal: io.signal, engine: io.engine }),
    phases: other_clock ? PHASES.seconds : PHASES.instructions,
    other_clock,
    bytes_per_vma: BYTES_PER_VMA,
    onRound,
  });
  if (one_out !== undefined) {
    const reports = await withProgress(io, "predicting", (onProgress) =>
      leaveOneOut(observations, one_out, calibrateOptions(), (i, n) => onProgress(i / n)),
    );
    const text = options.json
      ? jsonText({ format: "vma-teardown leave-one-out", version: 1, key: one_out, reports })
      : leaveOneOutText(one_out, reports);
    await deliver(io, {}, text);
    return;
  }
  const calibration = await withProgress(io, "calibrating", (onProgress) =>
    calibrate(
      observations,
      calibrateOptions((round) => onProgress((round + 1) / (ROUNDS_MAX + 1))),
    ),
  );
  const profile = fittedProfile(calibration, {
    name: options.name ?? basename(options.out ?? "fitted.json", ".json"),
    base,
    files: options.data.map((file) => basename(file)),
    machines: data.machines,
    date: new Date().toISOString().slice(0, 10),
    observations,
  });
  if (options.out !== undefined) await deliver(io, options, jsonText(profile));
  const { profile: _, ...fit } = calibration;
  const text = options.json
    ? jsonText({ format: "vma-teardown calibration", version: 1, profile, ...fit, ...data })
    : calibrateText(calibration, data, base.name, options.out);
  await deliver(io, {}, text);
}
