// A tiny engine with the interface of the real one: its figures are plain arithmetic on the
// specification, so that golden texts do not move when the model does.

import type { EngineClass, EngineRun } from "../../src/api/engine-port.ts";
import type {
  MemoryPlan,
  Progress,
  RunMetrics,
  RunResult,
  RunSpec,
  WorkloadType,
} from "../../src/api/types.ts";
import { LimitError } from "../../src/errors.ts";

const LIMIT_BYTES = 65_535 * 65_536;
const BYTES_PER_VMA = 64;
const JIFFY_NS = 4_000_000;

export function fakePlan(spec: RunSpec<WorkloadType>): MemoryPlan {
  const vma_bytes = spec.space.vma_count * BYTES_PER_VMA;
  const total_bytes = vma_bytes + 65_536;
  if (total_bytes > LIMIT_BYTES) {
    throw new LimitError({
      problem: "run does not fit",
      needed: total_bytes,
      available: LIMIT_BYTES,
      unit: "bytes",
    });
  }
  const regions = [
    { name: "static", bytes: 65_536 },
    { name: "vmas", bytes: vma_bytes },
  ];
  return {
    regions,
    total_bytes,
    limit_bytes: LIMIT_BYTES,
    bytes_per_vma: total_bytes / spec.space.vma_count,
  };
}

function calls(spec: RunSpec<WorkloadType>, n: number): number {
  const { collect, drain, release } = spec.strategy.exit;
  if (release === "direct") return 0;
  if (collect === "none") return n;
  if (drain.when !== "size-over") return 1;
  return Math.ceil(n / (drain.vmas + 1));
}

/** Figures with the right proportions and no meaning. */
export function fakeMetrics(spec: RunSpec<WorkloadType>): RunMetrics {
  const n = spec.space.vma_count;
  const ncall_rcu = calls(spec, n);
  const direct = ncall_rcu === 0;
  const loop_ns = direct ? 480 * n : 200 * n + 85 * ncall_rcu;
  const loop_start_ns = 540 * n;
  const exit_total_ns = loop_start_ns + loop_ns + 40 * n;
  const last_free_ns = direct
    ? loop_start_ns + loop_ns
    : exit_total_ns + JIFFY_NS + spec.machine.tick_phase_ns;
  const dead_peak = direct ? 1 : n;
  return {
    n_vma: n,
    slab_pages_rcu: 0,
    slab_pages_done: 0,
    slab_last_ns: 0,
    gp_at_slab_last: 0,
    stranded_vmas: 0,
    exit_total_ns,
    unmap_vmas_ns: 340 * n,
    free_pgtables_ns: 200 * n,
    tlb_finish_ns: 2_000,
    loop_ns,
    loop_start_ns,
    loop_end_ns: loop_start_ns + loop_ns,
    final_drain_ns: 10,
    mt_destroy_ns: 40 * n,
    user_wait_latency_ns: exit_total_ns + 10_000,
    task_cpu_ns: exit_total_ns,
    ctx_switches: 0,
    ncall_rcu,
    call_rcu_sum_ns: 85 * ncall_rcu,
    call_rcu_max_ns: direct ? 0 : 85,
    dead_peak,
    dead_peak_bytes: dead_peak * 184,
    dead_byte_seconds: dead_peak * 184 * 0.01,
    freed_at_loop_end: direct ? n : 0,
    freed_at_end: direct ? n : 0,
    freed_final: n,
    last_free_ns,
    gp_at_loop_end: 0,
    gp_at_last_free: direct ? 0 : 1,
    rcu_batches: direct ? 0 : 1,
    rcu_batches_softirq: direct ? 0 : 1,
    rcu_cbs: ncall_rcu,
    rcu_cbs_in_exit: 0,
    rcu_batch_wall_ns: 0,
    rcu_batch_cpu_ns: 330 * ncall_rcu,
    rcu_batch_in_exit_ns: 0,
    rcu_batch_max_cbs: ncall_rcu,
    rcu_batch_max_ns: 330 * ncall_rcu,
    group_cb_n: 0,
    group_cb_max_ns: 0,
    group_cb_sum_ns: 0,
    callback_max_ns: direct ? 0 : Math.floor((330 * n) / ncall_rcu),
    softirq_max_ns: direct ? 900 : 330 * n,
    cpu_task_ns: exit_total_ns,
    cpu_softirq_ns: direct ? 0 : 330 * n,
    cpu_kthread_ns: 0,
    vma_slab_start_bytes: Math.ceil(n / 28) * 4096,
    vma_slab_end_bytes: 0,
    vma_slabs_discarded: Math.ceil(n / 28),
    lock_slabs_discarded: Math.ceil(n / 102),
    memory_back_ns: loop_ns,
    mmap_write_hold_ns: 2 * loop_ns,
    mmap_write_hold_max_ns: loop_ns,
    mmap_read_hold_ns: 3 * loop_ns,
    mmap_read_hold_max_ns: 2 * loop_ns,
    list_lock_acquisitions: 0,
    list_lock_contended: 0,
    nocb_lock_acquisitions: 0,
    nocb_lock_contended: 0,
    nocb_lock_wait_ns: 0,
    bypass_lock_acquisitions: 0,
    bypass_lock_contended: 0,
    bypass_lock_wait_ns: 0,
    index_height: 3,
    index_nodes: Math.ceil(n / 10),
    nr_accounted_pages: n,
    events: 2 * n,
  };
}

export interface FakeRun {
  readonly spec: RunSpec<WorkloadType>;
  slices: number;
  released: number;
}

/** An engine whose runs take `slices` slices; `runs` keeps a record of those created. */
export function fakeEngine(slices = 3): EngineClass & { readonly runs: FakeRun[] } {
  const runs: FakeRun[] = [];
  return {
    runs,
    plan: fakePlan,
    create<W extends WorkloadType = "exit">(spec: RunSpec<W>): EngineRun<W> {
      const run: FakeRun = { spec, slices: 0, released: 0 };
      runs.push(run);
      const progress = (fraction: number, phase: Progress["phase"]): Progress => {
        return { fraction, phase, sim_ns: 0, vmas_freed: 0 };
      };
      return {
        *loadChunks() {
          for (const _chunk of spec.space.chunks(65_536)) yield progress(0.5, "load");
        },
        runSlice() {
          // As long as a real slice takes, so that the event loop is given its turns.
          const end_ms = performance.now() + 15;
          while (performance.now() < end_ms);
          run.slices++;
          return run.slices >= slices;
        },
        progress: () => progress(0.5 + 0.5 * Math.min(1, run.slices / slices), "run"),
        result(): RunResult<W> {
          const result: RunResult = {
            workload: "exit",
            strategy: spec.strategy.name,
            metrics: fakeMetrics(spec),
            digest: spec.seed.toString(16).padStart(16, "0"),
            plan: fakePlan(spec),
          };
          return result as RunResult<W>; // it knows exits only
        },
        release(): void {
          run.released++;
        },
      };
    },
  };
}
