// Extra tasks: planned by the configuration (Config.EXTRA_TASKS), handed out one by one when a run
// begins, never given back. Each has a kind, whose program programs.ts names, and a number of its
// own in `subject`, which may index a table of its workload.

import { config } from "../memory/slots";
import { Config } from "../abi/config";
import { nextTickAfter } from "./clock";
import { leaveIdle, schedule } from "./core";
import { cpuAt } from "./cpu";
import { armTick, armTimer, ensureRun, stopTick } from "./events";
import { activate, checkPreempt } from "./runqueue";
import { extraTasks, firstExtra, Task, taskAt, TaskKind } from "./task";

let used: u32 = 0;

export function extraInit(): void {
  used = 0;
}

/** The next unused task: asleep, of nice 0, on CPU 0. */
export function newTask(kind: TaskKind, subject: u32): Task {
  assert(used < extraTasks()); // the workload planned as many as it makes
  const task = taskAt(firstExtra(<u32>config(Config.CPUS)) + used++);
  task.kind = <u8>kind;
  task.subject = subject;
  return task;
}

/** Before time 0: the task will wake on a CPU at `time`. */
export function startTaskAt(task: Task, id: u32, time: u64): void {
  task.cpu = id;
  armTimer(task, time);
}

/**
 * Before time 0: puts a task on a CPU. The first one on a CPU runs already: its way out of idle and
 * the switch to it lie before time 0. Later ones wait behind it.
 */
export function startTask(task: Task, id: u32): void {
  const cpu = cpuAt(id);
  if (cpu.curr != 0) {
    activate(cpu, task);
    checkPreempt(cpu, task);
    return;
  }
  leaveIdle(cpu);
  stopTick(cpu);
  activate(cpu, task);
  schedule(cpu);
  cpu.now = 0;
  cpu.clock = 0;
  task.execStart = 0;
  armTick(cpu, nextTickAfter(0));
  ensureRun(cpu);
}
