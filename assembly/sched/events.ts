// The events of the machine: what kinds there are, how they are told apart, and how ties break.
//
// payload   31   24 23              0
//           ╒══════╤════════════════╕
//           │ kind │ CPU / task     │
//           └──────┴────────────────┘
// The kind is the priority too: at equal times ticks come first, then timers, then running code;
// within a kind, in the order in which they were set.

import { Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { queueCancel, queuePush, queueSize, queueTopTime } from "../queue/queue";
import { RcuData } from "../rcu/records";
import { Cpu, cpuAt } from "./cpu";
import { drawHorizon } from "./horizon";
import { Task, taskIndex } from "./task";
import { apicTime, IN_TURN, kickFrom, takesTurns, turnOf } from "./turns";

export const EVENT_TICK: u32 = 0;
export const EVENT_TIMER: u32 = 1;
export const EVENT_NOCB_TIMER: u32 = 2;
export const EVENT_RCU_IPI: u32 = 3;
export const EVENT_RUN: u32 = 4;
export const EVENT_SLICE: u32 = 5;

@inline
export function eventQueue(): usize {
  return regionBase(Region.EVENTS);
}

@inline
export function eventKind(payload: u32): u32 {
  return payload >> 24;
}

@inline
export function eventSubject(payload: u32): u32 {
  return payload & 0xff_ffff;
}

function push(time: u64, kind: u32, subject: u32): u32 {
  const handle = queuePush(eventQueue(), time, kind, (kind << 24) | subject);
  assert(handle != 0); // the plan has room for every event that can exist at once
  drawHorizon(time);
  return handle;
}

/** Makes sure that a CPU with something to do is called again at its own time. */
export function ensureRun(cpu: Cpu): void {
  if (cpu.runEvent != 0 || cpu.inRun != 0) return;
  cpu.runEvent = takesTurns ? IN_TURN : push(cpu.now, EVENT_RUN, cpu.id);
}

/** Calls a CPU at a time of its own, or when it is interrupted before. */
export function runAt(cpu: Cpu, time: u64): void {
  assert(cpu.runEvent == 0); // it has none: it is running
  cpu.runEvent = push(time, EVENT_RUN, cpu.id);
}

export function cancelRun(cpu: Cpu): void {
  if (cpu.runEvent == 0) return;
  if (cpu.runEvent != IN_TURN) queueCancel(eventQueue(), cpu.runEvent);
  cpu.runEvent = 0;
}

/** Ticks that are set: when no other event is left, nothing but ticks will happen. */
export let ticksSet: u32 = 0;

export function eventsInit(): void {
  ticksSet = 0;
}

export function armTick(cpu: Cpu, time: u64): void {
  assert(cpu.tickEvent == 0); // one tick per CPU
  ticksSet++;
  cpu.tickEvent = push(onApic(cpu, time), EVENT_TICK, cpu.id);
}

/** Where CPUs take turns, a CPU that sets the earliest timer of all in its own turn ends it so. */
function onApic(cpu: Cpu, time: u64): u64 {
  if (!takesTurns) return time;
  const due = apicTime(cpu, time);
  const earliest = queueSize(eventQueue()) == 0 || due < queueTopTime(eventQueue());
  if (earliest && turnOf == cpu.id) kickFrom(cpu);
  return due;
}

/** A tick goes off: its interrupt is taken at once, or waits for the CPU's turn. */
export function tickFires(cpu: Cpu): void {
  ticksSet--;
  cpu.tickEvent = takesTurns ? IN_TURN : 0;
}

export function stopTick(cpu: Cpu): void {
  if (cpu.tickEvent == 0 || cpu.tickEvent == IN_TURN) return;
  ticksSet--;
  queueCancel(eventQueue(), cpu.tickEvent);
  cpu.tickEvent = 0;
}

/** The running task's slice is over at `time`. */
export function armSlice(cpu: Cpu, time: u64): void {
  cancelSlice(cpu);
  cpu.sliceTime = time;
  cpu.sliceEvent = push(onApic(cpu, time), EVENT_SLICE, cpu.id);
}

export function cancelSlice(cpu: Cpu): void {
  if (cpu.sliceEvent == 0) return;
  if (cpu.sliceEvent != IN_TURN) queueCancel(eventQueue(), cpu.sliceEvent);
  cpu.sliceEvent = 0;
}

export function armTimer(task: Task, time: u64): void {
  assert(task.timer == 0); // one sleep at a time
  task.timer = push(time, EVENT_TIMER, taskIndex(task));
}

export function cancelTimer(task: Task): void {
  if (task.dueOn != 0) {
    cpuAt(task.dueOn - 1).timersDue--;
    task.dueOn = 0;
  }
  if (task.timer == 0) return;
  queueCancel(eventQueue(), task.timer);
  task.timer = 0;
}

/** The timer of a group of offloaded CPUs, on the CPU that arms it. */
export function armNocbTimer(leader: RcuData, cpu: Cpu, time: u64): void {
  assert(leader.timerEvent == 0); // restarted only after it was cancelled
  leader.timerCpu = cpu.id;
  leader.timerEvent = push(time, EVENT_NOCB_TIMER, leader.cpu);
}

/** RCU interrupts a CPU; one at a time is on its way. */
export function armRcuIpi(cpu: Cpu, time: u64): void {
  push(time, EVENT_RCU_IPI, cpu.id);
}

export function cancelNocbTimer(leader: RcuData): void {
  if (leader.timerDueOn != 0) {
    cpuAt(leader.timerDueOn - 1).timersDue--;
    leader.timerDueOn = 0;
  }
  if (leader.timerEvent == 0) return;
  queueCancel(eventQueue(), leader.timerEvent);
  leader.timerEvent = 0;
}
