// The timeline of a run, where the configuration asks for it: who runs on which CPU, softirqs and
// ticks, batches of callbacks, grace periods, what tasks are in, and counters now and then. Memory
// for it is planned; what does not fit is counted, not kept, and nothing is written over.
//
// Events are rare beside VMAs: none is recorded for a single VMA or callback. What a run does is
// the same with and without: nothing here is read by anybody but the host.

import { Config, Workload } from "../abi/config";
import { Metric, Region } from "../abi/metric";
import { MmCount } from "../abi/mm";
import { StallKind } from "../abi/stall";
import { Span, TimelineKind, TimelineRecord } from "../abi/timeline";
import { regionBase } from "../memory/map";
import { addMetric, config, metric } from "../memory/slots";
import { count } from "../mm/settings";
import { hasPages, zoneAt, ZONES } from "../page/state";
import { freePages } from "../page/zone";
import { Batch } from "../rcu/records";
import { listLength } from "../rcu/segcblist";
import { callbackList, rcuData } from "../rcu/state";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { Task, taskIndex } from "../sched/task";

export function timelineBytes(): u64 {
  return config(Config.TIMELINE_EVENTS) * <u64>TimelineRecord.BYTES;
}

/** Records there is room for; 0 while nothing is recorded. */
let room: u64 = 0;
let gracePeriodStart: u64 = 0;
let expeditedStart: u64 = 0;
/** What the last record of counters said. */
let lastDead: u32 = 0;
/** The workload mm counts its dead VMAs itself. */
let isMm: bool = false;
let lastQueued: u32 = 0;
let lastFree: u32 = 0;

export function timelineInit(): void {
  room = 0;
}

/** Time starts: from here on it is recorded who runs, beginning with who runs already. */
export function timelineBegin(): void {
  room = config(Config.TIMELINE_EVENTS);
  if (room == 0) return;
  isMm = config(Config.WORKLOAD) == <u64>Workload.MM;
  for (let id: u32 = 0; id < nrCpus(); id++) timelineSwitch(cpuAt(id), cpuAt(id).curr);
  lastDead = u32.MAX_VALUE; // no counter has this value
  timelineCounters(0);
}

/** The next record, its head written; 0 when there is no room for it. */
function newRecord(start: u64, end: u64, kind: u8, detail: u8, cpu: u32, task: usize): usize {
  const number = metric(Metric.TIMELINE_EVENTS);
  addMetric(Metric.TIMELINE_EVENTS, 1);
  if (number >= room) return 0;
  const at = regionBase(Region.TIMELINE) + <usize>(number * <u64>TimelineRecord.BYTES);
  store<u64>(at, start);
  store<u64>(at, end, 8);
  store<u8>(at, kind, 16);
  store<u8>(at, detail, 17);
  store<u16>(at, <u16>cpu, 18);
  store<u32>(at, task == 0 ? 0 : taskIndex(changetype<Task>(task)) + 1, 20);
  return at;
}

function writeNumbers(at: usize, a: u32, b: u32, c: u32, d: u32): void {
  store<u32>(at, a, 24);
  store<u32>(at, b, 28);
  store<u32>(at, c, 32);
  store<u32>(at, d, 36);
}

/** The CPU switches to `task`; 0: it goes idle. */
@inline
export function timelineSwitch(cpu: Cpu, task: usize): void {
  if (room != 0) recordSwitch(cpu, task);
}

function recordSwitch(cpu: Cpu, next: usize): void {
  const at = newRecord(cpu.now, cpu.now, <u8>TimelineKind.SWITCH, 0, cpu.id, next);
  if (at == 0 || next == 0) return;
  const task = changetype<Task>(next);
  writeNumbers(at, <u32>task.kind, task.subject, 0, 0);
}

/** A tick began at `start` and is over. */
@inline
export function timelineTick(cpu: Cpu, start: u64): void {
  if (room != 0) recordTick(cpu, start);
}

function recordTick(cpu: Cpu, start: u64): void {
  newRecord(start, cpu.now, <u8>TimelineKind.TICK, 0, cpu.id, 0);
  timelineCounters(cpu.now);
}

@inline
export function timelineSoftirq(cpu: Cpu): void {
  if (room != 0) newRecord(cpu.softirqStart, cpu.now, <u8>TimelineKind.SOFTIRQ, 0, cpu.id, 0);
}

/** A batch is over; `counted`: it is one of those that the run's figures speak of. */
@inline
export function timelineBatch(cpu: Cpu, batch: Batch, counted: bool): void {
  if (room != 0) recordBatch(cpu, batch, counted);
}

function recordBatch(cpu: Cpu, batch: Batch, counted: bool): void {
  const byKthread = batch.kthread != 0;
  const detail: u8 = (byKthread ? 1 : 0) | (counted ? 2 : 0);
  const task = byKthread ? cpu.curr : 0;
  const at = newRecord(batch.start, cpu.now, <u8>TimelineKind.BATCH, detail, cpu.id, task);
  if (at != 0) writeNumbers(at, batch.done, batch.total, batch.limit, batch.owner);
  timelineCounters(cpu.now);
}

export function timelineGpStarts(now: u64): void {
  gracePeriodStart = now;
}

/** A grace period is over, the run's `number`-th. */
export function timelineGpEnds(cpu: Cpu, number: u64): void {
  if (room != 0) recordGracePeriod(cpu, gracePeriodStart, 0, number);
}

export function timelineExpStarts(now: u64): void {
  expeditedStart = now;
}

export function timelineExpEnds(cpu: Cpu, number: u64): void {
  if (room != 0) recordGracePeriod(cpu, expeditedStart, 1, number);
}

function recordGracePeriod(cpu: Cpu, start: u64, expedited: u8, number: u64): void {
  const kind = <u8>TimelineKind.GRACE_PERIOD;
  const at = newRecord(start, cpu.now, kind, expedited, cpu.id, cpu.curr);
  if (at != 0) writeNumbers(at, <u32>number, 0, 0, 0);
}

/** The running task was in `span` from `start` until now; `subject`: which mm, or which call. */
@inline
export function timelineSpan(cpu: Cpu, span: Span, start: u64, subject: u32): void {
  if (room != 0) recordSpan(cpu, span, start, subject);
}

function recordSpan(cpu: Cpu, span: Span, start: u64, subject: u32): void {
  const at = newRecord(start, cpu.now, <u8>TimelineKind.SPAN, <u8>span, cpu.id, cpu.curr);
  if (at != 0) writeNumbers(at, subject, 0, 0, 0);
  timelineCounters(cpu.now);
}

/** The running task has been at an operation of the workload mm (Op) since `start`. */
@inline
export function timelineOperation(cpu: Cpu, op: u8, start: u64): void {
  if (room == 0) return;
  newRecord(start, cpu.now, <u8>TimelineKind.OPERATION, op, cpu.id, cpu.curr);
  timelineCounters(cpu.now);
}

/** A stall of the grace period is reported, `jiffies` after it began. */
export function timelineStall(cpu: Cpu, kind: StallKind, jiffies: u64): void {
  if (room == 0) return;
  const at = newRecord(cpu.now, cpu.now, <u8>TimelineKind.STALL, <u8>kind, cpu.id, 0);
  if (at != 0) writeNumbers(at, <u32>jiffies, 0, 0, 0);
}

/** Counters as they stand, where one has changed since they were recorded last. */
export function timelineCounters(now: u64): void {
  if (room == 0) return;
  const dead = <u32>(isMm ? count(MmCount.DEAD) : metric(Metric.DEAD));
  const queued = callbacksQueued();
  const free = pagesFree();
  if (dead == lastDead && queued == lastQueued && free == lastFree) return;
  lastDead = dead;
  lastQueued = queued;
  lastFree = free;
  const at = newRecord(now, now, <u8>TimelineKind.COUNTERS, 0, 0, 0);
  if (at != 0) writeNumbers(at, dead, queued, free, 0);
}

function callbacksQueued(): u32 {
  let queued: u32 = 0;
  for (let id: u32 = 0; id < nrCpus(); id++) queued += listLength(callbackList(rcuData(id)));
  return queued;
}

/** NR_FREE_PAGES; 0 in a run without page frames. */
function pagesFree(): u32 {
  if (!hasPages()) return 0;
  let free: u32 = 0;
  for (let id: u32 = 0; id < ZONES; id++) free += freePages(zoneAt(id));
  return free;
}
