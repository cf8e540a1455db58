// The exports of the scheduler's test entry.

import type { RunSpec } from "../../src/api/types.ts";
import { type MachineRoom, machineRoom, metricOf, stage } from "../engine/rooms.ts";
import { spec } from "../engine/spec.ts";

export interface SchedRoom extends MachineRoom {
  loadVmas(count: number): number;
  begin(): void;
  run(budget: number): number;

  jiffiesAt(now: bigint): bigint;
  nextTickAfter(now: bigint): bigint;
  tickPeriod(): bigint;
  timeOfJiffies(jiffies: bigint): bigint;
  timeoutExpiry(now: bigint, timeout: bigint): bigint;

  place(cpu: number, task: number): void;
  remove(cpu: number, task: number): void;
  pick(cpu: number): number;
  reschedule(cpu: number): number;
  elapse(cpu: number, ps: bigint): void;
  sleepNow(cpu: number): void;
  wake(waker: number, task: number): void;
  wakeNew(waker: number, task: number): void;
  balanceNow(cpu: number): void;
  current(cpu: number): number;
  needResched(cpu: number): number;
  vruntimeOf(task: number): bigint;
  setVruntime(task: number, vruntime: bigint): void;
  deadlineOf(task: number): bigint;
  setDeadline(task: number, deadline: bigint): void;
  lagOf(task: number): bigint;
  setLag(task: number, lag: bigint): void;
  cpuOf(task: number): number;
  setCpuOf(task: number, cpu: number): void;
  isQueued(task: number): number;
  isSleeping(task: number): number;
  isDead(task: number): number;
  switchesOf(task: number): number;

  setPriority(task: number, priority: number): void;
  setUserMode(task: number, user: number): void;
  setMidStep(task: number, mid: number): void;
  bind(task: number): void;
  lazyResched(cpu: number): number;
  hurry(cpu: number): void;
  toUser(cpu: number): void;
  makesWay(cpu: number): number;
  queuedOn(cpu: number): number;
  sliceTimer(cpu: number): bigint;
  sliceEnds(cpu: number): void;

  restartTurns(): void;
  passTurn(timersDue: number): number;
  setsTimer(cpu: number): void;
  goesOff(cpu: number, now: bigint, time: bigint): bigint;

  bucketOf(value: bigint): number;
  bucketValue(bucket: number): bigint;
  histogramInit(base: number): void;
  histogramRecord(base: number, value: bigint): void;
  histogramCount(base: number): bigint;
  histogramSum(base: number): bigint;
  histogramMax(base: number): bigint;
  histogramQuantile(base: number, share: bigint): bigint;

  cpuNow(cpu: number): bigint;
  setNow(cpu: number, now: bigint): void;
  wantResched(cpu: number): void;
  ticks(cpu: number): number;
  watched(cpu: number): number;
  callbacksOf(cpu: number): number;
  inSoftirq(cpu: number): number;
  softirqPending(cpu: number): number;
  readyUp(cpu: number, base: number, count: number): void;
  softirq(cpu: number): number;
  softirqOfThread(cpu: number): number;
  softirqBegins(cpu: number): void;
  softirqGoesOn(cpu: number): number;
  askForQs(cpu: number): void;
  owesQs(cpu: number): number;
  sleepUntil(cpu: number, time: bigint): void;
  ksoftirqdAwake(cpu: number): number;
}

/** Tasks by number. */
export const EXIT = 0;
export const PARENT = 1;
export const RCU_GP = 2;
export const NO_TASK = -1;

export const MS = 1_000_000_000n;
export const US = 1_000_000n;

/** A scheduler whose CPUs and tasks the test moves by hand; nothing runs. */
export function scheduler(wanted: RunSpec = spec()): { room: SchedRoom; spare: number } {
  return machineRoom<SchedRoom>("sched", wanted);
}

/** A machine that runs one event at a time. */
export class SteppedMachine {
  readonly room: SchedRoom;
  #finished = false;
  #steps = 0;

  constructor(wanted: RunSpec) {
    this.room = machineRoom<SchedRoom>("sched", wanted).room;
    for (const { length, start_page, page_count, flags } of wanted.space.chunks(
      this.room.stagingVmas(),
    )) {
      const vmas = Array.from(
        { length },
        (_, i) => [start_page[i]!, page_count[i]!, flags[i]!] as const,
      );
      stage(this.room, vmas);
      if (this.room.loadVmas(length) !== 0) throw new Error("the space was refused");
    }
    this.room.begin();
  }

  /** Handles one event; false when the run is over. */
  step(): boolean {
    if (++this.#steps > 50_000) throw new Error("the machine does not come to rest");
    this.#finished ||= this.room.run(1) !== 0;
    return !this.#finished;
  }

  metric(slot: number): bigint {
    return metricOf(this.room, slot);
  }
}

/** The exiting task runs, is 100 us ahead of the average of it and its parent, and goes to sleep. */
export function indebted(room: SchedRoom): void {
  room.place(0, EXIT);
  room.place(0, PARENT);
  room.reschedule(0);
  room.setVruntime(EXIT, 300n * US);
  room.setVruntime(PARENT, 100n * US);
  room.sleepNow(0);
}
