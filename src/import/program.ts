// What one simulated thread does: steps of the workload mm, and the time between them.

import { formatCount, LimitError } from "../errors.ts";

/** As many as the workload plans for (src/scenario/workloads/mm.ts). */
const STEPS_MAX = 4_000_000;
const PAUSE_MAX_NS = 1_000_000_000_000;

/** Steps of all threads. */
export class StepBudget {
  #used = 0;

  take(file: string): void {
    this.#used++;
    if (this.#used <= STEPS_MAX) return;
    throw new LimitError({
      file,
      problem: "more steps than the workload mm holds",
      needed: this.#used,
      available: STEPS_MAX,
      unit: "steps",
      hint: "--first N takes the first N calls",
    });
  }
}

export class Program {
  readonly steps: string[] = [];
  readonly name: string;
  /** The address space it begins in, and whether a fork starts it. */
  readonly mm: string;
  readonly born: boolean;
  ended = false;
  /** Threads of the trace that it stands for and that live. */
  tasks = 0;
  /** Until when its time is told for. */
  at_ns: number;

  constructor(name: string, mm: string, born: boolean, at_ns: number) {
    this.name = name;
    this.mm = mm;
    this.born = born;
    this.at_ns = at_ns;
  }

  /** Sleeps up to a time of the trace. */
  sleepUntil(time_ns: number): void {
    const gap = time_ns - this.at_ns;
    if (gap <= 0) return;
    for (let left = gap; left > 0; left -= PAUSE_MAX_NS) {
      this.steps.push(`{pause: ${durationText(Math.min(left, PAUSE_MAX_NS))}}`);
    }
    this.at_ns = time_ns;
  }
}

function durationText(ns: number): string {
  if (ns % 1_000_000 === 0) return `${ns / 1_000_000}ms`;
  return ns % 1000 === 0 ? `${ns / 1000}us` : `${ns}ns`;
}

/** At most so many threads has the workload. */
const THREADS_MAX = 1000;

export function refuseThreads(file: string, threads: number): void {
  if (threads <= THREADS_MAX) return;
  throw new LimitError({
    file,
    problem: `more threads than the workload mm holds, after ${formatCount(THREADS_MAX)} of the trace`,
    needed: threads,
    available: THREADS_MAX,
    unit: "threads",
    hint: "--first N takes the first N calls",
  });
}

/** Copies of large address spaces that forks make while a trace is read. */
export function refuseCopies(file: string, vmas: number, available: number): void {
  if (vmas <= available) return;
  throw new LimitError({
    file,
    problem: "forks copy too many VMAs",
    needed: vmas,
    available,
    unit: "VMAs",
    hint: "--first N takes the first N calls",
  });
}
