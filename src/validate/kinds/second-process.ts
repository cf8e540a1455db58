// Processes beside an exit or a munmap, on its CPU, that map and unmap a page of their own without end:
// how many the column `concurrent` says.

import type { LoadReport, LoadSpec } from "../../api/load.ts";
import type { Generation } from "../../api/types.ts";
import {
  type Comparison,
  exitMetrics,
  type MetricRule,
  type RowRuns,
  type RunsOfPhase,
} from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import type { Cell } from "./results-cell.ts";

export function isBeside(record: MeasuredRecord): boolean {
  return (record.figure("concurrent") ?? 0) > 0;
}

/** Passes without callbacks are cut up by nothing but another process. */
export function rangeBesideOthers({ record }: RowRuns): Comparison {
  return isBeside(record) ? "range" : "relative";
}

/** What these processes have had, if there were any. */
export function beside(name: string, figure: (runs: RunsOfPhase) => number): MetricRule {
  return {
    name,
    comparison: "range",
    claimed: true,
    tolerance: 0.15,
    applies: isBeside,
    simulated: figure,
  };
}

function reportOf([run]: RunsOfPhase): LoadReport {
  return run!.load![0]!;
}

/** The longest iteration that one of them had. */
export function longestIteration(runs: RunsOfPhase): number {
  return reportOf(runs).latency.max_ns;
}

/**
 * The parent ends the second process once all VMAs are free; where they are not when its wait is over, it
 * looks again every so often. [a row p4ci: it waits for 201.7 ms, the last VMA is free after 208.2 and iterations
 * add up to 222.0; in the two whose VMAs are free before, to the wait and an iteration]
 */
const LOOKS_EVERY_NS = 20_000_000;
/** An iteration of a process that has the CPU alone, about: see ROUNDS. */
const ALONE_NS = 235_000;

/** Iterations until the second process is ended: those of the run, and more with the CPU to itself. */
export function iterationsToEnd(runs: RunsOfPhase): number {
  const { user_wait_latency_ns: waits_ns, last_free_ns } = exitMetrics(runs);
  const { rounds } = reportOf(runs);
  if (last_free_ns <= waits_ns) return rounds;
  const alone_ns = LOOKS_EVERY_NS - ((last_free_ns - waits_ns) % LOOKS_EVERY_NS);
  return rounds + Math.floor(alone_ns / ALONE_NS);
}

/**
 * A round of the process beside the exit, ns, and the callbacks of an iteration of 16.
 * [6.12: derived from rows p4ci as they were before the exit: 2,795 iterations in 1,013,148,110 ns, in
 * 712,627,309 of which it had half the CPU, are 235,000 ns each; less what 48 callbacks take at 220 in a
 * softirq. Per round one VMA and two index nodes wait for a grace period. Its callbacks: 4,710,734 ns of batches over
 * 21,369 in the row of strategy direct are 220.4 each, 29.4 of which the batch takes itself]
 * [7.2: 2,000 iterations alone took 235,289 ns each in a boot of 7.2.13 of our own, 237,103 in one of 6.12.117;
 * less one callback: of 32 index nodes in a sheaf, as VMAs need none]
 */
const ROUNDS: Readonly<
  Record<Generation, Pick<LoadSpec, "work_ns" | "callbacks" | "callback_ns">>
> = {
  "6.12": { work_ns: 14_000, callbacks: 48, callback_ns: 191 },
  "7.2": { work_ns: 14_690, callbacks: 1 },
};

/** 16 rounds of mmap of a page, a touch, mprotect and munmap an iteration. */
function secondProcess(generation: Generation, tasks: number): LoadSpec {
  return {
    name: "second process",
    kind: "mapper",
    tasks,
    bound: true,
    cpus: [0],
    priority: 0,
    period_ns: 0,
    rounds: 16,
    ran_before: true,
    ...ROUNDS[generation],
  };
}

/** The processes of a cell, as a part of its job. */
export function loadOf({ concurrent, machine }: Cell): { load?: readonly LoadSpec[] } {
  return concurrent === 0 ? {} : { load: [secondProcess(machine.generation, concurrent)] };
}

export function besideWhat({ concurrent }: Cell): string {
  if (concurrent === 0) return "";
  return concurrent === 1 ? " beside a process that maps" : ` beside ${concurrent} that map`;
}
