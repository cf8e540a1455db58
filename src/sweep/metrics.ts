// The metrics that a sweep shows: which ones, what they are called, and in which unit.

import type { WorkloadType } from "../api/types.ts";
import { InputError, quoteFound } from "../errors.ts";
import { columnTitle, type Unit } from "../output/strategy-table.ts";
import { ranksOf, textOfWorkload } from "../output/workload-texts.ts";
import { hintFor } from "../scenario/suggest.ts";
import { type Parsed, parseDurationNs, parseInteger, parseSizeBytes } from "../scenario/units.ts";

export interface SweepMetric {
  readonly metric: string;
  readonly unit: Unit;
  /** "exit total" */
  readonly name: string;
  /** "exit total, ms" */
  readonly label: string;
  /** What a conclusion says of the strategy that has least: "exits first". */
  readonly best: string;
}

/** Of a workload that ranks none: as many as fit beside each other. */
const UNRANKED_MAX = 4;

function unitOf(metric: string): Unit {
  if (metric === "dead_byte_seconds") return "MiB s";
  if (/_ns(_|$)/.test(metric)) return "ms";
  return /_bytes$/.test(metric) ? "MiB" : "count";
}

/** Rows of a comparison below another one say no unit, which that one has. */
const UNIT_ENDING = / MiB x s$|, (?:ns|us|ms|MiB)$/;
const UNIT_ENDINGS: Readonly<Partial<Record<Unit, string>>> = {
  us: ", us",
  ms: ", ms",
  MiB: ", MiB",
  "MiB s": " MiB x s",
};

/** A metric as the reports of its workload speak of it. */
function describe(workload: WorkloadType, metric: string): SweepMetric {
  const line = textOfWorkload<WorkloadType>(workload).lines.find((one) => one.metric === metric);
  const rank = ranksOf<WorkloadType>(workload, true)?.find((one) => one.metric === metric);
  const unit = line?.unit ?? rank?.unit ?? unitOf(metric);
  const plain = metric.replace(/_(?:ns|bytes|byte_seconds)(?=_|$)/, "").replaceAll("_", " ");
  const name = line?.label.trim().replace(UNIT_ENDING, "") ?? plain;
  const label = name + (UNIT_ENDINGS[unit] ?? "");
  return { metric, unit, name, label, best: rank?.best ?? columnTitle(name) };
}

/** What a comparison of the workload ranks, else the first of its rows. */
function defaults(workload: WorkloadType, has_bystanders: boolean): string[] {
  const ranks = ranksOf<WorkloadType>(workload, has_bystanders);
  if (ranks !== undefined) return ranks.map(({ metric }) => metric as string);
  const { lines } = textOfWorkload<WorkloadType>(workload);
  return lines.slice(0, UNRANKED_MAX).map(({ metric }) => metric as string);
}

/** As a plan has them. */
interface Subject {
  readonly workload: WorkloadType;
  readonly has_bystanders: boolean;
  readonly metrics: readonly string[];
}

/** Throws InputError where the runs have no such figure; `option` says who asks. */
export function checkMetric(name: string, option: string, { metrics, workload }: Subject): void {
  if (metrics.includes(name)) return;
  throw new InputError({
    problem: `bad value of ${option}`,
    found: quoteFound(name),
    expected: `a metric of the workload ${workload}`,
    hint: hintFor(name, metrics),
  });
}

/** `--metrics a,b`, or by default what a comparison ranks. Throws InputError. */
export function chosenMetrics(names: string | undefined, subject: Subject): SweepMetric[] {
  const list = names?.split(",").map((name) => name.trim());
  for (const name of list ?? []) checkMetric(name, "--metrics", subject);
  const chosen = new Set(list ?? defaults(subject.workload, subject.has_bystanders));
  return [...chosen].map((metric) => describe(subject.workload, metric));
}

export interface SweepLimit extends SweepMetric {
  /** In the unit of the metric's name: nanoseconds, bytes, a count. */
  readonly limit: number;
  /** As it was written. */
  readonly text: string;
}

/** With a unit, or without one in that of the metric's name. */
function parseLimitValue(metric: string, text: string): Parsed {
  const plain = parseInteger(text);
  if ("value" in plain) return plain;
  if (/_ns(_|$)/.test(metric)) return parseDurationNs(text);
  return /_bytes$/.test(metric) ? parseSizeBytes(text) : plain;
}

/** `--limit softirq_max_ns=10ms`. Throws InputError. */
export function parseLimit(argument: string, subject: Subject): SweepLimit {
  const equals = argument.indexOf("=");
  if (equals <= 0) {
    const expected = "a metric and a value, such as softirq_max_ns=10ms";
    const found = quoteFound(argument);
    throw new InputError({ problem: "--limit: no METRIC=VALUE", found, expected });
  }
  const metric = argument.slice(0, equals).trim();
  const text = argument.slice(equals + 1).trim();
  checkMetric(metric, "--limit", subject);
  const parsed = parseLimitValue(metric, text);
  if ("problem" in parsed) {
    const problem = `bad value of --limit ${metric}`;
    const expected = "a number such as 1000, 10ms or 64MiB, by what the metric counts";
    throw new InputError({ problem, found: quoteFound(text), expected, hint: parsed.problem });
  }
  return { ...describe(subject.workload, metric), limit: parsed.value, text };
}
