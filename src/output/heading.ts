// What was simulated, in a few lines that stand above every table.

import type { CostProfile, MachineConfig, RcuTunables, WorkloadType } from "../api/types.ts";
import { outsideRange } from "../profile/range.ts";
import { KERNEL_RCU } from "../scenario/defaults.ts";
import { inUnit, plural } from "./format.ts";
import { wrap } from "./table.ts";

export interface Subject {
  readonly title: string | undefined;
  readonly workload: WorkloadType;
  readonly machine: MachineConfig;
  readonly profile: CostProfile;
  /** One sentence: what was simulated. */
  readonly what: string;
  readonly vma_count: number;
  readonly seed: bigint;
}

/** Parameters of kernel/rcu/update.c; all others are those of tree.c. */
const UPDATE_PARAMETERS: readonly string[] = ["rcu_expedited", "rcu_normal"];

function prefixOf(name: string): string {
  return UPDATE_PARAMETERS.includes(name) ? "rcupdate" : "rcutree";
}

/** RCU settings that are not the kernel's own, as kernel parameters. */
function tunedRcu(rcu: RcuTunables): string {
  const names = Object.keys(KERNEL_RCU) as (keyof RcuTunables)[];
  const tuned = names.filter((name) => rcu[name] !== KERNEL_RCU[name]);
  return tuned.map((name) => `, ${prefixOf(name)}.${name}=${rcu[name]}`).join("");
}

/** Offloaded CPUs as the boot parameter that asks for them. */
function offloading(machine: MachineConfig): string {
  const { cpus, rcu_nocbs = [], rcu_lazy, rcu_nocb_poll } = machine;
  if (rcu_nocbs.length === 0) return "";
  const list = rcu_nocbs.length === cpus ? "all" : rcu_nocbs.join(",");
  const poll = rcu_nocb_poll === true ? ", rcu_nocb_poll" : "";
  return `, rcu_nocbs=${list}${poll}${rcu_lazy === true ? ", RCU_LAZY" : ""}`;
}

/** Scheduling that is not the default, as boot parameters and configuration. */
function scheduling(machine: MachineConfig): string {
  const { nohz, nohz_full = [], preempt_rcu, rcu_kthread_cpus } = machine;
  const parts = [
    preempt_rcu === false ? "no PREEMPT_RCU" : undefined,
    nohz === false ? "nohz=off" : undefined,
    nohz_full.length > 0 ? `nohz_full=${nohz_full.join(",")}` : undefined,
    rcu_kthread_cpus === undefined ? undefined : `RCU kthreads on ${rcu_kthread_cpus.join(",")}`,
    machine.rcu_boost === true ? "RCU_BOOST" : undefined,
    machine.rcu_nocb_cpu_cb_boost === true ? "RCU_NOCB_CPU_CB_BOOST" : undefined,
  ];
  return parts.flatMap((part) => (part === undefined ? [] : [`, ${part}`])).join("");
}

export function machineText(machine: MachineConfig): string {
  const { generation, cpus, hz, preempt, tick_phase_ns, rcu, slab } = machine;
  const phase = tick_phase_ns === 0 ? "" : `, first tick at ${inUnit(tick_phase_ns, "ms", 3)} ms`;
  const lock = generation === "7.2" ? "" : ` + lock ${slab.vma_lock.object_bytes} B`;
  const sizes = `VMA ${slab.vm_area_struct.object_bytes} B${lock}`;
  return (
    `Linux ${generation}, ${plural(cpus, "CPU")}, HZ ${hz}, preempt ${preempt}${phase}, ` +
    `${sizes}${scheduling(machine)}${tunedRcu(rcu)}${offloading(machine)}`
  );
}

/** On which machine, at which costs. */
export function settingText({ machine, profile, seed }: Subject): string {
  return `${machineText(machine)}. Costs: ${profile.name} (${profile.title}). Seed ${seed}.`;
}

/** What was simulated, on which machine, at which costs. */
export function settingLines(subject: Subject): string[] {
  return [...wrap(subject.what), ...wrap(settingText(subject))];
}

/** The warning about figures that nothing measured stands behind; undefined where there are none. */
export function beyondText({ profile, machine, vma_count }: Subject): string | undefined {
  const outside = outsideRange(profile, machine, vma_count);
  if (outside.length === 0) return undefined;
  return `Beyond the profile's range, hence extrapolated: ${outside.join("; ")}.`;
}

/** Lines of at most 80 columns. */
export function heading(subject: Subject): string[] {
  const { title } = subject;
  return [
    ...(title === undefined ? [] : wrap(title)),
    ...settingLines(subject),
    ...wrap(beyondText(subject) ?? ""),
  ];
}
