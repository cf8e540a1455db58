// `validate`: measured rows beside simulated ones.

import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { jobSpec } from "../../api/job.ts";
import { runJobs } from "../../api/pool.ts";
import { Engine } from "../../engine/engine.ts";
import { InputError, quoteFound } from "../../errors.ts";
import { jsonText } from "../../output/json.ts";
import { validateText } from "../../output/validate-text.ts";
import { readText } from "../../scenario/files.ts";
import { hintFor } from "../../scenario/suggest.ts";
import { KINDS } from "../../validate/kinds/index.ts";
import { profileSource } from "../../validate/profiles.ts";
import type { MetricRule } from "../../validate/rules.ts";
import { type MeasuredTable, parseTable } from "../../validate/table.ts";
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
  readonly data: readonly string[];
  readonly phases: string;
  readonly tolerance: string;
  readonly profile?: string;
  readonly metrics: string;
  readonly workers?: string;
}

const readStdin = (): Promise<string> => text(process.stdin);

/** "10%" or "0.1" as a share. Throws InputError. */
function parseTolerance(written: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(written.trim());
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new InputError({
    problem: "bad value of --tolerance",
    found: quoteFound(written),
    expected: "a share such as 10% or 0.1, at most 100%",
  });
}

/** Which rules "all", "claimed" or a list of metric names select. Throws InputError. */
function parseMetrics(written: string): (rule: MetricRule) => boolean {
  if (written === "all") return () => true;
  if (written === "claimed") return ({ claimed }) => claimed === true;
  const names = KINDS.flatMap(({ rules }) => rules.map(({ name }) => name));
  const wanted = written.split(",").map((part) => part.trim());
  const stranger = wanted.find((name) => !names.includes(name));
  if (stranger === undefined) return ({ name }) => wanted.includes(name);
  throw new InputError({
    problem: "bad value of --metrics",
    found: quoteFound(stranger),
    expected: "all, claimed, or names of metrics",
    hint: hintFor(stranger, ["all", "claimed", ...new Set(names)]),
  });
}

async function readTable(name: string): Promise<MeasuredTable> {
  if (name === "-") return parseTable(await readStdin(), "<stdin>");
  return parseTable(await readText(name, "measured rows"), name);
}

async function validate(options: ValidateOptions, io: CommandIo): Promise<ExitCode> {
  const phases = numberOption("--phases", options.phases, 1, 1024);
  const tolerance = parseTolerance(options.tolerance);
  const select = parseMetrics(options.metrics);
  const workers = workersOption(options.workers);
  await prepareDelivery(options);
  const profile = await profileSource(options.profile);
  const tables = await Promise.all(options.data.map(readTable));
  const engine = io.engine ?? Engine;
  const plan = planValidation(tables, {
    profile,
    phases,
    tolerance,
    select,
    plan: (job) => engine.plan(jobSpec(job)),
  });
  const results = await withProgress(io, "validating", (onProgress) =>
    runJobs(plan.jobs, { workers, onProgress, signal: io.signal, engine: io.engine }),
  );
  const report = judgeValidation(plan, results);
  const files = tables.map(({ file }) => file);
  const profiles = [...new Set(plan.jobs.map(({ profile }) => profile.name))];
  const document = options.json
    ? jsonText({
        format: "vma-teardown validation",
        version: 2,
        files,
        profiles,
        ...report,
      })
    : validateText(report, files);
  await deliver(io, options, document);
  return report.ok ? ExitCode.FINE : ExitCode.CHECK_FAILED;
}

export function addValidate(program: Command, io: CommandIo, exit: (code: ExitCode) => void): void {
  const command = program
    .command("validate")
    .description("simulate measured rows and print measured, simulated and error per metric")
    .requiredOption("--data <file.csv...>", "measured rows, CSV files; - for stdin")
    .option("--phases <count>", "tick phases to simulate each row at", "16")
    .option("--tolerance <share>", "largest error, such as 10%", "10%")
    .option("--profile <name|file>", "cost profile instead of that of each row's kernel")
    .option("--metrics <names>", "all, claimed, or metrics separated by commas", "all");
  addWorkersOption(addOutputOptions(command))
    .addHelpText(
      "after",
      `
Exit code 1 when a figure misses its tolerance, or none could be judged. Rows that cannot be expressed
are listed with the reason and do not count.

Examples:
  vma-teardown validate --data results.csv rss.csv
  vma-teardown validate --data results.csv --metrics exit_total_ns,dead_peak --json`,
    )
    .action(async (options: ValidateOptions) => exit(await validate(options, io)));
}
