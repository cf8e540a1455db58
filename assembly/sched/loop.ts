// The event loop: pops events in their total order and lets CPUs run up to the next one.
//
// A CPU with something to do has one RUN event at its own clock. When it comes up, the CPU runs
// inline, without touching the queue, until its clock passes the earliest other event: its own next
// tick, or another CPU. So a lone busy CPU costs one event per tick, not one per VMA.

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, cost, setMetric } from "../memory/slots";
import { queuePop, queueSize, queueTopTime } from "../queue/queue";
import { interruptCall, resumeCall } from "../rcu/call";
import { rcuTick } from "../rcu/core";
import { GP_YIELDS, stepGpKthread } from "../rcu/gp-kthread";
import { stepRcuop } from "../rcu/nocb-cb";
import { stepRcuog } from "../rcu/nocb-gp";
import { RCUC_GOES_ON, stepRcuc } from "../rcu/rcuc";
import { DEFER_NOT, wakeDeferred } from "../rcu/nocb-wake";
import { RcuData } from "../rcu/records";
import { rcuData } from "../rcu/state";
import { ExitStep, stepExit } from "../vma/exit-mmap";
import { stepParent } from "../vma/parent";
import { nextTickAfter } from "./clock";
import {
  enterIdle,
  killCurrent,
  leaveIdle,
  schedule,
  sleepCurrent,
  wakeTask,
} from "./core";
import { Cpu, cpuAt, isIdle } from "./cpu";
import {
  armTick,
  ensureRun,
  eventKind,
  eventQueue,
  eventSubject,
  EVENT_TICK,
  EVENT_NOCB_TIMER,
  EVENT_TIMER,
} from "./events";
import { updateCurr } from "./fair";
import { beginSoftirq, stepSoftirq } from "./softirq";
import { parentTask, Task, taskAt, TaskKind } from "./task";

/** Longest stretch of simulated time that a CPU runs inline, so that the host gets a word in. */
const INLINE_PS: u64 = 20_000_000_000;

/** Handles up to `budget` events; false when none is left. */
export function runEvents(budget: u32): bool {
  const queue = eventQueue();
  for (let i: u32 = 0; i < budget; i++) {
    if (queueSize(queue) == 0) return false;
    const time = queueTopTime(queue);
    const payload = queuePop(queue);
    const subject = eventSubject(payload);
    addMetric(Metric.EVENTS, 1);
    setMetric(Metric.NOW, time);
    switch (eventKind(payload)) {
      case EVENT_TICK: tick(cpuAt(subject), time); break;
      case EVENT_TIMER: timeout(taskAt(subject), time); break;
      case EVENT_NOCB_TIMER: nocbTimer(rcuData(subject), time); break;
      default: run(cpuAt(subject)); break;
    }
  }
  return true;
}

/** The tick. */
function tick(cpu: Cpu, time: u64): void {
  cpu.tickEvent = 0;
  const hitIdle = isIdle(cpu) && cpu.runEvent == 0;
  cpu.now = max(cpu.now, time);
  if (hitIdle) cpu.dynticks++;
  else if (cpu.inSoftirq == 0) interruptCall(time);
  armTick(cpu, nextTickAfter(time));
  tickWork(cpu, hitIdle);
  interruptExit(cpu, hitIdle);
}

/** What the timer interrupt does on any CPU, also where a stopped tick was set for a timer. */
function tickWork(cpu: Cpu, hitIdle: bool): void {
  cpu.now += cost(CostSlot.TICK);
  if (cpu.curr != 0) updateCurr(cpu);
  rcuTick(cpu, hitIdle);
}

/** A sleeping task's time is up: an interrupt on the CPU it slept on. */
function timeout(task: Task, time: u64): void {
  task.timer = 0;
  wakeTask(timerInterrupt(task.cpu, time), task);
}

/** A deferred wake-up of a group of offloaded CPUs is due. */
function nocbTimer(leader: RcuData, time: u64): void {
  leader.timerEvent = 0;
  const cpu = timerInterrupt(leader.timerCpu, time);
  if (leader.deferLevel != DEFER_NOT) wakeDeferred(cpu, leader);
}

/** A timer goes off on a CPU. Where the tick was stopped, it was put off to this interrupt. */
function timerInterrupt(id: u32, time: u64): Cpu {
  const cpu = cpuAt(id);
  const hitIdle = isIdle(cpu) && cpu.runEvent == 0;
  const stopped = cpu.tickEvent == 0;
  cpu.now = max(cpu.now, time);
  if (hitIdle) leaveIdle(cpu);
  if (stopped) tickWork(cpu, hitIdle);
  if (cpu.inSoftirq == 0 && cpu.softirqPending != 0) beginSoftirq(cpu);
  ensureRun(cpu);
  return cpu;
}

/** irq_exit: pending softirqs run on top of what was interrupted, unless that is a softirq. */
function interruptExit(cpu: Cpu, hitIdle: bool): void {
  if (cpu.inSoftirq == 0 && cpu.softirqPending != 0) beginSoftirq(cpu);
  if (cpu.inSoftirq == 0) resumeCall(cpu.now);
  if (cpu.inSoftirq != 0 || cpu.nrRunning != 0) ensureRun(cpu);
  else if (hitIdle) enterIdle(cpu);
}

/** Lets a CPU run inline up to the next event. */
function run(cpu: Cpu): void {
  cpu.runEvent = 0;
  cpu.inRun = 1;
  const busy = runUntil(cpu, min(queueTopTime(eventQueue()), cpu.now + INLINE_PS));
  cpu.inRun = 0;
  if (busy) ensureRun(cpu);
}

/** Runs softirqs and tasks until the CPU's clock passes `horizon` (true) or it is idle (false). */
function runUntil(cpu: Cpu, horizon: u64): bool {
  while (cpu.now <= horizon) {
    if (cpu.inSoftirq != 0) {
      if (stepSoftirq(cpu, horizon)) resumeCall(cpu.now);
    } else if (mustSchedule(cpu)) {
      if (!schedule(cpu)) return false;
    } else {
      stepTask(cpu, horizon);
    }
  }
  return true;
}

/** Nothing runs, or what runs should make way and is at a point where it may. */
@inline
function mustSchedule(cpu: Cpu): bool {
  if (cpu.curr == 0) return true;
  return cpu.needResched != 0 && changetype<Task>(cpu.curr).midStep == 0;
}

/** Lets the running task's program go on. */
function stepTask(cpu: Cpu, horizon: u64): void {
  const task = changetype<Task>(cpu.curr);
  const start = cpu.now;
  switch (task.kind) {
    case <u8>TaskKind.EXIT: {
      const step = stepExit(cpu, task, horizon);
      addMetric(Metric.CPU_TASK, cpu.now - start);
      if (step == ExitStep.FINISHED) {
        wakeTask(cpu, parentTask());
        killCurrent(cpu);
      }
      break;
    }
    case <u8>TaskKind.PARENT: {
      const until = stepParent(cpu);
      addMetric(Metric.CPU_TASK, cpu.now - start);
      sleepCurrent(cpu, until);
      break;
    }
    case <u8>TaskKind.RCU_GP: {
      const until = stepGpKthread(cpu, task);
      addMetric(Metric.CPU_KTHREAD, cpu.now - start);
      if (until != GP_YIELDS) sleepCurrent(cpu, until);
      break;
    }
    case <u8>TaskKind.RCUOP: {
      const sleeps = stepRcuop(cpu, task, task.subject, horizon);
      addMetric(Metric.CPU_KTHREAD, cpu.now - start);
      if (sleeps) sleepCurrent(cpu, u64.MAX_VALUE);
      break;
    }
    case <u8>TaskKind.RCUC: {
      const until = stepRcuc(cpu, task, horizon);
      addMetric(Metric.CPU_KTHREAD, cpu.now - start);
      if (until != RCUC_GOES_ON) sleepCurrent(cpu, until);
      break;
    }
    case <u8>TaskKind.RCUOG:
      stepRcuog(cpu, task.subject);
      addMetric(Metric.CPU_KTHREAD, cpu.now - start);
      sleepCurrent(cpu, u64.MAX_VALUE);
      break;
    default:
      if (cpu.softirqPending != 0) beginSoftirq(cpu);
      else sleepCurrent(cpu, u64.MAX_VALUE);
  }
}
