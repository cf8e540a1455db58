// `validate`: measured rows beside simulated ones.

import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { jobSpec } from "../../api/job.ts";
import { runJobs } from "../../api/pool.ts";
import { Engine } from "../../engine/engine.ts";
import { InputError, quoteFound } from "../../errors.ts";
import { jsonText } from "../../output/json.ts";
import { validateText } from "../../output/validate-text.ts";
import { readProfile, readText } from "../../scenario/files.ts";
import { hintFor } from "../../scenario/suggest.ts";
import { parseMeasured } from "../../validate/csv.ts";
import { METRIC_RULES, type MetricRule } from "../../validate/metrics.ts";
import { judgeValidation, planValidation } from "../../validate/validate.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import { type CommandIo, ExitCode } from "../io.ts";
import {
  addOutputOptions,
  addWorkersOption,
  numberOption,
  type OutputOptions,
  workersOption,
} from "../options.ts";
import { withProgress } from "../progress.ts";

interface ValidateOptions extends OutputOptions {
  readonly data: string;
  readonly phases: string;
  readonly tolerance: string;
  readonly profile: string;
  readonly metrics: string;
  readonly workers?: string;
}

const readStdin = (): Promise<string> => text(process.stdin);

/** "10%" or "0.1" as a share. Throws InputError. */
export function parseTolerance(written: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(written.trim());
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new InputError({
    problem: "bad value of --tolerance",
    found: quoteFound(written),
    expected: "a share such as 10% or 0.1, at most 100%",
  });
}

/** Rules of "all", "claimed" or a list of metric names. Throws InputError. */
export function parseMetrics(written: string): readonly MetricRule[] {
  if (written === "all") return METRIC_RULES;
  if (written === "claimed") return METRIC_RULES.filter(({ claimed }) => claimed);
  const names = METRIC_RULES.map(({ name }) => name);
  return written.split(",").map((part) => {
    const name = part.trim();
    const rule = METRIC_RULES.find((one) => one.name === name);
    if (rule !== undefined) return rule;
    throw new InputError({
      problem: "bad value of --metrics",
      found: quoteFound(name),
      expected: "all, claimed, or names of metrics",
      hint: hintFor(name, ["all", "claimed", ...names]),
    });
  });
}

async function validate(options: ValidateOptions, io: CommandIo): Promise<ExitCode> {
  const phases = numberOption("--phases", options.phases, 1, 1024);
  const tolerance = parseTolerance(options.tolerance);
  const rules = parseMetrics(options.metrics);
  const workers = workersOption(options.workers);
  await prepareDelivery(options);
  const profile = await readProfile(options.profile);
  const file = options.data === "-" ? "<stdin>" : options.data;
  const data = options.data === "-" ? readStdin() : readText(file, "measured rows");
  const rows = parseMeasured(await data, file);
  const engine = io.engine ?? Engine;
  const plan = planValidation(rows, {
    profile,
    phases,
    tolerance,
    rules,
    plan: (job) => engine.plan(jobSpec(job)),
  });
  const results = await withProgress(io, "validating", (onProgress) =>
    runJobs(plan.jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const report = judgeValidation(plan, results);
  const document = options.json
    ? jsonText({
        format: "vma-teardown validation",
        version: 1,
        file,
        profile: profile.name,
        ...report,
      })
    : validateText(report, file);
  await deliver(io, options, document);
  return report.ok ? ExitCode.FINE : ExitCode.CHECK_FAILED;
}

export function addValidate(program: Command, io: CommandIo, exit: (code: ExitCode) => void): void {
  const command = program
    .command("validate")
    .description("simulate measured rows and print measured, simulated and error per metric")
    .requiredOption("--data <file.csv>", "measured rows, a CSV file; - for stdin")
    .option("--phases <count>", "tick phases to simulate each row at", "16")
    .option("--tolerance <share>", "largest error, such as 10%", "10%")
    .option("--profile <name|file>", "cost profile of the measured machine", "icount-6.12")
    .option("--metrics <names>", "all, claimed, or metrics separated by commas", "all");
  addWorkersOption(addOutputOptions(command))
    .addHelpText(
      "after",
      `
Exit code 1 when a figure misses its tolerance. Rows that cannot be expressed yet are listed with
the reason and do not count.

Examples:
  vma-teardown validate --data results.csv
  vma-teardown validate --data results.csv --metrics exit_total_ns,dead_peak --json`,
    )
    .action(async (options: ValidateOptions) => exit(await validate(options, io)));
}
