// Bystanders: groups of tasks beside the workload, from the table that the host writes
// (abi/load.ts). They begin with the run and end when the workload is over.
//
//   Region.LOAD   ┌─ a histogram a group ─┬─ a record a task ─┐

import { Config } from "../abi/config";
import { LoadConfig, LoadKind, LoadMetric, LoadTable } from "../abi/load";
import { Metric, Region } from "../abi/metric";
import {
  histogramCount,
  histogramInit,
  histogramMax,
  histogramQuantile,
  histogramSum,
  HISTOGRAM_BYTES,
} from "../metrics/histogram";
import { regionBase } from "../memory/map";
import { FrameList } from "../page/runs";
import { Taker } from "../reclaim/taker";
import { config, LOAD_CONFIG, LOAD_METRICS, metric } from "../memory/slots";
import { makeReady } from "../rcu/ready";
import { rcuData } from "../rcu/state";
import { GOES_ON } from "../sched/answer";
import { catchUp, endCoast } from "../sched/core";
import { nextTickAfter, tickPeriod } from "../sched/clock";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { newTask, startTask, startTaskAt } from "../sched/extra";
import { chargeCurr } from "../sched/fair";
import { addToSet, FIXED_SETS } from "../sched/place";
import { deferOthers } from "../vma/node-callbacks";
import { Task, taskAt, taskIndex, TaskKind, TaskState } from "../sched/task";

//  0     8           16     24         32      40      44     48       60       64
//  ┌─────┬───────────┬──────┬──────────┬───────┬───────┬──────┬────────┬────────┬────────┐
//  │ due │ coastFrom │ left │ stepLeft │ began │ group │ task │ frames │ killed │ passes │
//  └─────┴───────────┴──────┴──────────┴───────┴───────┴──────┴────────┴────────┴────────┘
/** One bystander. */
@unmanaged
export class Bystander {
  /** When its next turn is due. */
  due: u64;
  /** When it last began to compute. */
  coastFrom: u64;
  /** Of its work, what is still to do. */
  left: u64;
  /** Of a mapper's system call, which something has interrupted. */
  stepLeft: u64;
  /** When its section began. */
  began: u64;
  group: u32;
  task: u32;
  /** The frames it has touched: a FrameList. */
  framesHead: u32;
  framesTail: u32;
  framesCount: u32;
  /** The OOM killer has chosen it. */
  killed: u32;
  /** Passes of direct reclaim it has made for the page in hand. */
  passes: u32;
}

const BYSTANDER_BYTES: u64 = 72;

/** A bystander as who takes pages: the fields from `began` on are those of a Taker. */
@inline
export function takerOf(it: Bystander): Taker {
  return changetype<Taker>(changetype<usize>(it) + offsetof<Bystander>("began"));
}

/** Frames that a bystander has touched. */
@inline
export function framesOf(it: Bystander): FrameList {
  return changetype<FrameList>(changetype<usize>(it) + offsetof<Bystander>("framesHead"));
}

export function loadBytes(): u64 {
  const groups = config(Config.LOAD_ENTRIES);
  return groups * HISTOGRAM_BYTES + config(Config.LOAD_TASKS) * BYSTANDER_BYTES;
}

@inline
export function loadConfig(group: u32, slot: i32): u64 {
  return load<u64>(LOAD_CONFIG + <usize>((group * LoadTable.CONFIG_SLOTS + <u32>slot) << 3));
}

function setLoadMetric(group: u32, slot: i32, value: u64): void {
  store<u64>(LOAD_METRICS + <usize>((group * LoadTable.METRIC_SLOTS + <u32>slot) << 3), value);
}

function loadMetric(group: u32, slot: i32): u64 {
  return load<u64>(LOAD_METRICS + <usize>((group * LoadTable.METRIC_SLOTS + <u32>slot) << 3));
}

export function addLoadMetric(group: u32, slot: i32, value: u64): void {
  setLoadMetric(group, slot, loadMetric(group, slot) + value);
}

@inline
export function loadHistogram(group: u32): usize {
  return regionBase(Region.LOAD) + <usize>(<u64>group * HISTOGRAM_BYTES);
}

@inline
export function bystanderAt(index: u32): Bystander {
  const records = <usize>(config(Config.LOAD_ENTRIES) * HISTOGRAM_BYTES);
  return changetype<Bystander>(
    regionBase(Region.LOAD) + records + <usize>(<u64>index * BYSTANDER_BYTES),
  );
}

/** Before time 0, after the workload's own tasks: makes and places the bystanders. */
export function startLoad(): void {
  memory.fill(regionBase(Region.LOAD), 0, <usize>loadBytes());
  memory.fill(LOAD_METRICS, 0, <usize>(LoadTable.ENTRIES_MAX * LoadTable.METRIC_SLOTS * 8));
  let made: u32 = 0;
  for (let group: u32 = 0; group < <u32>config(Config.LOAD_ENTRIES); group++) {
    histogramInit(loadHistogram(group));
    made = startGroup(group, made);
  }
  assert(<u64>made == config(Config.LOAD_TASKS)); // the host has counted the same
}

@inline
function hasCpu(group: u32, cpu: u32): bool {
  if (cpu >= 256) return false;
  return ((loadConfig(group, LoadConfig.CPUS_0 + <i32>(cpu >> 6)) >> <u64>(cpu & 63)) & 1) != 0;
}

function startGroup(group: u32, before: u32): u32 {
  const set = FIXED_SETS + group;
  const tasks = <u32>loadConfig(group, LoadConfig.TASKS);
  const bound = loadConfig(group, LoadConfig.BOUND) != 0;
  let made = before;
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    if (!hasCpu(group, cpu)) continue;
    addToSet(set, cpu);
    if (!bound) continue;
    for (let i: u32 = 0; i < tasks; i++) start(group, made++, cpu, i, true);
  }
  if (bound) return made;
  let cpu: u32 = 0;
  for (let i: u32 = 0; i < tasks; i++) {
    while (!hasCpu(group, cpu)) cpu = (cpu + 1) % nrCpus();
    start(group, made++, cpu, i, false);
    cpu = (cpu + 1) % nrCpus();
  }
  return made;
}

/** Makes one bystander. Those of a group that sleep are spread evenly over the first period. */
function start(group: u32, index: u32, cpu: u32, number: u32, bound: bool): void {
  const task = newTask(TaskKind.BYSTANDER, index);
  task.priority = <u8>loadConfig(group, LoadConfig.PRIORITY);
  task.bound = bound ? 1 : 0;
  task.allowed = <u16>(FIXED_SETS + group);
  const it = bystanderAt(index);
  it.group = group;
  it.task = taskIndex(task);
  const period = loadConfig(group, LoadConfig.PERIOD_PS);
  const tasks = loadConfig(group, LoadConfig.TASKS);
  if (period == 0) {
    task.sleepLag = -<i64>loadConfig(group, LoadConfig.AHEAD_PS);
    startTask(task, cpu);
    if (loadConfig(group, LoadConfig.RAN_BEFORE) != 0) queueBefore(group, cpuAt(cpu));
    return;
  }
  it.due = (period * (<u64>number + 1)) / (tasks + 1);
  startTaskAt(task, cpu, it.due);
}

/**
 * Before time 0: a mapper has run since the tick before the last. What it queued up to the last one
 * is ready, as a grace period began and ended there; nobody has seen what it has queued since.
 * [read off the list when an exit begins, in four boots of 6.12.117 of our own: 810 to 812 ready,
 *  115 to 747 that wait]
 * [left out: kernel/rcu/tree_nocb.h, 6.12: those of a tick that rcuop of an offloaded CPU is at]
 */
function queueBefore(group: u32, cpu: Cpu): void {
  const now = cpu.now;
  const data = rcuData(cpu.id);
  const work = <u32>loadConfig(group, LoadConfig.CALLBACK_PS);
  if (data.offloaded == 0) {
    deferOthers(cpu, queuedIn(group, tickPeriod()), work);
    makeReady(data);
  }
  deferOthers(cpu, queuedIn(group, tickPeriod() - nextTickAfter(0)), work);
  cpu.now = now;
}

/** Callbacks that a mapper queues in `time`, which it shares with the others of its group. */
function queuedIn(group: u32, time: u64): u32 {
  const tasks = loadConfig(group, LoadConfig.TASKS);
  const iteration = loadConfig(group, LoadConfig.WORK_PS) * loadConfig(group, LoadConfig.ROUNDS);
  return <u32>((time * loadConfig(group, LoadConfig.CALLBACKS)) / (iteration * tasks));
}

/** The run is over: adds up what the bystanders have had. */
export function finishLoad(): void {
  const groups = <u32>config(Config.LOAD_ENTRIES);
  if (groups == 0) return;
  const end = metric(Metric.NOW);
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    catchUp(cpuAt(cpu), end);
    endCoast(cpuAt(cpu));
    chargeCurr(cpuAt(cpu));
  }
  for (let index: u32 = 0; index < <u32>config(Config.LOAD_TASKS); index++) {
    const it = bystanderAt(index);
    const task = taskAt(it.task);
    if (task.state != <u8>TaskState.DEAD) closeBystander(task, it, end);
  }
  for (let group: u32 = 0; group < groups; group++) {
    const histogram = loadHistogram(group);
    setLoadMetric(group, LoadMetric.SAMPLES, histogramCount(histogram));
    setLoadMetric(group, LoadMetric.LATENCY_SUM_NS, histogramSum(histogram));
    setLoadMetric(group, LoadMetric.LATENCY_P50_NS, histogramQuantile(histogram, 500));
    setLoadMetric(group, LoadMetric.LATENCY_P90_NS, histogramQuantile(histogram, 900));
    setLoadMetric(group, LoadMetric.LATENCY_P99_NS, histogramQuantile(histogram, 990));
    setLoadMetric(group, LoadMetric.LATENCY_P999_NS, histogramQuantile(histogram, 999));
    setLoadMetric(group, LoadMetric.LATENCY_MAX_NS, histogramMax(histogram));
  }
}

/** A bystander ends, or the run does: what it has had goes to its group. */
export function closeBystander(task: Task, it: Bystander, now: u64): void {
  addLoadMetric(it.group, LoadMetric.TASKS, 1);
  addLoadMetric(it.group, LoadMetric.CPU_PS, task.sumExec);
  addLoadMetric(it.group, LoadMetric.WALL_PS, now);
  addLoadMetric(it.group, LoadMetric.SWITCHES, <u64>task.switches);
}

/** Until the next turn is due; at once where turns follow each other, or this one was too long. */
export function pauseUntilDue(cpu: Cpu, it: Bystander): u64 {
  const period = loadConfig(it.group, LoadConfig.PERIOD_PS);
  if (period == 0) return GOES_ON;
  it.due += period;
  if (it.due <= cpu.now) it.due = cpu.now - ((cpu.now - it.due) % period) + period;
  return it.due;
}
