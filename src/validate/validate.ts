// Files of measured rows against the engine: which runs are needed, and what they say.

import { jobsAtTickPhases, type RunJob } from "../api/job.ts";
import type { RunResult, WorkloadType } from "../api/types.ts";
import { InputError } from "../errors.ts";
import { tickPhasesNs } from "../scenario/scenario.ts";
import { type Summary, summarize } from "../stats/quantiles.ts";
import type { Repeats } from "../stats/repeats.ts";
import { isPredicted } from "./derived.ts";
import { judge, type Verdict } from "./judge.ts";
import type { CaseStart, PlanContext, PlannedCase, RowKind } from "./kind.ts";
import { KINDS, kindsOf } from "./kinds/index.ts";
import { type RankReport, rankCells } from "./ranks.ts";
import { type Comparison, type MetricRule, measuredFigure, metricOf } from "./rules.ts";
import type { MeasuredRecord, MeasuredTable } from "./table.ts";
import { type RowWeights, weighRows } from "./weigh.ts";

export interface ValidateOptions extends PlanContext {
  /** Evenly spaced tick phases a row is simulated at. */
  readonly phases: number;
  /** Share: 0.1 is 10 %. */
  readonly tolerance: number;
  /** Which rules are judged; all by default. */
  readonly select?: (rule: MetricRule) => boolean;
  /** Says whether a run fits; throws InputError when it does not. */
  readonly plan: (job: RunJob<WorkloadType>) => unknown;
  readonly kinds?: readonly RowKind[];
}

export interface InexpressibleRow {
  readonly file: string;
  readonly id: string;
  readonly line: number;
  readonly kind: string;
  readonly reasons: readonly string[];
}

interface PlannedRow {
  readonly kind: RowKind;
  readonly key: string;
  /** More than one where the kind's rows are repeats of one measurement. */
  readonly records: MeasuredRecord[];
  readonly case: PlannedCase;
  /** Index of its first job; the jobs of a phase follow each other, those of other pasts come last. */
  readonly first_job: number;
}

/** Which runs files of measured rows need. Rows that are the same cell share their runs. */
export interface ValidationPlan {
  readonly jobs: readonly RunJob<WorkloadType>[];
  readonly rows: readonly PlannedRow[];
  readonly weights: RowWeights;
  readonly inexpressible: readonly InexpressibleRow[];
  readonly phases: number;
  readonly tolerance: number;
  readonly select: (rule: MetricRule) => boolean;
}

/** Why the engine refuses a run: what does not fit, or a number of the row that no machine has. */
function refusal(
  jobs: readonly RunJob<WorkloadType>[],
  plan: (job: RunJob<WorkloadType>) => unknown,
): string | undefined {
  try {
    for (const job of jobs) plan(job);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Tick phases at which a case is simulated: one for each draw, where it has several a phase. */
function phasesOf({ draws_a_phase = 1 }: PlannedCase, phases: number): number {
  return phases * draws_a_phase;
}

function begun(job: RunJob<WorkloadType>, { machine, load }: CaseStart = {}): RunJob<WorkloadType> {
  return {
    ...job,
    machine: { ...job.machine, ...machine },
    ...(job.load && { load: job.load.map((group) => ({ ...group, ...load })) }),
  };
}

/** A case's jobs at every tick phase: all of the first phase, all of the second, ... */
function phaseJobs(planned: PlannedCase, given_phases: number): RunJob<WorkloadType>[] {
  const { jobs, draws_a_phase, starts = [] } = planned;
  const phases = phasesOf(planned, given_phases);
  const at_phases = jobs.map((job) => jobsAtTickPhases(job, tickPhasesNs(phases, job.machine.hz)));
  return Array.from({ length: phases }, (_, phase) => {
    const more_seed = draws_a_phase === undefined ? 0n : BigInt(phase);
    return at_phases.map((list) => {
      const job = list[phase]!;
      return begun({ ...job, seed: job.seed + more_seed }, starts[phase % starts.length]);
    });
  }).flat();
}

class Planner {
  readonly jobs: RunJob<WorkloadType>[] = [];
  readonly rows: PlannedRow[] = [];
  readonly inexpressible: InexpressibleRow[] = [];
  readonly #options: ValidateOptions;
  readonly #first_jobs = new Map<string, number>();
  readonly #cells = new Map<string, PlannedRow>();

  constructor(options: ValidateOptions) {
    this.#options = options;
  }

  add(record: MeasuredRecord, kinds: readonly RowKind[]): void {
    const kind = kinds.find(({ claims }) => claims?.(record) ?? true);
    if (kind === undefined) {
      this.#refuse(record, kinds[0]!, [`none of ${kinds.map(({ name }) => name).join(", ")}`]);
      return;
    }
    // Figures that are none are bad input before anything is simulated.
    for (const rule of kind.rules) measuredFigure(rule, record);
    const planned = kind.plan(record, this.#options);
    if ("reasons" in planned) {
      this.#refuse(record, kind, planned.reasons);
      return;
    }
    const key = `${kind.name} ${planned.key}`;
    const cell = this.#cells.get(key);
    if (kind.repeats !== undefined && cell !== undefined) cell.records.push(record);
    else this.#addRow(record, kind, planned, key);
  }

  #refuse({ file, id, line }: MeasuredRecord, kind: RowKind, reasons: readonly string[]): void {
    this.inexpressible.push({ file, id, line, kind: kind.name, reasons });
  }

  #addRow(record: MeasuredRecord, kind: RowKind, planned: PlannedCase, key: string): void {
    let first_job = this.#first_jobs.get(key);
    if (first_job === undefined) {
      const reason = refusal(planned.jobs, this.#options.plan);
      if (reason !== undefined) {
        this.#refuse(record, kind, [reason]);
        return;
      }
      first_job = this.jobs.length;
      this.#first_jobs.set(key, first_job);
      for (const jobs of [planned.jobs, ...(planned.pasts ?? [])]) {
        this.jobs.push(...phaseJobs({ ...planned, jobs }, this.#options.phases));
      }
    }
    const row = { kind, key, records: [record], case: planned, first_job };
    this.#cells.set(key, row);
    this.rows.push(row);
  }
}

/**
 * Maps every row to its runs, or to the reasons why there are none. No row is dropped.
 * Throws InputError where a file lacks columns or holds figures that are none.
 */
export function planValidation(
  tables: readonly MeasuredTable[],
  options: ValidateOptions,
): ValidationPlan {
  const planner = new Planner(options);
  for (const table of tables) {
    const kinds = kindsOf(table, options.kinds ?? KINDS);
    for (const record of table.records) planner.add(record, kinds);
  }
  const { jobs, rows, inexpressible } = planner;
  const { phases, tolerance, select = () => true } = options;
  return { jobs, rows, weights: weighRows(rows), inexpressible, phases, tolerance, select };
}

export interface RowReport {
  readonly file: string;
  readonly id: string;
  readonly line: number;
  readonly kind: string;
  /** What the row is, in a few words. */
  readonly what: string;
  /** Which of several comparable cells it is: the strategy, for an exit. */
  readonly label: string;
  /** Absent where the workload has none. */
  readonly n_vma: number | undefined;
  /** Rows of the file that are repeats of this one, itself included. */
  readonly repeats: number;
  /** How many of these count: those made at the pace that the machine had most often. */
  readonly repeats_used: number;
  /** 16 hex digits of the first phase's first run. */
  readonly digest: string;
  /** No cost of the profile was derived from this row; undefined where the profile does not say. */
  readonly predicted: boolean | undefined;
  readonly verdicts: readonly Verdict[];
  readonly ok: boolean;
}

export interface MetricReport extends Summary {
  readonly metric: string;
  /** How its figures were compared, and how many each way. */
  readonly comparisons: Readonly<Partial<Record<Comparison, number>>>;
  /** Figures that miss their tolerance. */
  readonly misses: number;
}

/** Everything about the rows of one kind. */
export interface KindReport {
  readonly kind: string;
  readonly title: string;
  readonly rows: number;
  /** Which of several repeats was compared. */
  readonly repeats: Repeats | undefined;
  /** Errors are absolute shares. */
  readonly metrics: readonly MetricReport[];
  readonly ranks: readonly RankReport[];
}

/** Absolute errors of figures, and how many miss their tolerance. */
export type FiguresReport = Summary & { readonly misses: number };

export interface ValidationReport {
  readonly phases: number;
  readonly tolerance: number;
  readonly rows: readonly RowReport[];
  readonly kinds: readonly KindReport[];
  readonly overall: FiguresReport;
  /** The rows among them that are predictions, and their figures. */
  readonly predictions: FiguresReport & { readonly rows: number };
  readonly inexpressible: readonly InexpressibleRow[];
  /** Some figure was judged, and none is off. */
  readonly ok: boolean;
}

function metricReports(rows: readonly RowReport[], rules: readonly MetricRule[]): MetricReport[] {
  const all = rows.flatMap(({ verdicts }) => verdicts);
  return rules.flatMap(({ name }) => {
    const verdicts = all.filter(({ metric }) => metric === name);
    if (verdicts.length === 0) return [];
    const summary = summarize(verdicts.map(({ error }) => Math.abs(error)));
    const comparisons: Partial<Record<Comparison, number>> = {};
    for (const { comparison } of verdicts) {
      comparisons[comparison] = (comparisons[comparison] ?? 0) + 1;
    }
    const misses = verdicts.filter(({ ok }) => !ok).length;
    return [{ metric: name, ...summary, comparisons, misses }];
  });
}

function rowReport(
  { kind, records, case: planned, first_job }: PlannedRow,
  { weights, phases, tolerance, select }: ValidationPlan,
  results: readonly RunResult<WorkloadType>[],
): RowReport {
  const { file, id, line } = records[0]!;
  const runs = planned.jobs.length;
  const count = phasesOf(planned, phases);
  const ofPast = (past: number) =>
    Array.from({ length: count }, (_, phase) => {
      const first = first_job + (past * count + phase) * runs;
      return results.slice(first, first + runs);
    });
  const cell = { records, repeats: kind.repeats, weights };
  const pasts = (planned.pasts ?? []).map((_, other) => ofPast(1 + other));
  const simulated = { phases: ofPast(0), pasts };
  const verdicts = judge(cell, simulated, kind.rules.filter(select), tolerance);
  const first = simulated.phases[0]![0]!;
  return {
    file,
    id,
    line,
    kind: kind.name,
    what: planned.what,
    label: planned.label ?? "",
    n_vma: metricOf(first, "n_vma"),
    repeats: records.length,
    repeats_used: records.filter((record) => weights.get(record) !== 0).length,
    digest: first.digest,
    predicted: isPredicted(planned.jobs[0]!.profile, kind.name, id),
    verdicts,
    ok: verdicts.every((verdict) => verdict.ok),
  };
}

function kindReport(kind: RowKind, plan: ValidationPlan, all: readonly RowReport[]): KindReport {
  const indices = all.flatMap((_, i) => (plan.rows[i]!.kind === kind ? [i] : []));
  const rows = indices.map((i) => all[i]!);
  const ranked = indices.flatMap((i) => {
    const { label, group } = plan.rows[i]!.case;
    if (label === undefined || group === undefined) return [];
    const { id, verdicts } = all[i]!;
    return [{ label, group, what: id, verdicts }];
  });
  return {
    kind: kind.name,
    title: kind.title,
    rows: rows.length,
    repeats: kind.repeats,
    metrics: metricReports(rows, kind.rules),
    ranks: rankCells(ranked, kind.ranked_by ?? [], kind.ranking),
  };
}

function figuresReport(rows: readonly RowReport[]): FiguresReport {
  const verdicts = rows
    .flatMap((row) => row.verdicts)
    .filter(({ comparison }) => comparison !== "order");
  const misses = verdicts.filter(({ ok }) => !ok).length;
  return { ...summarize(verdicts.map(({ error }) => Math.abs(error))), misses };
}

/** What the results of a plan's jobs, in their order, say about its rows. */
export function judgeValidation(
  plan: ValidationPlan,
  results: readonly RunResult<WorkloadType>[],
): ValidationReport {
  const rows = plan.rows.map((row) => rowReport(row, plan, results));
  const kinds = [...new Set(plan.rows.map(({ kind }) => kind))];
  const overall = figuresReport(rows);
  const predicted = rows.filter(({ predicted }) => predicted === true);
  return {
    phases: plan.phases,
    tolerance: plan.tolerance,
    rows,
    kinds: kinds.map((kind) => kindReport(kind, plan, rows)),
    overall,
    predictions: { rows: predicted.length, ...figuresReport(predicted) },
    inexpressible: plan.inexpressible,
    ok: overall.count > 0 && overall.misses === 0,
  };
}
