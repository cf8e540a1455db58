// The exports of RCU's test entry.

import type { RunSpec } from "../../src/api/types.ts";
import { type MachineRoom, machineRoom } from "../engine/rooms.ts";
import { spec } from "../engine/spec.ts";
import { loadRoom, type Target } from "../queue/load.ts";

export interface RcuRoom extends MachineRoom {
  SEQ_AT_BOOT: WebAssembly.Global;
  MAX_BLIMIT: WebAssembly.Global;
  seqStart(seq: bigint): bigint;
  seqEnd(seq: bigint): bigint;
  seqSnap(seq: bigint): bigint;
  seqState(seq: bigint): bigint;
  seqDone(seq: bigint, wanted: bigint): number;
  seqStarted(seq: bigint, wanted: bigint): number;
  seqCompletedGp(old: bigint, now: bigint): number;
  seqNewGp(old: bigint, now: bigint): number;
  seqDiff(now: bigint, old: bigint): bigint;

  listInit(list: number): void;
  enqueue(list: number, callback: number): void;
  advance(list: number, seq: bigint): void;
  accelerate(list: number, seq: bigint): number;
  extractDone(list: number): number;
  extractedLast(): number;
  insertDone(list: number, first: number, last: number, count: number): void;
  subtractLength(list: number, count: number): void;
  entrain(list: number, callback: number): number;
  firstCallback(list: number): number;
  firstPending(list: number): number;
  readyCallbacks(list: number): number;
  pendingCallbacks(list: number): number;
  restEmpty(list: number, segment: number): number;
  listLength(list: number): number;
  segmentLength(list: number, segment: number): number;
  segmentSeq(list: number, segment: number): bigint;

  batchLimit(blimit: number, pending: number, divisor: number): number;
  batchIsTimed(limit: number): number;

  machineBegin(): void;
  setIdle(cpu: number, idle: number): void;
  setInSoftirq(cpu: number, inside: number): void;
  wantResched(cpu: number, wanted: number): void;
  needResched(cpu: number): number;
  cpuNow(cpu: number): bigint;
  setNow(cpu: number, now: bigint): void;
  callForeign(cpu: number, record: number): void;
  callForPid(cpu: number, record: number): void;
  idleFlush(cpu: number): number;
  tickCpu(cpu: number, hit_idle: number): number;
  coreOf(cpu: number): void;
  switchOn(cpu: number): void;
  batchOf(cpu: number): number;
  lastLimit(cpu: number): number;
  kthreadOn(cpu: number): bigint;
  gpSeq(): bigint;
  gpFlags(): number;
  gpsEnded(): bigint;
  forcedScans(): number;
  overloaded(): number;
  listOf(cpu: number): number;
  blimitOf(cpu: number): number;
  qlenLastOf(cpu: number): number;
  urgentOf(cpu: number): number;
  noticedSeqOf(cpu: number): bigint;
  neededSeqOf(cpu: number): bigint;
  overloadBitOf(cpu: number): number;
  leaves(): number;
  leafLowest(leaf: number): number;
  leafCpus(leaf: number): number;
  leafMask(leaf: number): bigint;
  leafMaskInit(leaf: number): bigint;
  rootMask(): bigint;
  rootMaskInit(): bigint;
  firstFqsJiffies(): number;
  nextFqsJiffies(): number;
  schedQsJiffies(): number;
  overloadMark(): number;

  bypassLength(cpu: number): number;
  deferLevel(cpu: number): number;
  leaderOf(cpu: number): number;
  nobypassCount(cpu: number): number;
  nobypassLimit(): number;
  lazyFlushJiffies(): number;
  rcuogAwake(leader: number): number;
  rcuopAwake(cpu: number): number;
  holdRcuog(leader: number): void;
  rcuogOn(cpu: number, leader: number): bigint;
  rcuogWaitsForGp(leader: number): number;
  rcuopOn(cpu: number, id: number): void;
  restRcuog(leader: number): void;
  setQhimark(qhimark: number): void;
  nocbTimerSet(cpu: number): number;
  lazyShrinkCount(): bigint;
  lazyShrinkScanOn(cpu: number, wanted: bigint): bigint;
  nocbStride(cpus: number): number;

  runTask(cpu: number, task: number): void;
  switchTo(cpu: number, task: number): number;
  lockBy(task: number): void;
  readLockOn(cpu: number, task: number): void;
  readUnlockOn(cpu: number, task: number): void;
  isPreempted(cpu: number): number;
  condResched(cpu: number): void;
  unlockBy(cpu: number, task: number, free: number): number;
  owes(cpu: number, task: number): number;
  blockedOn(leaf: number, at: number): number;
  gpBlocker(leaf: number): number;
  expBlocker(leaf: number): number;
  expMaskOf(leaf: number): bigint;
  setMasks(cpu: number, gp: number, exp: number): void;

  holdTask(task: number): void;
  expTask(): number;
  pollCookie(): bigint;
  pollDone(cookie: bigint): number;
  startPollOn(cpu: number): bigint;
  synchronizeLook(cpu: number, task: number): number;
  expeditedLook(cpu: number, task: number): number;
  barrierLook(cpu: number, task: number): number;
  expKthreadOn(cpu: number): bigint;
  stallsAddress(): number;
  ipiOnItsWay(cpu: number): number;
  ipiArrives(cpu: number): void;
  expSeq(): bigint;
  expEnded(): bigint;
  listedWaiters(): number;
  latched(): number;

  attachOne(): number;
  freeNow(address: number): void;
  queueVma(address: number): void;
  listVma(address: number): void;
  stateOf(address: number): number;
  freedCount(): bigint;
  deadCount(): bigint;
}

export const DONE = 0;
export const WAIT = 1;
export const NEXT_READY = 2;
export const NEXT = 3;
/** Number of the grace-period kthread's task; those from `FIRST_READER` on run nothing of RCU. */
export const GP_KTHREAD = 2;
export const FIRST_READER = 3;
/** "No task", as a signed word comes out of the module. */
export const NOBODY_SIGNED = -1;
/** What a report asks to wake: bits. */
export const WAKES_GP = 1;
export const WAKES_EXP = 2;

/** RCU on bare memory: lists and records go where the caller puts them. */
export function loadRcu(target: Target = "release"): RcuRoom {
  return loadRoom<RcuRoom>("rcu", target, 16);
}

/** A machine whose ticks, softirqs and kthread the test steps by hand. */
export class RcuMachine {
  readonly room: RcuRoom;
  readonly #spare: number;
  #records = 0;

  constructor(wanted: RunSpec = spec(), target: Target = "release") {
    const { room, spare } = machineRoom<RcuRoom>("rcu", wanted, {}, target);
    this.room = room;
    this.#spare = spare;
    room.machineBegin();
  }

  /** call_rcu, `count` times. Answers the last record. */
  call(cpu: number, count = 1): number {
    let record = 0;
    for (let i = 0; i < count; i++) {
      record = this.#spare + (this.#records++ % 60_000) * 32;
      this.room.callForeign(cpu, record);
    }
    return record;
  }

  /** call_rcu of what frees a PID. */
  callForPid(cpu: number): void {
    this.room.callForPid(cpu, this.#spare + (this.#records++ % 60_000) * 32);
  }

  /** A tick, and the softirq if the tick raised it. Answers the callbacks that were invoked. */
  tick(cpu: number, hit_idle = false): number {
    if (this.room.tickCpu(cpu, hit_idle ? 1 : 0) === 0) return 0;
    this.room.coreOf(cpu);
    return this.room.readyCallbacks(this.room.listOf(cpu)) === 0 ? 0 : this.room.batchOf(cpu);
  }

  /** A visit of the grace-period kthread that preempts what the CPU runs. */
  kthread(cpu: number, running: number): bigint {
    this.room.switchTo(cpu, GP_KTHREAD);
    const until = this.room.kthreadOn(cpu);
    this.room.runTask(cpu, running);
    return until;
  }

  /** Preempted readers of a leaf, as their list has them. */
  blocked(leaf = 0): number[] {
    const tasks: number[] = [];
    while (this.room.blockedOn(leaf, tasks.length) !== NOBODY_SIGNED) {
      tasks.push(this.room.blockedOn(leaf, tasks.length));
    }
    return tasks;
  }

  get running(): boolean {
    return (this.room.gpSeq() & 3n) !== 0n;
  }

  queued(cpu: number): number {
    return this.room.listLength(this.room.listOf(cpu));
  }

  ready(cpu: number): number {
    return this.room.segmentLength(this.room.listOf(cpu), DONE);
  }
}
