// The workload `exits` on the engine's side of the border.

import { Config, Workload } from "../../../assembly/abi/config.ts";
import { AsyncPut, ExitsMetric } from "../../../assembly/abi/exits.ts";
import { Metric } from "../../../assembly/abi/metric.ts";
import { reaperTasks } from "../../api/policy.ts";
import type { ExitsMetrics, ExitsWorkload, RunSpec } from "../../api/types.ts";
import type { EngineMemory } from "../abi.ts";
import { DEFAULT_MEMORY, KWORKERS_PER_CPU, writePages } from "../pages.ts";
import type { WorkloadPort } from "./port.ts";

const PS_PER_NS = 1000n;

const MODES: Record<ExitsWorkload["put"], AsyncPut> = {
  sync: AsyncPut.NEVER,
  async: AsyncPut.ALWAYS,
  "async-by-pages": AsyncPut.BY_PAGES,
  "async-by-vmas": AsyncPut.BY_VMAS,
  "async-encrypted": AsyncPut.ENCRYPTED,
};

function restartTasks({ restart_pages, restart_threads }: ExitsWorkload): number {
  return restart_pages === 0 ? 0 : restart_threads;
}

function write(memory: EngineMemory, workload: ExitsWorkload, spec: RunSpec<"exits">): void {
  writePages(memory, spec, workload.children, true);
  const write_slot = (slot: Config, value: number) => memory.writeConfig(slot, BigInt(value));
  write_slot(Config.EXITS_ASYNC, MODES[workload.put]);
  write_slot(Config.EXITS_ASYNC_MIN, workload.put_async_min);
  write_slot(Config.EXITS_ENCRYPTED, workload.encrypted);
  memory.writeConfig(Config.EXITS_PARENT_BUSY_PS, BigInt(workload.parent_busy_ns) * PS_PER_NS);
  memory.writeConfig(Config.EXITS_WORK_PS, BigInt(workload.work_ns) * PS_PER_NS);
  write_slot(Config.EXITS_RESTART_PAGES, workload.restart_pages);
  write_slot(Config.EXITS_RESTART_THREADS, restartTasks(workload));
  write_slot(Config.EXITS_HOLD_OOM, workload.hold_back_oom ? 1 : 0);
  write_slot(Config.EXITS_SPREAD, workload.placement === "spread" ? 1 : 0);
  memory.writeConfig(
    Config.WQ_CPU_INTENSIVE_THRESH_PS,
    BigInt(workload.cpu_intensive_thresh_ns) * PS_PER_NS,
  );
}

function read(memory: EngineMemory): ExitsMetrics {
  const count = (slot: ExitsMetric) => Number(memory.workloadMetric(slot));
  const ns = (slot: ExitsMetric) => Number(memory.workloadMetric(slot) / PS_PER_NS);
  return {
    wait_latency_first_ns: ns(ExitsMetric.WAIT_FIRST),
    wait_latency_min_ns: ns(ExitsMetric.WAIT_MIN),
    wait_latency_max_ns: ns(ExitsMetric.WAIT_MAX),
    last_wait_ns: ns(ExitsMetric.LAST_WAIT),
    memory_back_first_ns: ns(ExitsMetric.BACK_FIRST),
    memory_back_last_ns: ns(ExitsMetric.BACK_LAST),
    exit_mmap_count: count(ExitsMetric.EXIT_MMAPS),
    exit_mmap_first_start_ns: ns(ExitsMetric.FIRST_START),
    queued: count(ExitsMetric.QUEUED),
    queue_to_start_first_ns: ns(ExitsMetric.QUEUE_TO_START_FIRST),
    queue_to_start_last_ns: ns(ExitsMetric.QUEUE_TO_START_LAST),
    pages_out_at_last_wait: count(ExitsMetric.PAGES_OUT_AT_WAIT),
    work_wall_ns: ns(ExitsMetric.WORK),
    restart_ns: ns(ExitsMetric.RESTART),
    restart_pages: count(ExitsMetric.RESTART_PAGES),
    dead_peak: Number(memory.metric(Metric.DEAD_PEAK)),
    last_free_ns: Number(memory.metric(Metric.LAST_FREE) / PS_PER_NS),
    stranded_vmas: Number(memory.metric(Metric.STRANDED_VMAS)),
    callback_max_ns: Number(memory.metric(Metric.CALLBACK_MAX) / PS_PER_NS),
    cpu_softirq_ns: Number(memory.metric(Metric.CPU_SOFTIRQ) / PS_PER_NS),
    out_of_memory: count(ExitsMetric.OOM),
    oom_held_back_ns: ns(ExitsMetric.OOM_HELD_BACK),
    cpu_children_ns: ns(ExitsMetric.CPU_CHILDREN),
    cpu_parent_ns: ns(ExitsMetric.CPU_PARENT),
    cpu_kworkers_ns: ns(ExitsMetric.CPU_WORKERS),
    cpu_kfreepcp_ns: ns(ExitsMetric.CPU_KFREEPCP),
  };
}

export const EXITS_PORT: WorkloadPort<"exits"> = {
  id: Workload.EXITS,
  // children, parent, threads of the restarted process, workers, kfreepcp where the machine has it, what a strategy puts off
  extraTasks: (workload, { machine, strategy }) => {
    const patched = (machine.memory ?? DEFAULT_MEMORY).kfreepcp !== "inline";
    const processes = workload.children + 1 + restartTasks(workload);
    return (
      processes + reaperTasks(strategy) + (KWORKERS_PER_CPU + (patched ? 1 : 0)) * machine.cpus
    );
  },
  write,
  read,
};
