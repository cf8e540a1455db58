// One simulated machine: planned, loaded, run in slices, read out.

import { Config } from "../../assembly/abi/config.ts";
import { LoadAnswer, Metric, Region, RunState } from "../../assembly/abi/metric.ts";
import type { MemoryPlan, Progress, RunResult, RunSpec, WorkloadType } from "../api/types.ts";
import { formatCount, InputError, LimitError } from "../errors.ts";
import { checkColumns } from "../input/address-space.ts";
import { isBare, isCounted, withoutPages } from "../input/resident.ts";
import { firstPagesError } from "../litmus/fill.ts";
import { EngineMemory } from "./abi.ts";
import { checkShape } from "./check.ts";
import { checkGeometry, writeSpec } from "./config.ts";
import { checkFirstMemory } from "./first-memory.ts";
import { WASM32_BYTES } from "./linear-memory.ts";
import { readLoad } from "./load.ts";
import { outgrownError } from "./outgrown.ts";
import { readReclaim } from "./reclaim.ts";
import { readStalls } from "./stalls.ts";
import { readTrace } from "./trace.ts";
import {
  clockShare,
  loadedSpec,
  readWorkload,
  WORKLOAD_TYPES,
  workloadLoader,
} from "./workloads/workloads.ts";

/** What the engine's planner can count; far beyond what fits. */
const PLANNABLE_VMAS = 0x0fff_ffff;
/** Host time a slice takes, about; events between looks at the clock, which take a millisecond. */
const SLICE_MS = 10;
const SLICE_EVENTS = 4096;
/** Share of the work that is loading, for progress. */
const LOAD_SHARE = 0.4;

/** The largest number of VMAs below `too_many` whose plan fits one wasm32 memory. */
function mostThatFit(memory: EngineMemory, too_many: number): number {
  let fits = 0;
  for (let none = too_many; none - fits > 1; ) {
    const tried = Math.floor((fits + none) / 2);
    memory.writeConfig(Config.VMAS, BigInt(tried));
    const bytes = memory.plan(Region.COUNT).reduce((sum, size) => sum + size, 0);
    if (bytes <= WASM32_BYTES) fits = tried;
    else none = tried;
  }
  return fits;
}

/** What does not fit, and what would: fewer VMAs, or less of what takes most. */
function tooLarge(
  memory: EngineMemory,
  { space }: RunSpec<WorkloadType>,
  vmas: number,
  { regions, total_bytes }: Pick<MemoryPlan, "regions" | "total_bytes">,
): LimitError {
  const fits = mostThatFit(memory, Math.min(vmas, PLANNABLE_VMAS));
  if (vmas > PLANNABLE_VMAS && fits > 0) {
    const problem = "too many VMAs for one wasm32 memory";
    return new LimitError({ problem, needed: vmas, available: fits, unit: "VMAs" });
  }
  const { name, bytes } = regions.reduce((most, one) => (one.bytes > most.bytes ? one : most));
  // with their pages, which nobody has counted, fewer may fit
  const would_fit = `${isBare(space) ? "at most " : ""}${formatCount(fits)} VMAs would fit`;
  return new LimitError({
    problem: `${fits > 0 ? `${formatCount(vmas)} VMAs do` : "the run does"} not fit one wasm32 memory`,
    needed: total_bytes,
    available: WASM32_BYTES,
    unit: "bytes",
    hint: fits > 0 ? would_fit : `most of it is the region ${name}: ${formatCount(bytes)} bytes`,
  });
}

export interface EngineOptions {
  /** Another build of the engine, e.g. the debug build. */
  readonly module?: WebAssembly.Module;
}

export class Engine<W extends WorkloadType = "exit"> {
  #instance: EngineMemory | undefined;
  readonly #spec: RunSpec<W>;
  readonly #plan: MemoryPlan;
  #loaded = 0;
  #begun = false;
  #state: RunState = RunState.RUNNING;

  private constructor(memory: EngineMemory, spec: RunSpec<W>, plan: MemoryPlan) {
    this.#instance = memory;
    this.#spec = spec;
    this.#plan = plan;
  }

  /**
   * What the run would reserve; reserves nothing.
   * Throws LimitError with needed and available bytes when it does not fit one wasm32 memory,
   * InputError when `spec` is none.
   */
  static plan(spec: RunSpec<WorkloadType>): MemoryPlan {
    const memory = new EngineMemory();
    try {
      return Engine.#planIn(memory, spec);
    } finally {
      memory.release();
    }
  }

  /** Names of those metrics of a run that are one number, which need no run. Throws like `plan`. */
  static metricNames(spec: RunSpec<WorkloadType>): string[] {
    const memory = new EngineMemory();
    try {
      Engine.#planIn(memory, spec);
      const { metrics } = readWorkload(memory, spec);
      return Object.entries(metrics).flatMap(([name, value]) => {
        return typeof value === "number" ? [name] : [];
      });
    } finally {
      memory.release();
    }
  }

  /** Reserves memory and writes the configuration. Throws like `plan`. */
  static create<W extends WorkloadType = "exit">(
    spec: RunSpec<W>,
    options: EngineOptions = {},
  ): Engine<W> {
    const memory = new EngineMemory(options.module);
    const plan = Engine.#planIn(memory, spec);
    if (!memory.init()) {
      throw new LimitError({
        problem: "the host refused the memory that the run needs",
        needed: plan.total_bytes,
        available: memory.reserved_bytes,
        unit: "bytes",
        hint: "free memory, or simulate fewer VMAs",
      });
    }
    return new Engine(memory, loadedSpec(spec), plan);
  }

  get #memory(): EngineMemory {
    if (this.#instance === undefined) throw new Error("the run has been released");
    return this.#instance;
  }

  static #planIn(memory: EngineMemory, spec: RunSpec<WorkloadType>): MemoryPlan {
    checkShape(spec, WORKLOAD_TYPES);
    // What cannot fit even without pages is refused before anybody counts them.
    if (!isCounted(spec.space)) Engine.plan({ ...spec, space: withoutPages(spec.space) });
    const loaded = loadedSpec(spec);
    const vmas = loaded.space.vma_count;
    writeSpec(memory, loaded);
    if (vmas > PLANNABLE_VMAS) memory.writeConfig(Config.VMAS, BigInt(PLANNABLE_VMAS));
    const bytes = memory.plan(Region.COUNT);
    checkGeometry(memory);
    checkFirstMemory(memory, loaded);
    const regions = bytes.map((size, region) => ({
      name: Region[region]!.toLowerCase(),
      bytes: size,
    }));
    const total_bytes = bytes.reduce((sum, size) => sum + size, 0);
    if (total_bytes > WASM32_BYTES) throw tooLarge(memory, spec, vmas, { regions, total_bytes });
    return {
      regions,
      total_bytes,
      limit_bytes: WASM32_BYTES,
      bytes_per_vma: vmas === 0 ? 0 : total_bytes / vmas,
    };
  }

  /** Feeds the address space chunk by chunk; the machine is ready to run when it ends. */
  *loadChunks(): Generator<Progress> {
    const loader = workloadLoader(this.#spec);
    loader?.first?.(this.#memory);
    for (const chunk of this.#spec.space.chunks(this.#memory.staging_vmas)) {
      checkColumns(chunk, this.#loaded);
      loader?.see(chunk);
      const { length } = chunk;
      for (let from = 0; from < length; from += this.#memory.staging_vmas) {
        const to = Math.min(length, from + this.#memory.staging_vmas);
        this.#check(this.#memory.load(chunk, from, to));
        this.#loaded += to - from;
        yield this.progress();
      }
    }
    if (this.#loaded !== this.#spec.space.vma_count) {
      throw new InputError({
        problem: "the address space yields another number of VMAs than it says",
        found: `${this.#loaded}`,
        expected: `${this.#spec.space.vma_count}`,
      });
    }
    loader?.load(this.#memory);
    this.#memory.begin();
    this.#begun = true;
  }

  #check(answer: number): void {
    if (answer === LoadAnswer.NOT_ASCENDING) {
      throw new InputError({
        problem: "VMAs are empty, overlap or do not ascend",
        expected: "VMAs in ascending address order",
      });
    }
    if (answer === LoadAnswer.BEYOND_END) {
      throw new InputError({
        problem: "a VMA lies beyond 57-bit addresses",
        expected: "page numbers below 2^45",
      });
    }
    if (answer === LoadAnswer.HUGE_MISFIT) {
      throw new InputError({
        problem: "a VMA has huge pages that do not fit it",
        expected: "anonymous memory, and no more of them than whole 2 MiB blocks",
      });
    }
    if (answer === LoadAnswer.NO_MEMORY) {
      const { workload } = this.#spec as RunSpec<WorkloadType>;
      throw firstPagesError(workload?.type === "mm" ? workload.memory_pages : 0);
    }
    if (answer === LoadAnswer.TOO_MANY) {
      throw new InputError({
        problem: "the address space yields more VMAs than it says",
        expected: `${this.#spec.space.vma_count}`,
      });
    }
  }

  /**
   * How many of these pages lie in a VMA of the loaded address space, before it is torn down.
   * Pages are page numbers (address / 4096); any number of them.
   */
  countMapped(pages: Float64Array): number {
    const most = this.#memory.staging_vmas;
    let mapped = 0;
    for (let from = 0; from < pages.length; from += most) {
      mapped += this.#memory.lookUp(pages.subarray(from, from + most));
    }
    return mapped;
  }

  /**
   * Runs for some milliseconds of host time; true when the run is finished.
   * Throws LimitError where more waits for grace periods at once than was planned for.
   */
  runSlice(): boolean {
    const memory = this.#memory;
    if (!this.#begun) throw new Error("runSlice() before loadChunks() has come to its end");
    const end_ms = performance.now() + SLICE_MS;
    try {
      while (this.#state === RunState.RUNNING && performance.now() < end_ms) {
        this.#state = memory.run(SLICE_EVENTS);
      }
    } catch (trap) {
      throw outgrownError(memory, this.#plan) ?? trap;
    }
    return this.#state === RunState.FINISHED;
  }

  progress(): Progress {
    const vmas = Math.max(1, this.#spec.space.vma_count);
    const load_share = this.#spec.space.vma_count === 0 ? 0 : LOAD_SHARE;
    const running = this.#loaded === this.#spec.space.vma_count;
    const vmas_freed = running ? Number(this.#memory.metric(Metric.FREED)) : 0;
    const total = Math.max(1, Number(this.#memory.metric(Metric.PROGRESS_TOTAL)));
    const sim_ns = Number(this.#memory.metric(Metric.NOW) / 1000n);
    const counted = running ? Number(this.#memory.metric(Metric.PROGRESS)) / total : 0;
    const done = Math.min(1, Math.max(counted, clockShare(this.#spec, sim_ns)));
    return {
      phase: running ? "run" : "load",
      fraction: (load_share * this.#loaded) / vmas + (1 - load_share) * done,
      sim_ns,
      vmas_freed,
    };
  }

  /** Metrics and digest of a finished run. */
  result(): RunResult<W> {
    if (this.#state !== RunState.FINISHED) throw new Error("result() before the run has finished");
    return {
      ...readWorkload(this.#memory, this.#spec),
      ...readLoad(this.#memory, this.#spec),
      ...readReclaim(this.#memory, this.#spec),
      ...readStalls(this.#memory, this.#spec),
      ...(this.#spec.trace === undefined ? {} : { trace: readTrace(this.#memory, this.#spec) }),
      strategy: this.#spec.strategy.name,
      digest: this.#memory.metric(Metric.DIGEST).toString(16).padStart(16, "0"),
      plan: this.#plan,
    };
  }
  /**
   * The run is over or given up: the next run of this thread uses its memory, which saves half the time of
   * an exit. Every other call throws from now on; results that were read stay.
   */
  release(): void {
    this.#instance?.release();
    this.#instance = undefined;
  }
}
