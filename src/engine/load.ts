// Groups of bystanders across the border: specification in, figures out.

import { Config } from "../../assembly/abi/config.ts";
import { LoadConfig, LoadKind, LoadMetric, LoadTable } from "../../assembly/abi/load.ts";
import { FIXED_PERIOD_LEAST_NS } from "../api/load.ts";
import type { LoadReport, LoadSpec, RunSpec, WorkloadType } from "../api/types.ts";
import { InputError, LimitError } from "../errors.ts";
import type { EngineMemory } from "./abi.ts";
import { check } from "./check.ts";

const PS_PER_NS = 1000n;
/** 1 TiB. */
const PAGES_MAX = 2 ** 28;
const KINDS: Record<LoadSpec["kind"], LoadKind> = {
  "busy-user": LoadKind.BUSY_USER,
  "busy-kernel": LoadKind.BUSY_KERNEL,
  reader: LoadKind.READER,
  sleeper: LoadKind.SLEEPER,
  memory: LoadKind.MEMORY,
  churn: LoadKind.CHURN,
  mapper: LoadKind.MAPPER,
};

/** What is done without a pause must take some time. */
const LEAST_WORK_NS: Partial<Record<LoadSpec["kind"], number>> = {
  "busy-kernel": 1,
  reader: 1,
  mapper: 4,
};

/** Records for callbacks of a mapper: as many as it queues in the longest wait that is likely. */
const CALLBACKS_A_MAPPER = 2 ** 17;
const NS_PER_S = 1e9;
const CALLBACK_MAX_NS = 1_000_000;
/** Lags are bounded by a tick [kernel/sched/fair.c:entity_lag], of 4 ms at HZ 250. */
const AHEAD_MAX_NS = 4_000_000;

/** Does a bystander of this kind take memory? */
export function takesPages({ kind }: Pick<LoadSpec, "kind">): boolean {
  return kind === "memory" || kind === "churn";
}

/** Tasks of all groups together. */
export function loadTasks(load: readonly LoadSpec[]): number {
  return load.reduce((sum, { tasks, bound, cpus }) => sum + tasks * (bound ? cpus.length : 1), 0);
}

/** A fixed priority that comes back sooner than others can be switched to would be all that runs. */
function leastPeriod({ priority, period_ns }: LoadSpec, timed: boolean): number {
  if (priority > 0 && period_ns > 0) return FIXED_PERIOD_LEAST_NS;
  return timed ? 1 : 0;
}

function checkGroup(group: LoadSpec, cpus: number, kthread_prio: number): void {
  if (!Object.hasOwn(KINDS, group.kind)) {
    const expected = `one of ${Object.keys(KINDS).join(", ")}`;
    throw new InputError({
      problem: "bad kind of bystanders",
      found: String(group.kind),
      expected,
    });
  }
  check("number of bystanders", group.tasks, 1, 10_000);
  check("number of CPUs of bystanders", group.cpus.length, 1, cpus);
  for (const cpu of group.cpus) check("CPU of bystanders", cpu, 0, cpus - 1);
  // one that never sleeps must not keep RCU's own threads from running: no run would end
  const takes_pages = takesPages(group);
  const timed = group.kind === "sleeper" || takes_pages;
  const endless = !timed && (group.kind !== "reader" || group.period_ns === 0);
  const highest = endless && kthread_prio > 0 ? kthread_prio - 1 : 99;
  check("priority of bystanders", group.priority, 0, highest);
  const least_ns = LEAST_WORK_NS[group.kind] ?? 0;
  check("work of bystanders in ns", group.work_ns, least_ns, Number.MAX_SAFE_INTEGER);
  const least_period_ns = leastPeriod(group, timed);
  check("period of bystanders in ns", group.period_ns, least_period_ns, Number.MAX_SAFE_INTEGER);
  if (group.kind === "mapper") {
    check("rounds of bystanders", group.rounds ?? 0, 1, 1_000_000);
    check("callbacks of bystanders", group.callbacks ?? 0, 0, 1_000_000);
    check("work of a callback of bystanders in ns", group.callback_ns ?? 0, 0, CALLBACK_MAX_NS);
    check("lead of bystanders in ns", group.ahead_ns ?? 0, 0, AHEAD_MAX_NS);
  }
  if (!takes_pages) return;
  check("pages of bystanders", group.pages ?? 0, 1, PAGES_MAX);
  check("pages of a turn of bystanders", group.turn_pages ?? 0, 1, PAGES_MAX);
}

/** What a mapper queued in the last two ticks has to have room, with what it queues in the run. */
function checkBefore(group: LoadSpec, hz: number): void {
  if (group.kind !== "mapper" || group.ran_before !== true) return;
  const { work_ns, rounds = 1, callbacks = 0, tasks } = group;
  const needed = Math.ceil((2 * (NS_PER_S / hz) * callbacks) / (work_ns * rounds * tasks));
  if (needed <= CALLBACKS_A_MAPPER / 2) return;
  throw new LimitError({
    problem: `callbacks that ${group.name} has queued before the run find no room`,
    needed,
    available: CALLBACKS_A_MAPPER / 2,
    unit: "callbacks",
    hint: "fewer callbacks, or more work in a round",
  });
}

/** Throws InputError where a figure of a group is out of its range, LimitError where it finds no room. */
export function checkLoad({ load = [], machine }: RunSpec<WorkloadType>): void {
  check("number of groups of bystanders", load.length, 0, LoadTable.ENTRIES_MAX);
  const cpus = Math.min(machine.cpus, 256);
  for (const group of load) {
    checkGroup(group, cpus, machine.rcu.kthread_prio);
    checkBefore(group, machine.hz);
  }
}

/** Writes the table of groups. */
export function writeLoad(memory: EngineMemory, { load = [] }: RunSpec<WorkloadType>): void {
  memory.writeConfig(Config.LOAD_ENTRIES, BigInt(load.length));
  memory.writeConfig(Config.LOAD_TASKS, BigInt(loadTasks(load)));
  const mappers = loadTasks(load.filter(({ kind }) => kind === "mapper"));
  memory.writeConfig(Config.LOAD_CALLBACKS, BigInt(mappers * CALLBACKS_A_MAPPER));
  for (const [row, group] of load.entries()) {
    const write = (slot: LoadConfig, value: bigint): void =>
      memory.writeLoad(row * LoadTable.CONFIG_SLOTS + slot, value);
    write(LoadConfig.KIND, BigInt(KINDS[group.kind]));
    write(LoadConfig.TASKS, BigInt(group.tasks));
    write(LoadConfig.BOUND, group.bound ? 1n : 0n);
    write(LoadConfig.PRIORITY, BigInt(group.priority));
    write(LoadConfig.WORK_PS, BigInt(group.work_ns) * PS_PER_NS);
    write(LoadConfig.PERIOD_PS, BigInt(group.period_ns) * PS_PER_NS);
    write(LoadConfig.PAGES, BigInt(group.pages ?? 0));
    write(LoadConfig.TURN_PAGES, BigInt(group.turn_pages ?? 0));
    write(LoadConfig.ROUNDS, BigInt(group.rounds ?? 0));
    write(LoadConfig.CALLBACKS, BigInt(group.callbacks ?? 0));
    write(LoadConfig.RAN_BEFORE, group.ran_before === true ? 1n : 0n);
    write(LoadConfig.CALLBACK_PS, BigInt(group.callback_ns ?? 0) * PS_PER_NS);
    write(LoadConfig.AHEAD_PS, BigInt(group.ahead_ns ?? 0) * PS_PER_NS);
    const words = [0n, 0n, 0n, 0n];
    for (const cpu of group.cpus) words[cpu >> 6]! |= 1n << BigInt(cpu & 63);
    for (const [word, bits] of words.entries()) write(LoadConfig.CPUS_0 + word, bits);
  }
}

function readGroup(memory: EngineMemory, row: number, { name, kind }: LoadSpec): LoadReport {
  const slot = (metric: LoadMetric): bigint =>
    memory.loadMetric(row * LoadTable.METRIC_SLOTS + metric);
  const count = (metric: LoadMetric): number => Number(slot(metric));
  const ns = (metric: LoadMetric): number => Number(slot(metric) / PS_PER_NS);
  const samples = count(LoadMetric.SAMPLES);
  const wall_ns = ns(LoadMetric.WALL_PS);
  return {
    name,
    kind,
    tasks: count(LoadMetric.TASKS),
    rounds: count(LoadMetric.ROUNDS),
    cpu_ns: ns(LoadMetric.CPU_PS),
    cpu_share: wall_ns === 0 ? 0 : ns(LoadMetric.CPU_PS) / wall_ns,
    ctx_switches: count(LoadMetric.SWITCHES),
    ...(takesPages({ kind }) && {
      pages: count(LoadMetric.PAGES),
      killed: count(LoadMetric.KILLED),
    }),
    latency: {
      samples,
      mean_ns: samples === 0 ? 0 : Math.round(count(LoadMetric.LATENCY_SUM_NS) / samples),
      p50_ns: count(LoadMetric.LATENCY_P50_NS),
      p90_ns: count(LoadMetric.LATENCY_P90_NS),
      p99_ns: count(LoadMetric.LATENCY_P99_NS),
      p999_ns: count(LoadMetric.LATENCY_P999_NS),
      max_ns: count(LoadMetric.LATENCY_MAX_NS),
    },
  };
}

/** The part of a result that speaks of bystanders; empty where there are none. */
export function readLoad(
  memory: EngineMemory,
  spec: RunSpec<WorkloadType>,
): { load?: readonly LoadReport[] } {
  const { load = [] } = spec;
  return load.length === 0 ? {} : { load: load.map((group, row) => readGroup(memory, row, group)) };
}
