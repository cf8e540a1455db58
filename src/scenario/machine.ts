// The machine of a scenario, its kernel's defaults filled in.

import type { Generation, MachineConfig, MemoryConfig, SlabGeometry } from "../api/types.ts";
import { parseCpuList } from "./cpulist.ts";
import { defaultPreempt } from "./preempt.ts";
import type { ScenarioFile } from "./schema.ts";

/** Bytes of a vm_area_struct and of a vma_lock in a Debian cloud kernel. */
export const vmaBytes = (generation: Generation): number => (generation === "7.2" ? 192 : 176);
export const VMA_LOCK_BYTES = 40;

function memoryConfig({ ram, ...rest }: NonNullable<ScenarioFile["machine"]["memory"]>) {
  return { ...rest, ram_bytes: ram } satisfies MemoryConfig;
}

export function machineConfig(file: ScenarioFile["machine"]): MachineConfig {
  const {
    tick_phase,
    hrtick_latency,
    kworker_lag,
    ksoftirqd_lag,
    gp_kthread_lag,
    rcuog_lag,
    rcuop_lag,
    idle_before,
    slab,
    rcu_nocbs,
    nohz_full,
    rcu_kthread_cpus,
    memory,
    ...rest
  } = file;
  const kthread_cpus =
    rcu_kthread_cpus === undefined ? undefined : parseCpuList(rcu_kthread_cpus, file.cpus);
  const geometry = (
    { object_size, ...other }: typeof slab.vma_lock,
    bytes: number,
  ): SlabGeometry => ({ object_bytes: object_size ?? bytes, ...other });
  return {
    ...rest,
    preempt: file.preempt ?? defaultPreempt(file.generation),
    hrtick: file.hrtick ?? file.generation === "7.2",
    tick_phase_ns: tick_phase,
    hrtick_latency_ns: hrtick_latency,
    kworker_lag_ns: kworker_lag,
    ksoftirqd_lag_ns: ksoftirqd_lag,
    gp_kthread_lag_ns: gp_kthread_lag,
    rcuog_lag_ns: rcuog_lag,
    rcuop_lag_ns: rcuop_lag,
    idle_before_ns: idle_before,
    ...(memory === undefined ? {} : { memory: memoryConfig(memory) }),
    rcu_nocbs: parseCpuList(rcu_nocbs, file.cpus) ?? [],
    nohz_full: parseCpuList(nohz_full, file.cpus) ?? [],
    ...(kthread_cpus === undefined ? {} : { rcu_kthread_cpus: kthread_cpus }),
    slab: {
      vm_area_struct: geometry(slab.vm_area_struct, vmaBytes(file.generation)),
      vma_lock: geometry(slab.vma_lock, VMA_LOCK_BYTES),
      sheaf_capacity: slab.sheaf_capacity,
      allocation_order: slab.allocation_order,
      vmas_freed_before: slab.vmas_freed_before,
    },
  };
}
