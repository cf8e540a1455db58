// The event loop: pops events in their total order and lets CPUs run up to the next one.
//
// A CPU with something to do has one RUN event at its own clock. When it comes up, the CPU runs
// inline, without touching the queue, until its clock passes the earliest other event: its own next
// tick, or another CPU. So a lone busy CPU costs one event per tick, not one per VMA.

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, cost, setMetric } from "../memory/slots";
import { settleOwed } from "../lock/spinlock";
import { timelineTick } from "../metrics/timeline";
import { queuePop, queueSize, queueTopTime } from "../queue/queue";
import { vmstatTick } from "../page/vmstat";
import { interruptCall, resumeCall } from "../rcu/call";
import { rcuTick } from "../rcu/core";
import { expInterrupt } from "../rcu/exp";
import { DEFER_NOT, wakeDeferred } from "../rcu/nocb-wake";
import { RcuData } from "../rcu/records";
import { rcuData } from "../rcu/state";
import { COASTS, EXITED, GOES_ON } from "./answer";
import { nextTickAfter } from "./clock";
import {
  catchUp,
  endCoast,
  enterIdle,
  kickIdleHelper,
  killCurrent,
  leaveIdle,
  schedule,
  sleepCurrent,
  wakeTask,
} from "./core";
import { Cpu, cpuAt, isIdle } from "./cpu";
import {
  armTick,
  cancelRun,
  ensureRun,
  eventKind,
  eventQueue,
  eventSubject,
  EVENT_TICK,
  EVENT_NOCB_TIMER,
  EVENT_SLICE,
  EVENT_RCU_IPI,
  EVENT_TIMER,
  runAt,
  tickFires,
} from "./events";
import { overloadedCpus, updateCurr } from "./fair";
import { tickFairServer } from "./fixed";
import { horizon, openHorizon } from "./horizon";
import { hrtickFires } from "./hrtick";
import { noteIdleTick, onlyTicksLeft, rcuWatches, tickOfFull } from "./nohz";
import { balance } from "./place";
import { hurryLazy, mustMakeWay } from "./preempt";
import { stepProgram } from "./programs";
import { queued } from "./runqueue";
import { updateClock } from "./rq-clock";
import { runSoftirqs, softirqsAreFree, stepSoftirq } from "./softirq";
import { Task, taskAt, TaskKind, taskMetric } from "./task";
import { mustWait, nocbTimerWaits, timeoutWaits } from "./timers";
import {
  anyInTurn,
  endTurn,
  IN_TURN,
  joinClock,
  Pass,
  pass,
  takesTurns,
  turnClock,
  turnEnd,
  turnKicked,
  turnOf,
  usesTurn,
} from "./turns";
import { leaveInterrupt, noteMode } from "./user-mode";
import { workqueueTick } from "./workqueue";

/** Longest stretch of simulated time that a CPU runs inline, so that the host gets a word in. */
const INLINE_PS: u64 = 20_000_000_000;

/** Simulated time that costs the host about as much as an event: 2^23 ps, 8 µs. */
const EVENT_PS_SHIFT: u64 = 23;
/** What the inline stretches since runEvents was called have cost, in events. */
let stretches: u64 = 0;

/**
 * Handles events until `budget` is spent; false when none is left. An event costs one, and more if
 * a CPU runs inline for long, so that a call takes the host about the same time whatever happens.
 */
export function runEvents(budget: u32): bool {
  const queue = eventQueue();
  stretches = 0;
  for (let events: u64 = 0; events + stretches < <u64>budget; events++) {
    if (!(takesTurns ? nextPass(queue) : nextEvent(queue))) return false;
  }
  return true;
}

/** Handles the next event; false when none is left that changes anything. */
function nextEvent(queue: usize): bool {
  if (queueSize(queue) == 0) return false;
  const time = queueTopTime(queue);
  const payload = queuePop(queue);
  const subject = eventSubject(payload);
  addMetric(Metric.EVENTS, 1);
  setMetric(Metric.NOW, time);
  switch (eventKind(payload)) {
    case EVENT_TICK: return tickIsDue(cpuAt(subject), time);
    case EVENT_TIMER: timeout(taskAt(subject), time); break;
    case EVENT_SLICE: sliceIsDue(cpuAt(subject), time); break;
    case EVENT_NOCB_TIMER: nocbTimer(rcuData(subject), time); break;
    case EVENT_RCU_IPI: rcuIpi(cpuAt(subject), time); break;
    default: run(cpuAt(subject), time); break;
  }
  return true;
}

function tickIsDue(cpu: Cpu, time: u64): bool {
  if (onlyTicksLeft() && !(takesTurns && anyInTurn())) return false;
  tickFires(cpu);
  if (!takesTurns) tick(cpu, time);
  return true;
}

function sliceIsDue(cpu: Cpu, time: u64): void {
  if (takesTurns) cpu.sliceEvent = IN_TURN;
  else sliceEnds(cpu, time);
}

/** The tick. */
function tick(cpu: Cpu, time: u64): void {
  cpu.tickEvent = 0;
  const hitIdle = enterInterrupt(cpu, time);
  if (!hitIdle && cpu.inSoftirq == 0) interruptCall(time);
  armTick(cpu, nextTickAfter(time));
  tickWork(cpu, hitIdle);
  tickOfFull(cpu);
  interruptExit(cpu, hitIdle);
}

/** An interrupt hits a CPU. Was that idle? */
function enterInterrupt(cpu: Cpu, time: u64): bool {
  const hitIdle = isIdle(cpu) && cpu.runEvent == 0;
  catchUp(cpu, time);
  endCoast(cpu);
  cpu.now = max(cpu.now, time);
  if (takesTurns) joinClock(cpu);
  rcuWatches(cpu);
  return hitIdle;
}

/** What the timer interrupt does on any CPU, also where a stopped tick was set for a timer. */
function tickWork(cpu: Cpu, hitIdle: bool): void {
  const start = cpu.now;
  cpu.now += cost(CostSlot.TICK);
  noteIdleTick(cpu);
  hurryLazy(cpu);
  updateClock(cpu);
  if (cpu.curr != 0) {
    updateCurr(cpu);
    if (changetype<Task>(cpu.curr).kind == <u8>TaskKind.KWORKER) workqueueTick(cpu);
  }
  rcuTick(cpu, hitIdle);
  if (!hitIdle) vmstatTick(cpu);
  tickFairServer(cpu);
  if (overloadedCpus != 0) {
    kickIdleHelper(cpu);
    balance(cpu);
  }
  timelineTick(cpu, start);
}

/** A sleeping task's time is up: an interrupt on the CPU it slept on. */
function timeout(task: Task, time: u64): void {
  task.timer = 0;
  if (mustWait(cpuAt(task.cpu), time)) {
    timeoutWaits(cpuAt(task.cpu), task);
    return;
  }
  const cpu = timerInterrupt(task.cpu, time);
  wakeTask(cpu, task);
  leaveInterrupt(cpu);
}

/** The running task's slice is over while another one waits, or did. */
function sliceEnds(cpu: Cpu, time: u64): void {
  cpu.sliceEvent = 0;
  const hitIdle = enterInterrupt(cpu, time);
  cpu.now += cost(CostSlot.HRTICK);
  hrtickFires(cpu);
  interruptExit(cpu, hitIdle);
}

/** A deferred wake-up of a group of offloaded CPUs is due. */
function nocbTimer(leader: RcuData, time: u64): void {
  leader.timerEvent = 0;
  if (mustWait(cpuAt(leader.timerCpu), time)) {
    nocbTimerWaits(cpuAt(leader.timerCpu), leader);
    return;
  }
  const cpu = timerInterrupt(leader.timerCpu, time);
  if (leader.deferLevel != DEFER_NOT) wakeDeferred(cpu, leader);
  leaveInterrupt(cpu);
}

/** RCU asks a CPU for a quiescent state, by an interrupt. */
function rcuIpi(cpu: Cpu, time: u64): void {
  const hitIdle = enterInterrupt(cpu, time);
  cpu.now += cost(CostSlot.RESCHEDULE_IPI);
  expInterrupt(cpu, hitIdle);
  interruptExit(cpu, hitIdle);
}

/** A timer goes off on a CPU. Where the tick was stopped, it was put off to this interrupt. */
function timerInterrupt(id: u32, time: u64): Cpu {
  const cpu = cpuAt(id);
  const stopped = cpu.tickEvent == 0;
  const wasWatched = (cpu.dynticks & 1) != 0;
  const hitIdle = enterInterrupt(cpu, time);
  if (hitIdle) {
    if (!wasWatched) cpu.now += cost(CostSlot.IDLE_EXIT);
    leaveIdle(cpu);
  }
  if (stopped) tickWork(cpu, hitIdle);
  runSoftirqs(cpu);
  ensureRun(cpu);
  return cpu;
}

/** irq_exit: pending softirqs run on top of what was interrupted, unless that is a softirq. */
function interruptExit(cpu: Cpu, hitIdle: bool): void {
  runSoftirqs(cpu);
  if (cpu.inSoftirq == 0) resumeCall(cpu.now);
  leaveInterrupt(cpu);
  if (cpu.inSoftirq != 0 || (queued(cpu) != 0 && cpu.spinsOn == 0)) ensureRun(cpu);
  else if (hitIdle) enterIdle(cpu);
}

/** Lets a CPU run inline up to the next event. */
function run(cpu: Cpu, time: u64): void {
  cpu.runEvent = 0;
  catchUp(cpu, time);
  endCoast(cpu);
  runUntil(cpu, min(queueTopTime(eventQueue()), cpu.now + INLINE_PS));
}

/** One pass of the loop of an emulator whose CPUs take turns; false when nothing is left. */
function nextPass(queue: usize): bool {
  const due = queueSize(queue) == 0 ? u64.MAX_VALUE : queueTopTime(queue);
  if (!anyInTurn()) {
    if (due == u64.MAX_VALUE) return false;
    endTurn(due); // all halt: the clock goes on to the next timer
  }
  switch (pass(due <= turnClock)) {
    case Pass.TIMERS:
      while (queueSize(queue) != 0 && queueTopTime(queue) <= turnClock) {
        if (!nextEvent(queue)) return false;
      }
      break;
    case Pass.TURN: haveTurn(cpuAt(turnOf), due); break;
    default: break;
  }
  return true;
}

/** A CPU takes the interrupts that wait for it, and goes on where its last turn ended. */
function haveTurn(cpu: Cpu, due: u64): void {
  cpu.flushPending = 0;
  if (!usesTurn(cpu)) return;
  const time = turnClock;
  setMetric(Metric.NOW, time);
  if (cpu.tickEvent == IN_TURN) tick(cpu, time);
  if (cpu.sliceEvent == IN_TURN) sliceEnds(cpu, time);
  if (cpu.runEvent == IN_TURN && !turnKicked) {
    cancelRun(cpu);
    endCoast(cpu);
    joinClock(cpu);
    settleOwed(cpu);
    runUntil(cpu, turnEnd(due));
  }
  endTurn(cpu.now);
}

function runUntil(cpu: Cpu, time: u64): void {
  cpu.inRun = 1;
  openHorizon(time);
  const start = cpu.now;
  const busy = runOn(cpu);
  stretches += (cpu.now - start) >> EVENT_PS_SHIFT;
  cpu.inRun = 0;
  if (busy) ensureRun(cpu);
  else if (cpu.coasting != 0 && cpu.coastUntil != u64.MAX_VALUE) runAt(cpu, cpu.coastUntil);
}

/**
 * Runs softirqs and tasks until the clock passes the horizon (true), or the CPU is idle, waits for
 * a spinlock whose release calls it again, or computes on its own (false).
 */
function runOn(cpu: Cpu): bool {
  while (cpu.now <= horizon) {
    if (cpu.inSoftirq != 0) {
      if (stepSoftirq(cpu)) resumeCall(cpu.now);
    } else if (cpu.spinsOn != 0) {
      return false;
    } else if (softirqsAreFree(cpu)) {
      runSoftirqs(cpu);
    } else if (mustSchedule(cpu)) {
      if (!schedule(cpu)) return false;
    } else {
      stepTask(cpu);
      if (cpu.coasting != 0) return false;
    }
  }
  return true;
}

/** Nothing runs, or what runs should make way and is at a point where it may. */
@inline
function mustSchedule(cpu: Cpu): bool {
  return cpu.curr == 0 || mustMakeWay(cpu, changetype<Task>(cpu.curr));
}

/** Lets the running task's program go on, and does what it answers. */
function stepTask(cpu: Cpu): void {
  const task = changetype<Task>(cpu.curr);
  const start = cpu.now;
  noteMode(cpu, task);
  const answer = stepProgram(cpu, task);
  // what ksoftirqd has begun is counted as softirq
  if (cpu.inSoftirq == 0) addMetric(taskMetric(task), cpu.now - start);
  if (answer == GOES_ON) return;
  settleOwed(cpu);
  if (answer == COASTS) {
    task.coastEnd = cpu.now;
    if (mustMakeWay(cpu, task)) return; // it has not come to that
    cpu.coasting = 1;
    cpu.coastStart = cpu.now;
    return;
  }
  assert(cpu.preemptCount == 0); // nobody sleeps with a spinlock held
  if (answer == EXITED) killCurrent(cpu);
  else sleepCurrent(cpu, answer);
}
