// RCU alone, for its tests: sequence numbers and callback lists on bare memory, and a machine whose
// ticks, softirqs and grace-period kthread are stepped by hand instead of by the event loop.

import { treeLoad } from "../index/tree";
import { metric } from "../memory/slots";
import { Metric, Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { loadStaged } from "../vma/load";
import { cpuAt } from "../sched/cpu";
import { enqueueTask } from "../sched/fair";
import { openHorizon } from "../sched/horizon";
import { exitTask, gpKthread, TaskState } from "../sched/task";
import { noteHand } from "../metrics/dead";
import { freeVma } from "../vma/free";
import { listDead } from "../strategy/dead-list";
import { exitPolicy } from "../strategy/policy";
import { MM_TREE, theMm } from "../vma/mm";
import { CallbackKind, changeState, vmaAt, VmaState } from "../vma/record";
import { noteContextSwitch } from "./readers";
import { beginBatch, stepBatch } from "./batch";
import { callRcu, queueCallback, queuePidCallback } from "./call";
import { rcuCore, rcuTick } from "./core";
import { stepGpKthread } from "./gp-kthread";
import { extractedTail } from "./segcblist";
import { callbackList, nodeOf, rcuData, rcuLeaf, rcuRoot, rcuState, softirqBatch } from "./state";

export {
  seqCompletedGp,
  seqDiff,
  seqDone,
  seqEnd,
  seqNewGp,
  seqSnap,
  seqStart,
  seqStarted,
  seqState,
} from "./seq";
export { SEQ_AT_BOOT } from "./seq";
export {
  accelerate,
  advance,
  enqueue,
  entrain,
  extractDone,
  firstCallback,
  firstPending,
  insertDone,
  listInit,
  listLength,
  pendingCallbacks,
  readyCallbacks,
  restEmpty,
  segmentLength,
  segmentSeq,
  subtractLength,
} from "./segcblist";
export { batchIsTimed, batchLimit } from "./batch";
export { MAX_BLIMIT } from "./settings";
export { nocbStride } from "./settings";
export {
  bypassLength,
  deferLevel,
  holdRcuog,
  idleFlush,
  lazyFlushJiffies,
  lazyShrinkCount,
  lazyShrinkScanOn,
  leaderOf,
  nobypassCount,
  nobypassLimit,
  nocbTimerSet,
  rcuogAwake,
  rcuogOn,
  rcuogWaitsForGp,
  rcuopOn,
  restRcuog,
  setQhimark,
  rcuopAwake,
} from "./nocb-probe";
export {
  blockedOn,
  condResched,
  expBlocker,
  expMaskOf,
  gpBlocker,
  isPreempted,
  lockBy,
  owes,
  readLockOn,
  readUnlockOn,
  runTask,
  setMasks,
  switchTo,
  unlockBy,
} from "./reader-probe";
export {
  barrierLook,
  expeditedLook,
  expEnded,
  expKthreadOn,
  expSeq,
  expTask,
  holdTask,
  ipiArrives,
  ipiOnItsWay,
  latched,
  listedWaiters,
  pollCookie,
  pollDone,
  startPollOn,
  synchronizeLook,
} from "./wait-probe";
export {
  configAddress,
  costsAddress,
  init,
  metricsAddress,
  plan,
  regionBytesAddress,
  stagingAddress,
  stallsAddress,
} from "../index";

/** Last callback of the most recent `extractDone`. */
export function extractedLast(): u32 {
  return extractedTail;
}

// A machine by hand. `machineBegin` puts the exiting task on CPU 0, all other CPUs stay idle. The
// grace-period kthread answers no wake: `kthreadOn` runs it where and when the test wants.

export function machineBegin(): void {
  gpKthread().state = <u8>TaskState.DEAD;
  const cpu = cpuAt(0);
  cpu.dynticks = 1;
  enqueueTask(cpu, exitTask());
  cpu.curr = changetype<usize>(exitTask());
}

/** Makes a CPU busy (watched by RCU) or idle. */
export function setIdle(cpu: u32, idle: bool): void {
  const it = cpuAt(cpu);
  it.curr = idle ? 0 : changetype<usize>(exitTask());
  if (idle == ((it.dynticks & 1) != 0)) it.dynticks++;
}

/** The running code of a CPU wants to be preempted. */
export function wantResched(cpu: u32, wanted: bool): void {
  cpuAt(cpu).needResched = wanted ? 1 : 0;
}

export function needResched(cpu: u32): bool {
  return cpuAt(cpu).needResched != 0;
}

export function cpuNow(cpu: u32): u64 {
  return cpuAt(cpu).now;
}

export function setNow(cpu: u32, now: u64): void {
  cpuAt(cpu).now = now;
}

/** call_rcu of a callback that frees nothing modelled. `record` is 32 bytes of the caller's. */
export function callForeign(cpu: u32, record: u32): void {
  vmaAt(record).func = <u8>CallbackKind.FOREIGN;
  queueCallback(cpuAt(cpu), record);
}

/** The same for what frees a PID. */
export function callForPid(cpu: u32, record: u32): void {
  vmaAt(record).func = <u8>CallbackKind.FOREIGN;
  queuePidCallback(cpuAt(cpu), record);
}

/** The CPU is in a softirq, or out of it. */
export function setInSoftirq(cpu: u32, inside: bool): void {
  cpuAt(cpu).inSoftirq = inside ? 1 : 0;
}

/** The timer interrupt's RCU part; answers whether it raised the softirq. */
export function tickCpu(cpu: u32, hit_idle: bool): bool {
  const it = cpuAt(cpu);
  rcuTick(it, hit_idle);
  const raised = it.softirqPending != 0;
  it.softirqPending = 0;
  return raised;
}

export function coreOf(cpu: u32): void {
  rcuCore(cpuAt(cpu));
}

/** A context switch on a CPU. */
export function switchOn(cpu: u32): void {
  noteContextSwitch(cpuAt(cpu), cpuAt(cpu).curr);
}

/** One rcu_do_batch as a softirq; answers how many callbacks it invoked. */
export function batchOf(cpu: u32): u32 {
  const it = cpuAt(cpu);
  it.inSoftirq = 1;
  beginBatch(it, softirqBatch(cpu));
  openHorizon(u64.MAX_VALUE);
  stepBatch(it, softirqBatch(cpu));
  it.inSoftirq = 0;
  return softirqBatch(cpu).done;
}

/** Limit of the batch that `batchOf` ran last. */
export function lastLimit(cpu: u32): u32 {
  return softirqBatch(cpu).limit;
}

/** One run of the grace-period kthread on a CPU, from a wake to its next sleep and the switch. */
export function kthreadOn(cpu: u32): u64 {
  cpuAt(cpu).needResched = 0; // the switch to it
  const until = stepGpKthread(cpuAt(cpu), gpKthread());
  noteContextSwitch(cpuAt(cpu), 0);
  return until;
}

export function gpSeq(): u64 {
  return rcuState().gpSeq;
}

export function gpFlags(): u32 {
  return rcuState().gpFlags;
}

export function gpsEnded(): u64 {
  return rcuState().gpsEnded;
}

export function forcedScans(): u32 {
  return rcuState().nForceQs;
}

export function overloaded(): bool {
  return rcuState().cbovld != 0;
}

export function listOf(cpu: u32): usize {
  return callbackList(rcuData(cpu));
}

export function blimitOf(cpu: u32): u32 {
  return rcuData(cpu).blimit;
}

export function qlenLastOf(cpu: u32): u32 {
  return rcuData(cpu).qlenLastFqsCheck;
}

export function urgentOf(cpu: u32): bool {
  return rcuData(cpu).urgentQs != 0;
}

export function noticedSeqOf(cpu: u32): u64 {
  return rcuData(cpu).gpSeq;
}

/** The furthest grace period that this CPU's record knows to be asked for. */
export function neededSeqOf(cpu: u32): u64 {
  return rcuData(cpu).gpSeqNeeded;
}

export function overloadBitOf(cpu: u32): bool {
  const data = rcuData(cpu);
  return (nodeOf(data).cbovldMask & (1 << <u64>data.bit)) != 0;
}

export function leaves(): u32 {
  return rcuState().leaves;
}

export function leafLowest(leaf: u32): u32 {
  return rcuLeaf(leaf).lowest;
}

export function leafCpus(leaf: u32): u32 {
  return rcuLeaf(leaf).children;
}

export function leafMask(leaf: u32): u64 {
  return rcuLeaf(leaf).qsMask;
}

export function leafMaskInit(leaf: u32): u64 {
  return rcuLeaf(leaf).qsMaskInit;
}

export function rootMask(): u64 {
  return rcuRoot().qsMask;
}

export function rootMaskInit(): u64 {
  return rcuRoot().qsMaskInit;
}

export function firstFqsJiffies(): u32 {
  return rcuState().firstFqsJiffies;
}

export function nextFqsJiffies(): u32 {
  return rcuState().nextFqsJiffies;
}

export function schedQsJiffies(): u32 {
  return rcuState().schedQsJiffies;
}

export function overloadMark(): u32 {
  return rcuState().qovld;
}

// VMAs, to misuse them.

/** Attaches the one VMA that lies in the staging area; answers its record. */
export function attachOne(): u32 {
  assert(loadStaged(1) == 0); // the test stages a good VMA
  return treeLoad(MM_TREE, load<u64>(regionBase(Region.STAGING)));
}

export function freeNow(address: u32): void {
  noteHand(vmaAt(address), 0);
  freeVma(cpuAt(0), address, VmaState.ATTACHED);
}

export function queueVma(address: u32): void {
  noteHand(vmaAt(address), 0);
  changeState(vmaAt(address), VmaState.ATTACHED, VmaState.QUEUED);
  vmaAt(address).func = <u8>CallbackKind.VMA;
  callRcu(cpuAt(0), address);
}

export function listVma(address: u32): void {
  noteHand(vmaAt(address), 0);
  listDead(cpuAt(0), theMm(), exitPolicy(), address, VmaState.ATTACHED);
}

export function stateOf(address: u32): u32 {
  return <u32>vmaAt(address).state;
}

export function freedCount(): u64 {
  return metric(Metric.FREED);
}

export function deadCount(): u64 {
  return metric(Metric.DEAD);
}
