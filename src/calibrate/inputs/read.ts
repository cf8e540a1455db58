// The files that `calibrate` takes, told apart by what is in them.

import type { CostProfile, SlabGeometry } from "../../api/types.ts";
import { InputError, quoteFound } from "../../errors.ts";
import { nearestKernel, type RealKernel } from "../../validate/kinds/real-kernel.ts";
import { wallClockJob } from "../../validate/kinds/wall-clock.ts";
import { metricOf } from "../../validate/rules.ts";
import { parseTable } from "../../validate/table.ts";
import type { Observation, SimulatedObservation, SlabFacts } from "../observation.ts";
import { isFtrace, type TracedExit, tracedExits } from "./ftrace.ts";
import { rowObservations } from "./rows.ts";
import { isSlabinfo, slabFacts } from "./slabinfo.ts";
import { isTorture, tortureObservations } from "./torture.ts";

export interface DataFile {
  readonly file: string;
  readonly text: string;
}

export interface ReadOptions {
  readonly base: CostProfile;
  /** VMAs of the traced process, which a trace does not say. */
  readonly traced_vmas: number | undefined;
  /** The traced kernel, which a trace does not say either. */
  readonly traced_kernel: RealKernel;
  readonly hz: number;
}

export interface UnusedRows {
  readonly file: string;
  readonly reason: string;
  readonly rows: number;
}

export interface CalibrationData {
  readonly observations: readonly Observation[];
  readonly slabs: readonly SlabFacts[];
  readonly unused: readonly UnusedRows[];
  /** Machines, kernels and dates that rows name, each once. */
  readonly machines: readonly string[];
}

/** Tracing costs something on every function entered. */
const TRACE_SIGMA = 0.05;

/** The kernel of this release. Throws InputError for what is none. */
export function kernelOf(release: string, option = "--kernel"): RealKernel {
  const kernel = nearestKernel(release);
  if (kernel !== undefined) return kernel;
  throw new InputError({
    problem: `bad value of ${option}`,
    found: quoteFound(release),
    expected: "a kernel release such as 6.18 or 6.12.107",
  });
}

const isTable = ({ text }: DataFile): boolean =>
  !isSlabinfo(text) && !isTorture(text) && !isFtrace(text);

/** The profile whose kernel is nearest to that of the first row that names one, or to `release`. */
export function baseFor(files: readonly DataFile[], release: string): string {
  const named = files.filter(isTable).flatMap(({ text, file }) => {
    const first = parseTable(text, file).records[0]?.word("kernel") ?? "";
    return nearestKernel(first) === undefined || first === "" ? [] : [first];
  });
  return `icount-${kernelOf(named[0] ?? release).generation}`;
}

/** Rows of another kernel than the base's say nothing about its costs. */
function profileFor(base: CostProfile): (name: string) => CostProfile | undefined {
  return (name) => {
    const kernel = /^icount-(.+)$/.exec(name)?.[1];
    const other = kernel !== undefined && base.range?.generations.includes(kernel) === false;
    return other ? undefined : base;
  };
}

/** The slabs of the user's kernel, where slabinfo says so. */
function geometryOf(slabs: readonly SlabFacts[], cache: string): SlabGeometry | undefined {
  const facts = slabs.find((one) => one.cache === cache);
  if (facts === undefined) return undefined;
  const { object_bytes, objects_per_slab, pages_per_slab } = facts;
  const slab_order = Math.log2(pages_per_slab);
  return { object_bytes, objects_per_slab, slab_order, cpu_partial_slabs: -1, min_partial: -1 };
}

function tracedObservations(
  { file, text }: DataFile,
  { base, traced_vmas, traced_kernel }: ReadOptions,
): SimulatedObservation[] {
  const exits = tracedExits(text, file);
  if (traced_vmas === undefined) {
    const problem = "a trace does not say how many VMAs the process had";
    throw new InputError({ file, problem, expected: "--traced-vmas with their number" });
  }
  // Small programs exit as well while a trace runs; the process in question is the slowest.
  const exit = exits.reduce((slowest, one) =>
    one.exit_mmap_ns > slowest.exit_mmap_ns ? one : slowest,
  );
  const job = wallClockJob(
    { kernel: traced_kernel, op: "exit", vmas: traced_vmas, touched: false },
    base,
  );
  const phases: readonly (readonly [keyof TracedExit, string])[] = [
    ["exit_mmap_ns", "exit_total_ns"],
    ["unmap_vmas_ns", "unmap_vmas_ns"],
    ["free_pgtables_ns", "free_pgtables_ns"],
  ];
  return phases.flatMap(([traced, metric]): SimulatedObservation[] => {
    const measured_ns = exit[traced];
    if (measured_ns === undefined) return [];
    return [
      {
        source: `${file}:${exit.line}`,
        metric,
        measured_ns,
        wall_clock: true,
        sigma: TRACE_SIGMA,
        key: `trace ${traced_vmas}`,
        n: traced_vmas,
        strategy: job.strategy.name,
        jobs: [job],
        simulated: ([run]) => metricOf(run!, metric),
      },
    ];
  });
}

/** Runs on the slabs of the user's kernel. */
function withSlabs(observation: Observation, slabs: readonly SlabFacts[]): Observation {
  const vma = geometryOf(slabs, "vm_area_struct");
  if (!("key" in observation) || vma === undefined || !observation.wall_clock) return observation;
  const lock = geometryOf(slabs, "vma_lock");
  const jobs = observation.jobs.map((job) => {
    const { slab } = job.machine;
    const own = { ...slab, vm_area_struct: vma, vma_lock: lock ?? slab.vma_lock };
    return { ...job, machine: { ...job.machine, slab: own } };
  });
  return { ...observation, jobs };
}

/** Makes observations of all files. Throws InputError with file, line and column. */
export function readData(files: readonly DataFile[], options: ReadOptions): CalibrationData {
  const observations: Observation[] = [];
  const unused: UnusedRows[] = [];
  const machines = new Set<string>();
  const slabinfo = files.filter(({ text }) => isSlabinfo(text));
  if (slabinfo.length === 1 || slabinfo.length > 2) {
    const { file } = slabinfo.at(-1)!;
    const expected = "two: one before and one after the VMAs were made";
    throw new InputError({ file, problem: `${slabinfo.length} copies of slabinfo`, expected });
  }
  const slabs = slabinfo.length === 2 ? slabFacts(slabinfo[0]!, slabinfo[1]!) : [];
  for (const data of files) {
    if (isSlabinfo(data.text)) continue;
    if (isTorture(data.text)) {
      observations.push(...tortureObservations(data.text, data.file, options.hz));
    } else if (isFtrace(data.text)) observations.push(...tracedObservations(data, options));
    else {
      const table = parseTable(data.text, data.file);
      const rows = rowObservations(table, { profile: profileFor(options.base) });
      observations.push(...rows.observations);
      const reasons = new Map<string, number>();
      for (const { reasons: list } of rows.unused) {
        const reason = list.join("; ");
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      for (const [reason, count] of reasons) {
        unused.push({ file: data.file, reason, rows: count });
      }
      for (const record of table.records) {
        const about = ["machine", "kernel", "date"].map((name) => record.word(name));
        if (about[0] !== "") machines.add(about.filter((part) => part !== "").join(", "));
      }
    }
  }
  return {
    observations: observations.map((one) => withSlabs(one, slabs)),
    slabs,
    unused,
    machines: [...machines],
  };
}
