// A file of measured rows against the engine: which runs are needed, and what they say.

import { jobsAtTickPhases, type RunJob } from "../api/job.ts";
import type { CostProfile, RunResult } from "../api/types.ts";
import { LimitError } from "../errors.ts";
import { tickPhasesNs } from "../scenario/scenario.ts";
import { presetStrategy } from "../scenario/strategies.ts";
import { type Summary, summarize } from "../stats/quantiles.ts";
import { type Cell, cellOf } from "./cells.ts";
import type { MeasuredRow } from "./csv.ts";
import { judge, type Verdict } from "./judge.ts";
import { METRIC_RULES, type MetricName, type MetricRule } from "./metrics.ts";

export interface ValidateOptions {
  readonly profile: CostProfile;
  /** Evenly spaced tick phases a row is simulated at. */
  readonly phases: number;
  /** Share: 0.1 is 10 %. */
  readonly tolerance: number;
  readonly rules?: readonly MetricRule[];
  /** Says whether a run fits; throws LimitError when it does not. */
  readonly plan: (job: RunJob) => unknown;
}

export interface InexpressibleRow {
  readonly id: string;
  readonly line: number;
  readonly reasons: readonly string[];
}

interface PlannedRow {
  readonly row: MeasuredRow;
  readonly strategy: string;
  /** Index of its first job; the row's jobs follow each other. */
  readonly first_job: number;
}

/** Which runs a file of measured rows needs. Rows that are the same cell share their runs. */
export interface ValidationPlan {
  readonly jobs: readonly RunJob[];
  readonly rows: readonly PlannedRow[];
  readonly inexpressible: readonly InexpressibleRow[];
  readonly phases: number;
  readonly tolerance: number;
  readonly rules: readonly MetricRule[];
}

function cellJob(cell: Cell, profile: CostProfile): RunJob {
  const found = presetStrategy(cell.strategy, cell.machine.hz);
  if ("hint" in found) throw new Error(`cell with unknown strategy ${cell.strategy}`);
  return {
    machine: cell.machine,
    space: { generate: "alternating", vma_count: cell.alternating_vmas, base_process: true },
    strategy: found.strategy,
    profile,
    seed: 1n,
    probe_flags: cell.probe_flags,
  };
}

function limitReason(job: RunJob, plan: (job: RunJob) => unknown): string | undefined {
  try {
    plan(job);
    return undefined;
  } catch (error) {
    if (error instanceof LimitError) return error.message;
    throw error;
  }
}

/** Maps every row to its runs, or to the reasons why there are none. No row is dropped. */
export function planValidation(
  rows: readonly MeasuredRow[],
  options: ValidateOptions,
): ValidationPlan {
  const jobs: RunJob[] = [];
  const planned: PlannedRow[] = [];
  const inexpressible: InexpressibleRow[] = [];
  const first_jobs = new Map<string, number>();
  for (const row of rows) {
    const refuse = (reasons: readonly string[]) =>
      inexpressible.push({ id: row.id, line: row.line, reasons });
    const mapped = cellOf(row);
    if ("reasons" in mapped) {
      refuse(mapped.reasons);
      continue;
    }
    const { cell } = mapped;
    let first_job = first_jobs.get(cell.key);
    if (first_job === undefined) {
      const job = cellJob(cell, options.profile);
      const reason = limitReason(job, options.plan);
      if (reason !== undefined) {
        refuse([reason]);
        continue;
      }
      first_job = jobs.length;
      first_jobs.set(cell.key, first_job);
      jobs.push(...jobsAtTickPhases(job, tickPhasesNs(options.phases, cell.machine.hz)));
    }
    planned.push({ row, strategy: cell.strategy, first_job });
  }
  const { phases, tolerance, rules = METRIC_RULES } = options;
  return { jobs, rows: planned, inexpressible, phases, tolerance, rules };
}

export interface RowReport {
  readonly id: string;
  readonly line: number;
  readonly strategy: string;
  readonly n_vma: number;
  readonly probe_flags: number;
  /** 16 hex digits of the first phase's run. */
  readonly digest: string;
  readonly verdicts: readonly Verdict[];
  readonly ok: boolean;
}

export interface MetricReport extends Summary {
  readonly metric: MetricName;
  /** Figures that miss their tolerance. */
  readonly misses: number;
}

export interface ValidationReport {
  readonly phases: number;
  readonly tolerance: number;
  readonly rows: readonly RowReport[];
  /** Errors are absolute shares. */
  readonly metrics: readonly MetricReport[];
  readonly overall: Summary & { readonly misses: number };
  readonly inexpressible: readonly InexpressibleRow[];
  readonly ok: boolean;
}

function metricReports(rows: readonly RowReport[], rules: readonly MetricRule[]): MetricReport[] {
  const all = rows.flatMap(({ verdicts }) => verdicts);
  return rules.flatMap(({ name }) => {
    const verdicts = all.filter(({ metric }) => metric === name);
    if (verdicts.length === 0) return [];
    const summary = summarize(verdicts.map(({ error }) => Math.abs(error)));
    return [{ metric: name, ...summary, misses: verdicts.filter(({ ok }) => !ok).length }];
  });
}

/** What the results of a plan's jobs, in their order, say about its rows. */
export function judgeValidation(
  plan: ValidationPlan,
  results: readonly RunResult[],
): ValidationReport {
  const { phases, tolerance, rules, inexpressible } = plan;
  const rows = plan.rows.map(({ row, strategy, first_job }): RowReport => {
    const runs = results.slice(first_job, first_job + phases);
    const verdicts = judge(row, runs, rules, tolerance);
    return {
      id: row.id,
      line: row.line,
      strategy,
      n_vma: runs[0]!.metrics.n_vma,
      probe_flags: row.flags,
      digest: runs[0]!.digest,
      verdicts,
      ok: verdicts.every((verdict) => verdict.ok),
    };
  });
  const verdicts = rows.flatMap((row) => row.verdicts);
  const misses = verdicts.filter(({ ok }) => !ok).length;
  return {
    phases,
    tolerance,
    rows,
    metrics: metricReports(rows, rules),
    overall: { ...summarize(verdicts.map(({ error }) => Math.abs(error))), misses },
    inexpressible,
    ok: misses === 0,
  };
}
