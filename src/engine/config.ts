// A run's specification as the engine's configuration record and cost table.

import {
  AllocationOrder,
  Collect,
  Config,
  Drain,
  Generation,
  Preempt,
  Release,
} from "../../assembly/abi/config.ts";
import { CostSlot } from "../../assembly/abi/cost.ts";
import { munmapPolicy, policyProblem } from "../api/policy.ts";
import type {
  CostProfile,
  FreePolicy,
  MachineConfig,
  RcuTunables,
  RunSpec,
  SlabGeometry,
  WorkloadType,
} from "../api/types.ts";
import { InputError } from "../errors.ts";
import { effectivePs } from "../profile/effective.ts";
import { tickNs } from "../scenario/units.ts";
import type { EngineMemory } from "./abi.ts";
import { check } from "./check.ts";
import { checkStrategy } from "./check-policy.ts";
import { checkLoad, writeLoad } from "./load.ts";
import { writePages } from "./pages.ts";
import { writeTrace } from "./trace.ts";
import { writeWorkload } from "./workloads/workloads.ts";

const PS_PER_NS = 1000n;
/** How a value that the engine shall compute is written. */
const NONE = -1n;
/** What RCU's tree of two levels serves; scenarios go to 256. */
const CPUS_MAX = 1024;
/** Bits that the configuration record has for a list of CPUs. */
const LISTED_CPUS = 256;
const HZ_MAX = 1000;
/**
 * What the grace-period kthread is owed where nothing is said. Measured rows without offloading show
 * it preempt at its first wake; from 10 us to 1 ms they do not tell its size.
 */
const GP_KTHREAD_LAG_NS = 10_000;
/**
 * Index nodes in the CPU's main and spare sheaf, and in the one that fills for RCU, when a process of 7.2
 * begins to make its VMAs. Boots of 7.2.13 of our own had 5, 29 and 25 and replaced two nodes for things
 * that made no VMA.
 */
const NODE_SHEAVES = [3, 29, 27] as const;
/** What a scenario may ask for; more would change nothing. */
const VMAS_FREED_BEFORE_MAX = 10_000_000;

const PREEMPT: Record<MachineConfig["preempt"], Preempt> = {
  none: Preempt.NONE,
  voluntary: Preempt.VOLUNTARY,
  full: Preempt.FULL,
  lazy: Preempt.LAZY,
};

const COLLECT: Record<FreePolicy["collect"], Collect> = {
  none: Collect.NONE,
  "mm-list": Collect.MM_LIST,
  "private-list": Collect.PRIVATE_LIST,
  bulk: Collect.BULK,
  sheaf: Collect.SHEAF,
};

const RELEASE: Record<FreePolicy["release"], Release> = {
  direct: Release.DIRECT,
  "call-rcu": Release.CALL_RCU,
  typesafe: Release.TYPESAFE,
};

const INT_MAX = 2_147_483_647;

/** Least and largest value of each RCU setting; what -1 means is said in RcuTunables. */
export const RCU_RANGES: Readonly<Record<keyof RcuTunables, readonly [number, number]>> = {
  blimit: [1, INT_MAX],
  qhimark: [1, INT_MAX],
  qlowmark: [0, INT_MAX],
  qovld: [-1, INT_MAX],
  rcu_divisor: [0, 62],
  rcu_resched_ns: [0, Number.MAX_SAFE_INTEGER],
  jiffies_till_first_fqs: [-1, INT_MAX],
  jiffies_till_next_fqs: [-1, INT_MAX],
  jiffies_till_sched_qs: [-1, INT_MAX],
  use_softirq: [0, 1],
  rcu_nocb_gp_stride: [-1, INT_MAX],
  nocb_nobypass_lim_per_jiffy: [-1, INT_MAX],
  jiffies_lazy_flush: [-1, INT_MAX],
  kthread_prio: [0, 99],
  rcu_expedited: [0, 1],
  rcu_normal: [0, 1],
  rcu_normal_wake_from_gp: [-1, 1],
  rcu_cpu_stall_timeout: [0, INT_MAX],
  rcu_exp_cpu_stall_timeout: [0, INT_MAX],
  rcu_cpu_stall_suppress: [0, 1],
};

/** What the scenario reader has checked already, for those who write specifications themselves. */
function checkSpec(spec: RunSpec<WorkloadType>): void {
  const { machine, space, probe_flags } = spec;
  check("number of CPUs", machine.cpus, 1, CPUS_MAX);
  check("HZ", machine.hz, 1, HZ_MAX);
  check("exit CPU", machine.exit_cpu, 0, machine.cpus - 1);
  const [main, spare, waiting] = machine.node_sheaves ?? NODE_SHEAVES;
  check("index nodes in the main sheaf", main, 0, 31);
  check("index nodes in the spare sheaf", spare, 0, 32);
  check("index nodes in the sheaf for RCU", waiting, 0, 31);
  check("tick phase in ns", machine.tick_phase_ns, 0, Number.MAX_SAFE_INTEGER);
  check("number of VMAs", space.vma_count, 0, Number.MAX_SAFE_INTEGER);
  check("probe flags", probe_flags, 0, Number.MAX_SAFE_INTEGER);
  const listed = Math.min(machine.cpus, LISTED_CPUS);
  check("VMAs freed before", machine.slab.vmas_freed_before ?? 0, 0, VMAS_FREED_BEFORE_MAX);
  for (const cpu of machine.rcu_nocbs ?? []) check("offloaded CPU", cpu, 0, listed - 1);
  for (const cpu of machine.nohz_full ?? []) check("nohz_full CPU", cpu, 0, listed - 1);
  check("number of nohz_full CPUs", new Set(machine.nohz_full).size, 0, machine.cpus - 1);
  for (const cpu of machine.rcu_kthread_cpus ?? []) check("CPU for kthreads", cpu, 0, listed - 1);
  check("number of CPUs for kthreads", machine.rcu_kthread_cpus?.length ?? 1, 1, listed);
  for (const [name, [least, most]] of Object.entries(RCU_RANGES)) {
    check(`rcu.${name}`, machine.rcu[name as keyof RcuTunables], least, most);
  }
  checkLoad(spec);
}

/** What a strategy may not do: see policyProblem. Throws InputError. */
function checkPolicies({ strategy, machine }: RunSpec<WorkloadType>): void {
  const problem = policyProblem(strategy, machine.generation);
  if (problem === undefined) return;
  const { found, expected } = problem;
  throw new InputError({ problem: `strategy ${strategy.name} is not safe`, found, expected });
}

/** Writes configuration and costs. Throws InputError where policy or profile make no sense. */
export function writeSpec(memory: EngineMemory, spec: RunSpec<WorkloadType>): void {
  checkSpec(spec);
  checkStrategy(spec.strategy);
  writeMachine(memory, spec.machine);
  checkPolicies(spec);
  writePolicy(memory, Config.EXIT_COLLECT, spec.strategy.exit);
  writePolicy(memory, Config.MUNMAP_COLLECT, munmapPolicy(spec.strategy));
  memory.writeConfig(Config.VMAS, BigInt(spec.space.vma_count));
  memory.writeConfig(Config.SEED, spec.seed);
  memory.writeConfig(Config.PROBE_FLAGS, BigInt(spec.probe_flags));
  writePages(memory, spec);
  writeTrace(memory, spec);
  writeWorkload(memory, spec);
  writeLoad(memory, spec);
  writeCosts(memory, spec);
}

function writeCosts(memory: EngineMemory, { profile, machine, space }: RunSpec<WorkloadType>) {
  for (let slot = 0; slot < CostSlot.COUNT; slot++) {
    const name = CostSlot[slot]!.toLowerCase();
    const ps = effectivePs(profile, name, space.vma_count);
    if (ps === undefined) {
      throw new InputError({
        problem: `cost profile ${profile.name} lacks a cost`,
        found: "nothing",
        expected: name,
      });
    }
    if (slot === CostSlot.TICK) checkTick(profile, ps, machine.hz);
    memory.writeCost(slot, ps);
  }
}

/** A CPU whose ticks take a jiffy each never gets to anything else: such a run has no end. */
function checkTick({ name }: CostProfile, ps: bigint, hz: number): void {
  const jiffy_ps = tickPs(hz);
  if (ps < jiffy_ps) return;
  throw new InputError({
    problem: `with the cost profile ${name} a CPU has no time between ticks`,
    found: `${ps} ps a tick`,
    expected: `less than a jiffy, ${jiffy_ps} ps at HZ ${hz}`,
  });
}

const tickPs = (hz: number): bigint => BigInt(tickNs(hz)) * PS_PER_NS;

/** Objects that a CPU's partial list may hold at most, whatever their size (mm/slub.c, 6.12). */
const CPU_PARTIAL_OBJECTS = 120;

/** Checks slab geometry once the engine has filled in what was left to the kernel. */
export function checkGeometry(memory: EngineMemory): void {
  const caches = { vm_area_struct: Config.VMA_BYTES, vma_lock: Config.LOCK_BYTES };
  for (const [cache, first] of Object.entries(caches)) {
    const objects_per_slab = Number(memory.readConfig(first + 1));
    const most = Math.ceil((2 * CPU_PARTIAL_OBJECTS) / objects_per_slab);
    check(`cpu_partial_slabs of slab.${cache}`, Number(memory.readConfig(first + 3)), 0, most);
  }
}

function writeMachine(memory: EngineMemory, machine: MachineConfig): void {
  const write = (slot: Config, value: number): void =>
    memory.writeConfig(slot, value < 0 ? NONE : BigInt(value));
  const period_ps = tickPs(machine.hz);
  const newer = machine.generation === "7.2";
  write(Config.GENERATION, newer ? Generation.V7_2 : Generation.V6_12);
  write(Config.SHEAF_CAPACITY, machine.slab.sheaf_capacity ?? -1);
  write(Config.VMAS_FREED_BEFORE, machine.slab.vmas_freed_before ?? 0);
  write(Config.CPUS, machine.cpus);
  write(Config.HZ, machine.hz);
  memory.writeConfig(Config.TICK_PHASE_PS, (BigInt(machine.tick_phase_ns) * PS_PER_NS) % period_ps);
  write(Config.EXIT_CPU, machine.exit_cpu);
  writeScheduling(memory, write, machine);
  const { rcu } = machine;
  write(Config.BLIMIT, rcu.blimit);
  write(Config.QHIMARK, rcu.qhimark);
  write(Config.QLOWMARK, rcu.qlowmark);
  write(Config.QOVLD, rcu.qovld);
  write(Config.RCU_DIVISOR, rcu.rcu_divisor);
  memory.writeConfig(Config.RCU_RESCHED_PS, BigInt(rcu.rcu_resched_ns) * PS_PER_NS);
  write(Config.JIFFIES_TILL_FIRST_FQS, rcu.jiffies_till_first_fqs);
  write(Config.JIFFIES_TILL_NEXT_FQS, rcu.jiffies_till_next_fqs);
  write(Config.JIFFIES_TILL_SCHED_QS, rcu.jiffies_till_sched_qs);
  write(Config.RCU_EXPEDITED, rcu.rcu_expedited);
  write(Config.RCU_CPU_STALL_TIMEOUT, rcu.rcu_cpu_stall_timeout);
  write(Config.RCU_EXP_CPU_STALL_TIMEOUT, rcu.rcu_exp_cpu_stall_timeout);
  write(Config.RCU_CPU_STALL_SUPPRESS, rcu.rcu_cpu_stall_suppress);
  write(Config.RCU_NORMAL, rcu.rcu_normal);
  write(Config.RCU_NORMAL_WAKE_FROM_GP, rcu.rcu_normal_wake_from_gp);
  writeOffloading(memory, write, machine);
  writeSlab(write, Config.VMA_BYTES, machine.slab.vm_area_struct);
  writeSlab(write, Config.LOCK_BYTES, machine.slab.vma_lock);
  const random = machine.slab.allocation_order === "random";
  write(Config.ALLOCATION_ORDER, random ? AllocationOrder.RANDOM : AllocationOrder.ADDRESS);
}

/** A list of CPUs as 256 bits in four slots. */
function writeCpus(memory: EngineMemory, first: Config, cpus: readonly number[]): void {
  const bits = [0n, 0n, 0n, 0n];
  for (const cpu of cpus) bits[cpu >> 6]! |= 1n << BigInt(cpu & 63);
  bits.forEach((word, index) => {
    memory.writeConfig(first + index, word);
  });
}

function writeScheduling(
  memory: EngineMemory,
  write: (slot: Config, value: number) => void,
  machine: MachineConfig,
): void {
  const { cpus, nohz_full = [], rcu } = machine;
  write(Config.PREEMPT, PREEMPT[machine.preempt]);
  write(Config.PREEMPT_RCU, machine.preempt_rcu === false ? 0 : 1);
  write(Config.HRTICK, machine.hrtick === true ? 1 : 0);
  write(Config.HRTICK_LATENCY_PS, (machine.hrtick_latency_ns ?? 0) * 1000);
  const [main, spare, waiting] = machine.node_sheaves ?? NODE_SHEAVES;
  write(Config.NODES_MAIN, main);
  write(Config.NODES_SPARE, spare);
  write(Config.NODES_RCU, waiting);
  write(Config.CPUS_IN_TURN, machine.cpus_in_turn === true ? 1 : 0);
  write(Config.TICK_LATENESS_DRAWN, machine.tick_lateness === "drawn" ? 1 : 0);
  write(Config.KWORKER_LAG_PS, (machine.kworker_lag_ns ?? 0) * 1000);
  write(Config.KSOFTIRQD_LAG_PS, (machine.ksoftirqd_lag_ns ?? 0) * 1000);
  write(Config.GP_KTHREAD_LAG_PS, (machine.gp_kthread_lag_ns ?? GP_KTHREAD_LAG_NS) * 1000);
  write(Config.RCUOG_LAG_PS, (machine.rcuog_lag_ns ?? 0) * 1000);
  write(Config.RCUOP_LAG_PS, (machine.rcuop_lag_ns ?? 0) * 1000);
  write(Config.NOHZ, machine.nohz === false ? 0 : 1);
  writeCpus(memory, Config.NOHZ_FULL_0, nohz_full);
  const listed = Math.min(cpus, LISTED_CPUS);
  const housekeeping = Array.from({ length: listed }, (_, cpu) => cpu).filter(
    (cpu) => !nohz_full.includes(cpu),
  );
  writeCpus(memory, Config.RCU_KTHREADS_ON_0, machine.rcu_kthread_cpus ?? housekeeping);
  write(Config.KTHREAD_PRIO, rcu.kthread_prio);
  write(Config.RCU_BOOST, machine.rcu_boost === true ? 1 : 0);
  write(Config.RCU_NOCB_CPU_CB_BOOST, machine.rcu_nocb_cpu_cb_boost === true ? 1 : 0);
}

function writeOffloading(
  memory: EngineMemory,
  write: (slot: Config, value: number) => void,
  machine: MachineConfig,
): void {
  const { rcu } = machine;
  // rcu_init_nohz: the callbacks of nohz_full CPUs are offloaded too
  writeCpus(memory, Config.RCU_NOCBS_0, [
    ...(machine.rcu_nocbs ?? []),
    ...(machine.nohz_full ?? []),
  ]);
  write(Config.RCU_NOCB_GP_STRIDE, rcu.rcu_nocb_gp_stride);
  write(Config.NOCB_NOBYPASS_LIM_PER_JIFFY, rcu.nocb_nobypass_lim_per_jiffy);
  write(Config.USE_SOFTIRQ, rcu.use_softirq);
  write(Config.RCU_LAZY, machine.rcu_lazy === true ? 1 : 0);
  write(Config.RCU_NOCB_POLL, machine.rcu_nocb_poll === true ? 1 : 0);
  write(Config.JIFFIES_LAZY_FLUSH, rcu.jiffies_lazy_flush);
}

/** The five slots of a cache follow each other. */
function writeSlab(
  write: (slot: Config, value: number) => void,
  first: Config,
  geometry: SlabGeometry,
): void {
  write(first, geometry.object_bytes);
  write(first + 1, geometry.objects_per_slab);
  write(first + 2, geometry.slab_order);
  write(first + 3, geometry.cpu_partial_slabs);
  write(first + 4, geometry.min_partial);
}

/** The four slots of a path's policy follow each other. */
function writePolicy(memory: EngineMemory, first: Config, policy: FreePolicy): void {
  if (policy.release !== "call-rcu" && policy.collect !== "none") {
    throw new InputError({
      problem: "strategy collects VMAs that it frees at once",
      found: `collect: ${policy.collect}, release: ${policy.release}`,
      expected: "collect: none, or release: call-rcu",
    });
  }
  memory.writeConfig(first, BigInt(COLLECT[policy.collect]));
  memory.writeConfig(first + 3, BigInt(RELEASE[policy.release]));
  const { drain } = policy;
  const rule = (drain_rule: Drain, argument: number): void => {
    memory.writeConfig(first + 1, BigInt(drain_rule));
    memory.writeConfig(first + 2, BigInt(argument));
  };
  if (drain.when === "size-over") rule(Drain.SIZE_OVER, drain.vmas);
  else if (drain.when === "interval") {
    rule(drain.timer === true ? Drain.INTERVAL_TIMER : Drain.INTERVAL, drain.jiffies);
  } else rule(Drain.END, 0);
}
