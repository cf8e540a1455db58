// The program of a bystander: busy loops, readers of RCU, sleepers. It computes by coasting, so
// that it costs the simulator nothing while nothing happens on its CPU.
//
// What it measures is what it sees of others: a busy loop how long it is held up (by interrupts,
// softirqs, other tasks), a reader how long its sections last, a sleeper how late it runs after its
// timer went off. A run with bystanders and one without differ in nothing else.

import { LoadConfig, LoadKind, LoadMetric } from "../abi/load";
import { histogramRecord } from "../metrics/histogram";
import { passCondResched } from "../rcu/classic";
import { readLock, readUnlock } from "../rcu/read-lock";
import { rcuData } from "../rcu/state";
import { COASTS, EXITED, GOES_ON } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { chargeCurr } from "../sched/fair";
import { MID_KERNEL, rcuIsClassic } from "../sched/preempt";
import { Task } from "../sched/task";
import { enterUserMode } from "../sched/user-mode";
import {
  addLoadMetric,
  Bystander,
  bystanderAt,
  closeBystander,
  loadConfig,
  loadHistogram,
  pauseUntilDue,
} from "./load";
import { stepHungry } from "./hungry";
import { mapperRests, stepMapper } from "./mapper";
import { workloadOver } from "./workload";

/** Where its program stands (Task.phase). */
enum Phase {
  /** At the beginning of a turn. */
  BEGIN,
  /** At work: it has been computing until now. */
  COMPUTE,
}

const PS_PER_NS: u64 = 1000;

/** The program, see sched/programs.ts. */
export function stepBystander(cpu: Cpu, task: Task): u64 {
  const it = bystanderAt(task.subject);
  const kind = <u32>loadConfig(it.group, LoadConfig.KIND);
  if (kind == <u32>LoadKind.MEMORY) return stepHungry(cpu, task, it);
  if (kind == <u32>LoadKind.CHURN) return stepHungry(cpu, task, it);
  if (kind == <u32>LoadKind.MAPPER) {
    return workloadOver() && mapperRests(it) ? end(cpu, task, it, kind) : stepMapper(cpu, task, it);
  }
  observe(cpu, task, it, kind);
  if (workloadOver()) return end(cpu, task, it, kind);
  switch (kind) {
    case LoadKind.BUSY_USER: return stepBusyUser(cpu, task, it);
    case LoadKind.BUSY_KERNEL: return stepBusyKernel(cpu, task, it);
    case LoadKind.READER: return stepReader(cpu, task, it);
    default: return stepSleeper(cpu, task, it);
  }
}

function end(cpu: Cpu, task: Task, it: Bystander, kind: u32): u64 {
  if (kind == <u32>LoadKind.READER && task.phase == <u8>Phase.COMPUTE) leaveSection(cpu, task);
  task.midStep = 0;
  task.userMode = 0;
  chargeCurr(cpu);
  closeBystander(task, it, cpu.now);
  return EXITED;
}

/** Computes until `until`, or until something happens on its CPU. */
function coast(cpu: Cpu, it: Bystander, until: u64): u64 {
  it.coastFrom = cpu.now;
  cpu.coastUntil = until;
  return COASTS;
}

function note(it: Bystander, ps: u64): void {
  histogramRecord(loadHistogram(it.group), ps / PS_PER_NS);
}

/** It is on its CPU: how long was a busy loop held up, how late is a sleeper? */
function observe(cpu: Cpu, task: Task, it: Bystander, kind: u32): void {
  const computed = task.phase == <u8>Phase.COMPUTE;
  if (kind == <u32>LoadKind.SLEEPER) {
    if (!computed) note(it, cpu.now - it.due);
  } else if (kind != <u32>LoadKind.READER && computed && cpu.now > task.coastEnd) {
    note(it, cpu.now - task.coastEnd);
  }
}

function stepBusyUser(cpu: Cpu, task: Task, it: Bystander): u64 {
  task.phase = <u8>Phase.COMPUTE;
  enterUserMode(cpu, task);
  return coast(cpu, it, u64.MAX_VALUE);
}

/** In the kernel: it reschedules after each stretch where the model needs such points. */
function stepBusyKernel(cpu: Cpu, task: Task, it: Bystander): u64 {
  const stretch = loadConfig(it.group, LoadConfig.WORK_PS);
  if (task.phase == <u8>Phase.COMPUTE) {
    const ran = task.coastEnd - it.coastFrom;
    if (ran >= it.left && rcuIsClassic()) passCondResched(rcuData(cpu.id), cpu);
    // computing passes the points without stopping at them
    it.left = ran < it.left ? it.left - ran : stretch - ((ran - it.left) % stretch);
  } else {
    it.left = stretch;
    task.phase = <u8>Phase.COMPUTE;
  }
  const atPoint = it.left == stretch;
  task.midStep = atPoint ? 0 : MID_KERNEL;
  if (cpu.needResched == 0) {
    task.midStep = MID_KERNEL;
    return coast(cpu, it, u64.MAX_VALUE);
  }
  // somebody waits for the point: go there and no further
  return atPoint ? yieldHere(cpu, task, it) : coast(cpu, it, cpu.now + it.left);
}

function yieldHere(cpu: Cpu, task: Task, it: Bystander): u64 {
  it.coastFrom = cpu.now;
  task.coastEnd = cpu.now;
  return GOES_ON;
}

function stepReader(cpu: Cpu, task: Task, it: Bystander): u64 {
  if (task.phase == <u8>Phase.COMPUTE) {
    const ran = task.coastEnd - it.coastFrom;
    it.left -= min(ran, it.left);
    if (it.left != 0) return coast(cpu, it, cpu.now + it.left);
    leaveSection(cpu, task);
    note(it, cpu.now - it.began);
    addLoadMetric(it.group, LoadMetric.ROUNDS, 1);
    task.phase = <u8>Phase.BEGIN;
    return pauseUntilDue(cpu, it);
  }
  readLock(cpu, task);
  task.phase = <u8>Phase.COMPUTE;
  task.midStep = MID_KERNEL;
  it.began = cpu.now;
  it.left = loadConfig(it.group, LoadConfig.WORK_PS);
  return coast(cpu, it, cpu.now + it.left);
}

function leaveSection(cpu: Cpu, task: Task): void {
  task.midStep = 0;
  readUnlock(cpu, task);
}

function stepSleeper(cpu: Cpu, task: Task, it: Bystander): u64 {
  if (task.phase == <u8>Phase.BEGIN) {
    addLoadMetric(it.group, LoadMetric.ROUNDS, 1);
    task.phase = <u8>Phase.COMPUTE;
    it.left = loadConfig(it.group, LoadConfig.WORK_PS);
    enterUserMode(cpu, task);
    return coast(cpu, it, cpu.now + it.left);
  }
  const ran = task.coastEnd - it.coastFrom;
  it.left -= min(ran, it.left);
  if (it.left != 0) return coast(cpu, it, cpu.now + it.left);
  task.phase = <u8>Phase.BEGIN;
  task.userMode = 0;
  return pauseUntilDue(cpu, it);
}
