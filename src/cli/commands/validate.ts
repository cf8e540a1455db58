// `validate`: measured rows beside simulated ones.

import { jobSpec } from "../../api/job.ts";
import { runJobs } from "../../api/pool.ts";
import { Engine } from "../../engine/engine.ts";
import { InputError, quoteFound } from "../../errors.ts";
import { readStdin, readText } from "../../files.ts";
import { jsonText } from "../../output/json.ts";
import { validateText } from "../../output/validate-text.ts";
import { profileFile } from "../../scenario/files.ts";
import { hintFor } from "../../scenario/suggest.ts";
import { KINDS } from "../../validate/kinds/index.ts";
import { profileSource } from "../../validate/profiles.ts";
import type { MetricRule } from "../../validate/rules.ts";
import { type MeasuredTable, parseTable } from "../../validate/table.ts";
import { judgeValidation, planValidation } from "../../validate/validate.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import { type CommandIo, ExitCode } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { ValidateOptions } from "../usage/validate.ts";
import { numberOption, workersOption } from "../values.ts";

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
  const [what, recorded] = ["measured rows", { recorded: true }] as const;
  if (name === "-") return parseTable(await readStdin("<stdin>", what, recorded), "<stdin>");
  return parseTable(await readText(name, what, recorded), name);
}

export async function validateCommand(options: ValidateOptions, io: CommandIo): Promise<ExitCode> {
  const phases = numberOption("--phases", options.phases, 1, 1024);
  const tolerance = parseTolerance(options.tolerance);
  const select = parseMetrics(options.metrics);
  const workers = workersOption(options.workers);
  await prepareDelivery(options, [
    ...options.data,
    options.profile && profileFile(options.profile),
  ]);
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
