// The engine's result record as metrics: picoseconds become nanoseconds, counts become numbers.

import { Config, Generation } from "../../assembly/abi/config.ts";
import { Metric } from "../../assembly/abi/metric.ts";
import type { RunMetrics } from "../api/types.ts";
import type { EngineMemory } from "./abi.ts";

const PS_PER_NS = 1000n;
const PAGE_BYTES = 4096;
/** Unit of the engine's sums of times: 1,024 ps, in seconds. */
const SUM_UNIT_SECONDS = 1.024e-9;

export function readMetrics(memory: EngineMemory): RunMetrics {
  const ns = (slot: Metric): number => Number(memory.metric(slot) / PS_PER_NS);
  const count = (slot: Metric): number => Number(memory.metric(slot));
  const locks = Number(memory.readConfig(Config.GENERATION)) === Generation.V6_12;
  const lock_bytes = locks ? Number(memory.readConfig(Config.LOCK_BYTES)) : 0;
  const object_bytes = Number(memory.readConfig(Config.VMA_BYTES)) + lock_bytes;
  const slab_bytes = PAGE_BYTES * 2 ** Number(memory.readConfig(Config.VMA_SLAB_ORDER));
  const dead_sum = memory.metric(Metric.FREE_TIME_SUM) - memory.metric(Metric.HAND_TIME_SUM);
  return {
    n_vma: count(Metric.N_VMA),
    exit_total_ns: ns(Metric.EXIT_TOTAL),
    unmap_vmas_ns: ns(Metric.UNMAP_VMAS),
    free_pgtables_ns: ns(Metric.FREE_PGTABLES),
    tlb_finish_ns: ns(Metric.TLB_FINISH),
    loop_ns: ns(Metric.LOOP),
    loop_start_ns: ns(Metric.LOOP_START),
    loop_end_ns: ns(Metric.LOOP_END),
    final_drain_ns: ns(Metric.FINAL_DRAIN),
    mt_destroy_ns: ns(Metric.MT_DESTROY),
    user_wait_latency_ns: ns(Metric.USER_WAIT_LATENCY),
    task_cpu_ns: ns(Metric.TASK_CPU),
    ctx_switches: count(Metric.CTX_SWITCHES),
    ncall_rcu: count(Metric.NCALL_RCU),
    call_rcu_sum_ns: ns(Metric.CALL_RCU_SUM),
    call_rcu_max_ns: ns(Metric.CALL_RCU_MAX),
    dead_peak: count(Metric.DEAD_PEAK),
    dead_peak_bytes: count(Metric.DEAD_PEAK) * object_bytes,
    dead_byte_seconds: Number(dead_sum) * SUM_UNIT_SECONDS * object_bytes,
    freed_at_loop_end: count(Metric.FREED_AT_LOOP_END),
    freed_at_end: count(Metric.FREED_AT_END),
    freed_final: count(Metric.FREED),
    last_free_ns: ns(Metric.LAST_FREE),
    gp_at_loop_end: count(Metric.GP_AT_LOOP_END),
    gp_at_last_free: count(Metric.GP_AT_LAST_FREE),
    rcu_batches: count(Metric.RCU_BATCHES),
    rcu_batches_softirq: count(Metric.RCU_BATCHES_SOFTIRQ),
    rcu_cbs: count(Metric.RCU_CBS),
    rcu_cbs_in_exit: count(Metric.RCU_CBS_IN_EXIT),
    rcu_batch_cpu_ns: ns(Metric.RCU_BATCH_CPU),
    rcu_batch_wall_ns: ns(Metric.RCU_BATCH_WALL),
    rcu_batch_in_exit_ns: ns(Metric.RCU_BATCH_IN_EXIT),
    rcu_batch_max_cbs: count(Metric.RCU_BATCH_MAX_CBS),
    rcu_batch_max_ns: ns(Metric.RCU_BATCH_MAX),
    group_cb_n: count(Metric.GROUP_CB_N),
    group_cb_max_ns: ns(Metric.GROUP_CB_MAX),
    group_cb_sum_ns: ns(Metric.GROUP_CB_SUM),
    callback_max_ns: ns(Metric.CALLBACK_MAX),
    softirq_max_ns: ns(Metric.SOFTIRQ_MAX),
    cpu_task_ns: ns(Metric.CPU_TASK),
    cpu_softirq_ns: ns(Metric.CPU_SOFTIRQ),
    cpu_kthread_ns: ns(Metric.CPU_KTHREAD),
    vma_slab_start_bytes: count(Metric.VMA_SLABS_START) * slab_bytes,
    vma_slab_end_bytes: count(Metric.VMA_SLABS_END) * slab_bytes,
    vma_slabs_discarded: count(Metric.VMA_SLABS_DISCARDED),
    slab_pages_rcu: count(Metric.SLAB_PAGES_RCU),
    slab_pages_done: count(Metric.SLAB_PAGES_DONE),
    slab_last_ns: ns(Metric.SLAB_LAST),
    gp_at_slab_last: count(Metric.GP_AT_SLAB_LAST),
    stranded_vmas: count(Metric.STRANDED_VMAS),
    lock_slabs_discarded: count(Metric.LOCK_SLABS_DISCARDED),
    memory_back_ns: ns(Metric.MEMORY_BACK),
    mmap_write_hold_ns: ns(Metric.MMAP_WRITE_HOLD),
    mmap_write_hold_max_ns: ns(Metric.MMAP_WRITE_HOLD_MAX),
    mmap_read_hold_ns: ns(Metric.MMAP_READ_HOLD),
    mmap_read_hold_max_ns: ns(Metric.MMAP_READ_HOLD_MAX),
    list_lock_acquisitions: count(Metric.LIST_LOCKS),
    list_lock_contended: count(Metric.LIST_LOCKS_CONTENDED),
    nocb_lock_acquisitions: count(Metric.NOCB_LOCKS),
    nocb_lock_contended: count(Metric.NOCB_LOCKS_CONTENDED),
    nocb_lock_wait_ns: ns(Metric.NOCB_LOCK_WAIT),
    bypass_lock_acquisitions: count(Metric.NOCB_BYPASS_LOCKS),
    bypass_lock_contended: count(Metric.NOCB_BYPASS_LOCKS_CONTENDED),
    bypass_lock_wait_ns: ns(Metric.NOCB_BYPASS_LOCK_WAIT),
    index_height: count(Metric.INDEX_HEIGHT),
    index_nodes: count(Metric.INDEX_NODES),
    nr_accounted_pages: count(Metric.NR_ACCOUNTED),
    events: count(Metric.EVENTS),
  };
}
