// Which CPU a task runs on: where it may, where it is put when it wakes, and how the load is evened
// out.
//
// [same: kernel/sched/fair.c:wake_affine_idle, select_idle_sibling, select_idle_cpu, 6.12 and 7.2:
// a woken task goes to the CPU it last ran on if that is idle, else to the waker's if that is (an
// interrupt wakes it there), else to the one it ran on before, else to the next idle one in order
// of numbers, else back to its own]
// [same: kernel/sched/rt.c:select_task_rq_rt: one of fixed priority stays on its CPU, unless that
// runs something that is no lower]
// [simplified: one cache for all CPUs, and none of them a sibling thread. Left out: load of the
// waker's CPU (wake_affine_weight, which may make it the first of that order), sync wake-ups, a
// bound kthread that keeps whom it wakes, a limit of the search (SIS_UTIL), tasks of which many are
// woken (wake_wide); where no CPU runs something lower a task of fixed priority stays]
// [simplified: kernel/sched/fair.c:sched_balance_newidle, nohz_balancer_kick, sched_balance_rq: a
// CPU that runs out of work takes a waiting task from the CPU with the most of them; a tick over a
// CPU where some wait wakes an idle CPU for one; every 16 ms times the CPUs a busy CPU takes one
// from where two more wait. One domain of all CPUs, load is the number of tasks, nothing is "hot"]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Region } from "../abi/metric";
import { config, cost } from "../memory/slots";
import { regionBase } from "../memory/map";
import { jiffiesAt } from "./clock";
import { Cpu, cpuAt, nrCpus } from "./cpu";
import { overloadedCpus } from "./fair";
import { activate, checkPreempt, deactivate, queued } from "./runqueue";
import { updateClock } from "./rq-clock";
import { Task, TaskKind } from "./task";

/** A set of CPUs in the table of sets: 1,024 bits. */
export const CPU_SET_BYTES: u32 = 128;
/** Sets that always exist: all CPUs, and those that RCU's kthreads may use. */
export const SET_ALL: u16 = 0;
export const SET_RCU_KTHREADS: u16 = 1;
export const FIXED_SETS: u32 = 2;

export function cpuSetsBytes(): u64 {
  return <u64>(FIXED_SETS + <u32>config(Config.LOAD_ENTRIES)) * CPU_SET_BYTES;
}

@inline
function setAt(set: u32): usize {
  return regionBase(Region.CPU_SETS) + <usize>(set * CPU_SET_BYTES);
}

export function cpuSetsInit(): void {
  memory.fill(setAt(0), 0, <usize>cpuSetsBytes());
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) addToSet(SET_ALL, cpu);
  for (let word: u32 = 0; word < 4; word++) {
    const cpus = config(Config.RCU_KTHREADS_ON_0 + word);
    store<u64>(setAt(SET_RCU_KTHREADS) + (<usize>word << 3), cpus);
  }
}

export function addToSet(set: u32, cpu: u32): void {
  const at = setAt(set) + (<usize>(cpu >> 6) << 3);
  store<u64>(at, load<u64>(at) | ((<u64>1) << <u64>(cpu & 63)));
}

@inline
export function inSet(set: u32, cpu: u32): bool {
  return ((load<u64>(setAt(set) + (<usize>(cpu >> 6) << 3)) >> <u64>(cpu & 63)) & 1) != 0;
}

/** Threads that do the work of one CPU and run nowhere else. */
@inline
function isBound(task: Task): bool {
  return (
    task.bound != 0 ||
    task.kind == <u8>TaskKind.KSOFTIRQD ||
    task.kind == <u8>TaskKind.RCUC ||
    task.kind == <u8>TaskKind.KWORKER ||
    task.kind == <u8>TaskKind.KFREEPCP
  );
}

@inline
function mayRun(task: Task, cpu: u32): bool {
  return task.allowed == SET_ALL || inSet(task.allowed, cpu);
}

/** idle_cpu(): the idle task is current, under a softirq too, and nothing is queued. */
export function hasNothing(cpu: Cpu): bool {
  return cpu.curr == 0 && queued(cpu) == 0;
}

/** The CPU on which a task runs that code of `waker` wakes. */
export function selectCpu(waker: Cpu, task: Task): Cpu {
  const last = cpuAt(task.cpu);
  if (isBound(task)) return last;
  if (task.priority != 0) return cpuForFixed(task, last);
  if (isIdleFor(task, last.id)) return last;
  if (isIdleFor(task, waker.id)) return waker;
  const recent = task.recentCpu;
  task.recentCpu = last.id + 1;
  if (recent != 0 && isIdleFor(task, recent - 1)) return cpuAt(recent - 1);
  for (let step: u32 = 1; step < nrCpus(); step++) {
    const id = (last.id + step) % nrCpus();
    if (isIdleFor(task, id)) return cpuAt(id);
  }
  return mayRun(task, last.id) ? last : leastBusy(task);
}

@inline
function isIdleFor(task: Task, id: u32): bool {
  return hasNothing(cpuAt(id)) && mayRun(task, id);
}

/** For a task whose CPU has been taken from it, where all others are at work. */
function leastBusy(task: Task): Cpu {
  let lowest: i32 = -1;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (!mayRun(task, id)) continue;
    if (lowest < 0 || queued(cpuAt(id)) < queued(cpuAt(<u32>lowest))) lowest = <i32>id;
  }
  assert(lowest >= 0); // the host refuses empty sets
  return cpuAt(<u32>lowest);
}

/** For a task of fixed priority: its own CPU, unless another one runs something lower. */
function cpuForFixed(task: Task, last: Cpu): Cpu {
  let best = last;
  let bestRuns: u32 = mayRun(task, last.id) ? runningPriority(last) : 0xff;
  if (bestRuns < task.priority) return last;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (!mayRun(task, id) || runningPriority(cpuAt(id)) >= bestRuns) continue;
    best = cpuAt(id);
    bestRuns = runningPriority(best);
  }
  return best;
}

@inline
function runningPriority(cpu: Cpu): u32 {
  return cpu.fixedHead != 0 ? changetype<Task>(cpu.fixedHead).priority : 0;
}

/** A waiting task of `from` that may run on `to`; 0 when there is none. */
function movable(from: Cpu, to: Cpu): usize {
  for (let at = from.rqHead; at != 0; at = changetype<Task>(at).nextRq) {
    const task = changetype<Task>(at);
    if (at == from.curr || task.delayed != 0 || isBound(task)) continue;
    if (mayRun(task, to.id)) return at;
  }
  return 0;
}

/** Moves a waiting fair task to another CPU: its lag and what is left of its slice stay. */
function migrate(from: Cpu, to: Cpu, task: Task): void {
  to.now += cost(CostSlot.MIGRATE_TASK);
  updateClock(from);
  const left = task.deadline - task.vruntime; // PLACE_REL_DEADLINE
  deactivate(from, task);
  updateClock(to);
  activate(to, task);
  task.deadline = task.vruntime + left;
}

/** The CPU with the most waiting tasks of which at least one may move; at least `least` queued. */
function busiest(to: Cpu, least: u32): i32 {
  let found: i32 = -1;
  let most: u32 = least - 1;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    const cpu = cpuAt(id);
    if (id == to.id || cpu.nrRunning <= most || movable(cpu, to) == 0) continue;
    found = <i32>id;
    most = cpu.nrRunning;
  }
  return found;
}

/** A CPU has nothing to run: takes a task that waits elsewhere. True if it found one. */
export function pullTask(cpu: Cpu): bool {
  if (overloadedCpus == 0) return false;
  const from = busiest(cpu, 2);
  if (from < 0) return false;
  migrate(cpuAt(<u32>from), cpu, changetype<Task>(movable(cpuAt(<u32>from), cpu)));
  return true;
}

/** In the tick of a CPU where tasks wait: an idle CPU that could take one, or null. */
export function idleHelper(cpu: Cpu): Cpu | null {
  if (cpu.nrRunning < 2) return null;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    const other = cpuAt(id);
    if (hasNothing(other) && other.inSoftirq == 0 && movable(cpu, other) != 0) return other;
  }
  return null;
}

/** In the tick of a busy CPU: now and then it takes one from where two more wait. */
export function balance(cpu: Cpu): void {
  if (cpu.curr == 0) return;
  const hz = config(Config.HZ);
  const interval = max<u64>(1, (<u64>nrCpus() * 16 * hz) / 1000);
  if (jiffiesAt(cpu.now) % interval != <u64>cpu.id % interval) return;
  const from = busiest(cpu, cpu.nrRunning + 2);
  if (from < 0) return;
  const task = changetype<Task>(movable(cpuAt(<u32>from), cpu));
  migrate(cpuAt(<u32>from), cpu, task);
  checkPreempt(cpu, task); // attach_task
}
