// Tasks: the exiting process, its waiting parent, the kernel threads, and the extra tasks that a
// workload plans (extra.ts). Few of them exist, so their records are wide and plain. Zero is "no
// task".

import { Config } from "../abi/config";
import { Metric } from "../abi/metric";
import { TaskKind } from "../abi/task";
import { config } from "../memory/slots";

export { TaskKind } from "../abi/task";

export enum TaskState {
  SLEEPING,
  RUNNABLE,
  DEAD,
}

//  0      1       2       3      4     8          16         24       32         40          48
//  ┌──────┬───────┬───────┬──────┬─────┬──────────┬──────────┬────────┬──────────┬───────────┐
//  │ kind │ state │ phase │ onRq │ cpu │ vruntime │ deadline │ parity │ sleepLag │ execStart │
//  └──────┴───────┴───────┴──────┴─────┴──────────┴──────────┴────────┴──────────┴───────────┘
//  48        56       60      64         68        69       70        72        76           80
//  ┌─────────┬────────┬───────┬──────────┬─────────┬────────┬─────────┬─────────┬────────────┬────
//  │ sumExec │ nextRq │ timer │ switches │ midStep │ rounds │ delayed │ subject │ nextWaiter │ ..
//  └─────────┴────────┴───────┴──────────┴─────────┴────────┴─────────┴─────────┴────────────┴────
/** A task as the scheduler and its own program see it. Times in picoseconds. */
@unmanaged
export class Task {
  kind: u8;
  state: u8;
  /** Where its program stands; each program names its own phases. */
  phase: u8;
  onRq: u8;
  cpu: u32;
  vruntime: i64;
  deadline: i64;
  /** The deadline it was picked with: while it still has it, its slice is not used up. */
  parity: i64;
  /** Lag kept over a sleep. */
  sleepLag: i64;
  execStart: u64;
  sumExec: u64;
  /** Next runnable task of its CPU. */
  nextRq: usize;
  /** Event that wakes it when its sleep times out; 0 = none. */
  timer: u32;
  switches: u32;
  /**
   * Between two points where it may be preempted: 1 = kernel code, 2 = preemption is disabled; see
   * preempt.ts.
   */
  midStep: u8;
  /** Rounds that rcuc has made since it last slept. */
  rounds: u8;
  /** Asleep, but still on its queue because it owes time (se.sched_delayed). */
  delayed: u8;
  /** The CPU whose work a per-CPU kthread does, wherever it runs. */
  subject: u32;
  /**
   * Who waits behind it for the same mutex (task number + 1), and since when; see lock/mutex.ts.
   */
  nextWaiter: u32;
  waitSince: u64;
  /** SCHED_FIFO from 1 to 99; 0 = fair, of nice 0. */
  priority: u8;
  /** Its program is in user mode: any reschedule is possible, and RCU may not watch. */
  userMode: u8;
  /** It runs on its CPU and nowhere else. */
  bound: u8;
  /** It is being woken for the first time: a fork has made it. */
  forked: u8;
  /** Number of the set of CPUs it may use; see place.ts. */
  allowed: u16;
  /** When it last stopped computing on its own (answer.ts: COASTS). */
  coastEnd: u64;
  /** Its sleep is over, and a softirq of that CPU, counted from 1, will wake it; see timers.ts. */
  dueOn: u32;
  /** The CPU, counted from 1, that it last ran on when it was woken elsewhere; see place.ts. */
  recentCpu: u32;
}

export const TASK_BYTES: u64 = 128;

/** Exit, parent and grace-period kthread come first; per CPU ksoftirqd, rcuop, rcuog and rcuc. */
const FIRST_PER_CPU: u32 = 3;
const TASKS_PER_CPU: u32 = 4;

/** Number of the first extra task. */
export function firstExtra(cpus: u32): u32 {
  return FIRST_PER_CPU + TASKS_PER_CPU * cpus;
}

export function tasksFor(cpus: u32): u32 {
  return firstExtra(cpus) + extraTasks() + 1; // the last one makes expedited grace periods
}

/** Tasks that the run plans besides; extra.ts hands them out. */
export function extraTasks(): u32 {
  return <u32>config(Config.EXTRA_TASKS);
}

let tasks: usize = 0;

export function tasksInit(base: usize): void {
  tasks = base;
  const cpus = <u32>config(Config.CPUS);
  memory.fill(base, 0, <usize>(<u64>tasksFor(cpus) * TASK_BYTES));
  taskAt(0).kind = <u8>TaskKind.EXIT;
  taskAt(1).kind = <u8>TaskKind.PARENT;
  taskAt(2).kind = <u8>TaskKind.RCU_GP;
  taskAt(2).sleepLag = <i64>config(Config.GP_KTHREAD_LAG_PS);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    perCpu(cpu, TaskKind.KSOFTIRQD);
    ksoftirqd(cpu).sleepLag = <i64>config(Config.KSOFTIRQD_LAG_PS);
    perCpu(cpu, TaskKind.RCUOP);
    perCpu(cpu, TaskKind.RCUOG);
    rcuog(cpu).sleepLag = <i64>config(Config.RCUOG_LAG_PS);
    rcuop(cpu).sleepLag = <i64>config(Config.RCUOP_LAG_PS);
    perCpu(cpu, TaskKind.RCUC);
  }
  expKthread().kind = <u8>TaskKind.RCU_EXP;
}

export function taskIndex(task: Task): u32 {
  return <u32>((changetype<usize>(task) - tasks) / <usize>TASK_BYTES);
}

@inline
export function taskAt(index: u32): Task {
  return changetype<Task>(tasks + <usize>index * <usize>TASK_BYTES);
}

export function exitTask(): Task {
  return taskAt(0);
}

export function parentTask(): Task {
  return taskAt(1);
}

export function gpKthread(): Task {
  return taskAt(2);
}

export function expKthread(): Task {
  return taskAt(tasksFor(<u32>config(Config.CPUS)) - 1);
}

export function ksoftirqd(cpu: u32): Task {
  return perCpuTask(cpu, TaskKind.KSOFTIRQD);
}

/** Invokes the callbacks of an offloaded CPU. */
export function rcuop(cpu: u32): Task {
  return perCpuTask(cpu, TaskKind.RCUOP);
}

/** Serves the group of offloaded CPUs that `cpu` leads. */
export function rcuog(cpu: u32): Task {
  return perCpuTask(cpu, TaskKind.RCUOG);
}

/** Does the work of the RCU softirq of a CPU where that is not used. */
export function rcuc(cpu: u32): Task {
  return perCpuTask(cpu, TaskKind.RCUC);
}

function perCpuTask(cpu: u32, kind: TaskKind): Task {
  return taskAt(FIRST_PER_CPU + TASKS_PER_CPU * cpu + (<u32>kind - <u32>TaskKind.KSOFTIRQD));
}

function perCpu(cpu: u32, kind: TaskKind): void {
  const task = perCpuTask(cpu, kind);
  task.kind = <u8>kind;
  task.cpu = cpu;
  task.subject = cpu;
}

/** Whose CPU time it is: a kernel thread's or a process's. */
export function taskMetric(task: Task): i32 {
  switch (task.kind) {
    case <u8>TaskKind.RCU_GP:
    case <u8>TaskKind.RCUOP:
    case <u8>TaskKind.RCUC:
    case <u8>TaskKind.RCUOG:
    case <u8>TaskKind.RCU_EXP:
    case <u8>TaskKind.REAPER:
    case <u8>TaskKind.KFREEPCP:
    case <u8>TaskKind.KSWAPD:
    case <u8>TaskKind.KWORKER:
    case <u8>TaskKind.KWORKER_UNBOUND: return Metric.CPU_KTHREAD;
    default: return Metric.CPU_TASK;
  }
}
