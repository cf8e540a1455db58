// Runs the measuring program and collects what it prints. Node only.
//
// Every round measures all cells in turn, so that a slow spell of the machine falls on all of them. After
// the rounds that were asked for, more follow until every cell's typical time is known or time is up.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { InputError } from "../errors.ts";
import { paceWeights } from "../stats/pace.ts";
import { quantile } from "../stats/quantiles.ts";
import { typicalError, typicalOf, type WeightedTime } from "../stats/repeats.ts";
import type { Machine } from "./machine.ts";

export interface MeasureRequest {
  readonly sizes: readonly number[];
  /** Rounds at least. */
  readonly repeats: number;
  /** Time for further rounds while cells are not settled. */
  readonly seconds: number;
  /** 0: nothing touched; 1: every page written; 2: both. */
  readonly populate: 0 | 1 | 2;
  /** CPU to pin to; undefined pins nowhere. */
  readonly cpu: number | undefined;
  /** Refuse to measure elsewhere. */
  readonly must_pin?: boolean;
}

/** One child of the measuring program. */
export interface Sample {
  readonly n: number;
  readonly op: "exit" | "munmap";
  readonly populate: number;
  readonly rep: number;
  readonly build_ns_per_call: number;
  readonly munmap_ns: number;
  readonly exit_wait_ns: number;
}

export interface Measurement {
  readonly samples: readonly Sample[];
  /** False where the machine did not allow it, or nobody asked. */
  readonly pinned: boolean;
}

const LINE = /^(\d+),(exit|munmap),([01]),(\d+),(\d+),(\d+),(\d+)$/;

/** One line of the program. Throws Error for anything else. */
export function parseSample(line: string): Sample {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`the measuring program printed ${JSON.stringify(line)}`);
  const [n, populate, rep, build_ns_per_call, munmap_ns, exit_wait_ns] = [1, 3, 4, 5, 6, 7].map(
    (group) => Number(match[group]),
  );
  const op = match[2] as Sample["op"];
  return {
    n: n!,
    op,
    populate: populate!,
    rep: rep!,
    build_ns_per_call: build_ns_per_call!,
    munmap_ns: munmap_ns!,
    exit_wait_ns: exit_wait_ns!,
  };
}

/** How the program begins its complaint, see native/measure.c. */
const NOT_PINNED = "not pinned";

/** The CPUs that this process may use, as its status says it. */
async function cannotPin(cpu: number | undefined): Promise<InputError> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
  return new InputError({
    problem: "cannot pin to the CPU of --cpu",
    found: String(cpu),
    expected: `${allowed === undefined ? "" : `one of ${allowed}, or `}none`,
  });
}

interface Rounds {
  readonly program: string;
  readonly request: MeasureRequest;
  readonly signal: AbortSignal;
  readonly onSample: (sample: Sample) => void;
}

/** So many rounds of all cells; false where pinning was not allowed. */
async function rounds(count: number, { program, request, signal, onSample }: Rounds) {
  const { sizes, populate, cpu } = request;
  signal.throwIfAborted();
  const args = [cpu ?? -1, populate, count, ...sizes].map(String);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
    if (request.must_pin && errors.includes(NOT_PINNED)) child.kill();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // A failed start or an abort is reported by `ended`, which is awaited below.
  ended.catch(() => {});
  for await (const line of createInterface({ input: child.stdout })) onSample(parseSample(line));
  let code: number | null;
  try {
    code = await ended;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  if (request.must_pin && errors.includes(NOT_PINNED)) throw await cannotPin(cpu);
  if (code !== 0) {
    const found = errors.trim().split("\n").at(-1) ?? "";
    throw new InputError({ code: 3, problem: "the measuring program failed", found });
  }
  return !errors.includes(NOT_PINNED);
}

/**
 * Runs `program` as often as the request says; reports the share of it that is done. Rejects with the
 * signal's reason when aborted, with InputError (code 3) when the kernel refused something.
 */
export async function measure(
  program: string,
  request: MeasureRequest,
  options: { signal: AbortSignal; onProgress: (fraction: number) => void },
): Promise<Measurement> {
  const { sizes, repeats, seconds, populate, cpu } = request;
  const { signal, onProgress } = options;
  const samples: Sample[] = [];
  const round_vmas = sizes.reduce((sum, size) => sum + size, 0) * 2 * (populate === 2 ? 2 : 1);
  const start = performance.now();
  let done_vmas = 0;
  let first_rep = 0;
  // The share of the rounds asked for; then, from where these ended, that of the time.
  let fraction = (): number => done_vmas / (round_vmas * repeats);
  const onSample = (sample: Sample): void => {
    samples.push({ ...sample, rep: first_rep + sample.rep });
    done_vmas += sample.n;
    onProgress(Math.min(fraction(), 1));
  };
  const all = { program, request, signal, onSample };
  let pinned = await rounds(repeats, all);
  const asked = performance.now();
  const end = asked + seconds * 1000;
  fraction = () => (performance.now() - start) / (end - start);
  for (first_rep = repeats; performance.now() < end; first_rep++) {
    if (cellsOf(samples).every(isSettled)) break;
    pinned = (await rounds(1, all)) && pinned;
  }
  return { samples, pinned: cpu !== undefined && pinned };
}

/** Repeats of one size, operation and population in a line. */
export interface Cell {
  readonly n: number;
  readonly op: Sample["op"];
  readonly populate: number;
  readonly min_ns: number;
  /** Of the repeats at the common pace the middle half, averaged: what calibrate and validate go by. */
  readonly typical_ns: number;
  readonly median_ns: number;
  readonly repeats: number;
  /** Repeats made at the pace that the machine had most often (src/stats/pace.ts). */
  readonly repeats_used: number;
  /** Standard error of the typical time, as a share of it. */
  readonly noise: number;
}

/** A time known better than this is believed. */
export const NOISE_MAX = 0.03;

export const isSettled = ({ noise, repeats_used }: Cell): boolean =>
  repeats_used > 2 && noise <= NOISE_MAX;

/** The time that a sample is about. */
export function sampleNs({ op, munmap_ns, exit_wait_ns }: Sample): number {
  return op === "munmap" ? munmap_ns : exit_wait_ns;
}

/** Minimum, typical time and median of every cell, in the order of operation, population and size. */
export function cellsOf(samples: readonly Sample[]): Cell[] {
  const keyOf = ({ op, populate, n }: Sample) => `${op} ${populate} ${n}`;
  const weights = paceWeights(
    samples.map((sample) => {
      const { rep, build_ns_per_call: work_ns } = sample;
      return { cell: keyOf(sample), round: String(rep), work_ns };
    }),
  );
  const cells = new Map<string, { sample: Sample; times: WeightedTime[] }>();
  samples.forEach((sample, i) => {
    const cell = cells.get(keyOf(sample)) ?? { sample, times: [] };
    cells.set(keyOf(sample), cell);
    cell.times.push({ time_ns: sampleNs(sample), weight: weights?.[i] });
  });
  const list = [...cells.values()].map(({ sample: { n, op, populate }, times }): Cell => {
    const ns = times.map(({ time_ns }) => time_ns);
    return {
      n,
      op,
      populate,
      min_ns: quantile(ns, 0),
      typical_ns: typicalOf(times, "typical"),
      median_ns: quantile(ns, 0.5),
      repeats: times.length,
      repeats_used: times.filter(({ weight }) => weight !== 0).length,
      noise: typicalError(times),
    };
  });
  const order = ({ op, populate }: Cell) => (op === "munmap" ? 2 : 0) + populate;
  return list.toSorted((a, b) => order(a) - order(b) || a.n - b.n);
}

const COLUMNS =
  "n,op,populate,rep,build_ns_per_call,munmap_ns,exit_wait_ns,pinned,kernel,machine,date";

/** The CSV file that `validate` and `calibrate` read. */
export function measureCsv({ samples, pinned }: Measurement, machine: Machine): string {
  const about = [pinned ? 1 : 0, machine.kernel, machine.name, machine.date].join(",");
  const lines = samples.map(({ n, op, populate, rep, build_ns_per_call, ...times }) => {
    const figures = [build_ns_per_call, times.munmap_ns, times.exit_wait_ns];
    return [n, op, populate, rep, ...figures, about].join(",");
  });
  return `${[COLUMNS, ...lines].join("\n")}\n`;
}
