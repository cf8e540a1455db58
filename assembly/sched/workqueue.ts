// Work queues: pieces of work that a CPU hands to kernel threads, to be run soon by somebody else.
//
// [same: kernel/workqueue.c, 6.12 and 7.2]
//   - queue_work puts an item on the pool of the calling CPU, first in, first out; an item that is
//     pending already stays where it is, and one that runs may be queued again
//   - concurrency: a pool of a CPU wakes a worker only while none of its workers runs; a worker
//     goes on only while it is the only one running, and one that blocks lets another start
//   - a worker that used wq_cpu_intensive_thresh of CPU in one item, seen at a tick, no longer
//     counts as running, so another one starts beside it (6.5 on)
//   - the worker that became idle last is woken first; workers have nice 0, and no process is
//     charged for them
//   - the unbound pool does not manage concurrency: every item finds a worker while one idles
// [simplified: workers exist from the start, a fixed number a pool; the kernel makes another one
//  when the last idle one begins to work. Where all are busy an item waits for one]
// [left out: max_active (1,024 or more), flushing, cancelling, rescuers, high-priority pools]
//
//   pool.head ─▶ item ─▶ item ─▶ 0        pool.idle ─▶ worker ─▶ worker ─▶ 0

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Region } from "../abi/metric";
import { config, cost } from "../memory/slots";
import { regionBase } from "../memory/map";
import { wakeTask } from "./core";
import { Cpu, nrCpus } from "./cpu";
import { newTask } from "./extra";
import { Task, TaskKind } from "./task";
import { Work, WORK_BYTES, WorkKind } from "./work";

//  0      4      8      12        16
//  ┌──────┬──────┬──────┬─────────┐
//  │ head │ tail │ idle │ running │
//  └──────┴──────┴──────┴─────────┘
/** worker_pool */
@unmanaged
export class Pool {
  head: u32;
  tail: u32;
  /** Workers without work, the last one that became idle first. */
  idle: u32;
  /** Workers that count against the pool's concurrency of one. */
  running: u32;
}

//  0      4      8      12         16           17         24
//  ┌──────┬──────┬──────┬──────────┬────────────┬──────────┬───────────┐
//  │ task │ pool │ work │ nextIdle │ uncounted  │ sleeping │ currentAt │
//  └──────┴──────┴──────┴──────────┴────────────┴──────────┴───────────┘
/** worker */
@unmanaged
export class Worker {
  task: u32;
  pool: u32;
  /** The item it works on; 0 = none. */
  work: u32;
  nextIdle: u32;
  /** WORKER_NOT_RUNNING: of the unbound pool, or found to hog its CPU. */
  uncounted: u8;
  /** It sleeps inside its item. */
  sleeping: u8;
  pad: u16;
  /** Its task's CPU time when the item began. */
  currentAt: u64;
}

const POOL_BYTES: u32 = 16;
const WORKER_BYTES: u32 = 32;
/** A work item of the machine's own and when it is due (page/vmstat.ts). */
const PERIODIC_BYTES: u32 = 32;

function workersPerCpu(): u32 {
  return <u32>config(Config.KWORKERS_PER_CPU);
}

/** Workers of all pools: as many extra tasks a run with work queues plans. */
export function workersFor(cpus: u32): u32 {
  return cpus * workersPerCpu() + <u32>config(Config.UNBOUND_KWORKERS);
}

/** One pool a CPU and an unbound one, and their workers. */
function poolsBytes(cpus: u32): u64 {
  return <u64>((cpus + 1) * POOL_BYTES) + <u64>workersFor(cpus) * WORKER_BYTES;
}

/** Pools, workers, and a periodic item of each CPU and of the machine; nothing without workers. */
export function workqueueBytes(cpus: u32): u64 {
  return workersFor(cpus) == 0 ? 0 : poolsBytes(cpus) + <u64>((cpus + 1) * PERIODIC_BYTES);
}

/** Where the periodic item of a CPU lies; that of the machine is the one after the last CPU's. */
@inline
export function periodicAddress(cpu: u32): usize {
  const first = regionBase(Region.WORKQUEUE) + <usize>poolsBytes(nrCpus());
  return first + <usize>(cpu * PERIODIC_BYTES);
}

@inline
function poolAt(id: u32): Pool {
  return changetype<Pool>(regionBase(Region.WORKQUEUE) + <usize>(id * POOL_BYTES));
}

@inline
export function workerAt(id: u32): Worker {
  const workers = regionBase(Region.WORKQUEUE) + <usize>((nrCpus() + 1) * POOL_BYTES);
  return changetype<Worker>(workers + <usize>(id * WORKER_BYTES));
}

/** The record at an address of 32 bits. */
@inline
export function at<T>(address: u32): T {
  return changetype<T>(<usize>address);
}

/** Makes the workers of a run; before its first task starts. */
export function workqueueInit(): void {
  const cpus = nrCpus();
  memory.fill(regionBase(Region.WORKQUEUE), 0, <usize>poolsBytes(cpus));
  let id: u32 = 0;
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    for (let i: u32 = 0; i < workersPerCpu(); i++) addWorker(id++, TaskKind.KWORKER, cpu, cpu);
  }
  for (let i: u32 = 0; i < <u32>config(Config.UNBOUND_KWORKERS); i++) {
    addWorker(id++, TaskKind.KWORKER_UNBOUND, cpus, 0);
  }
}

function addWorker(id: u32, kind: TaskKind, pool: u32, cpu: u32): void {
  const task = newTask(kind, id);
  task.cpu = cpu;
  task.sleepLag = <i64>config(Config.KWORKER_LAG_PS);
  const worker = workerAt(id);
  worker.task = <u32>changetype<usize>(task);
  worker.pool = <u32>changetype<usize>(poolAt(pool));
  worker.uncounted = kind == TaskKind.KWORKER_UNBOUND ? 1 : 0;
  goIdle(worker);
}

/** INIT_WORK */
export function workInit(work: usize, kind: WorkKind, argument: u32): void {
  memory.fill(work, 0, <usize>WORK_BYTES);
  changetype<Work>(work).kind = <u8>kind;
  changetype<Work>(work).argument = argument;
}

/** schedule_work: onto the pool of the calling CPU; false if it is pending already. */
export function queueWork(cpu: Cpu, work: usize): bool {
  return insert(cpu, poolAt(cpu.id), work);
}

/** queue_work_on: onto the pool of the CPU named. */
export function queueWorkOn(cpu: Cpu, id: u32, work: usize): bool {
  return insert(cpu, poolAt(id), work);
}

/** The same onto the unbound pool, whose workers run on any CPU. */
export function queueUnboundWork(cpu: Cpu, work: usize): bool {
  return insert(cpu, poolAt(nrCpus()), work);
}

function insert(cpu: Cpu, pool: Pool, address: usize): bool {
  const work = changetype<Work>(address);
  if (work.pending != 0) return false;
  work.queuedAt = cpu.now;
  cpu.now += cost(CostSlot.QUEUE_WORK);
  work.pending = 1;
  work.next = 0;
  if (pool.head == 0) pool.head = <u32>address;
  else at<Work>(pool.tail).next = <u32>address;
  pool.tail = <u32>address;
  kick(cpu, pool);
  return true;
}

/** kick_pool: wakes an idle worker if there is work and nobody who runs. */
export function kick(cpu: Cpu, pool: Pool): void {
  if (pool.head == 0 || pool.running != 0 || pool.idle == 0) return;
  wakeTask(cpu, at<Task>(at<Worker>(pool.idle).task));
}

/** worker_enter_idle */
export function goIdle(worker: Worker): void {
  const pool = at<Pool>(worker.pool);
  worker.nextIdle = pool.idle;
  pool.idle = <u32>changetype<usize>(worker);
}

/** worker_leave_idle */
export function leaveIdle(worker: Worker): void {
  const pool = at<Pool>(worker.pool);
  const self = <u32>changetype<usize>(worker);
  if (pool.idle == self) {
    pool.idle = worker.nextIdle;
    return;
  }
  let before = at<Worker>(pool.idle);
  while (before.nextIdle != self) before = at<Worker>(before.nextIdle);
  before.nextIdle = worker.nextIdle;
}

/** wq_worker_tick: a worker that has hogged its CPU for too long no longer holds up the others. */
export function workqueueTick(cpu: Cpu): void {
  const task = changetype<Task>(cpu.curr);
  const worker = workerAt(task.subject);
  if (worker.work == 0 || worker.uncounted != 0 || worker.sleeping != 0) return;
  const threshold = config(Config.WQ_CPU_INTENSIVE_THRESH_PS);
  if (threshold == 0 || task.sumExec - worker.currentAt < threshold) return;
  worker.uncounted = 1;
  const pool = at<Pool>(worker.pool);
  pool.running--;
  kick(cpu, pool);
}
