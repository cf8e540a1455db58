// The world on a machine: threads are tasks, steps cost time, and RCU is the modelled one.
//
//   task of a thread ─▶ step, step, ... ─▶ its CPU's clock
//                          │    │
//            woken threads ┘    └ callbacks, read sections ─▶ rcu/
//
// [simplified: a thread makes way between operations and where its steps say that the kernel does,
//  by the preemption model (sched/preempt.ts): cond_resched and might_sleep; preemptible models
//  between any two steps. A slab page of the typesafe cache goes back at once (mm/slub.c:free_slab
//  waits for a grace period)]

import { Config } from "../abi/config";
import { PageStat } from "../abi/page";
import { Op, MmCount, MmSetting } from "../abi/mm";
import { LoadAnswer, Region } from "../abi/metric";
import { VmaFlag } from "../abi/vma";
import { regionBase, STAGED_BYTES } from "../memory/map";
import { config, WORKLOAD_METRICS } from "../memory/slots";
import { timelineOperation } from "../metrics/timeline";
import { pagesInBuddy } from "../page/audit";
import { setStat } from "../page/stats";
import { vmstatInit } from "../page/vmstat";
import { callRcu } from "../rcu/call";
import { readLock, readUnlock } from "../rcu/read-lock";
import { kswapdInit } from "../reclaim/kswapd";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { jiffiesAt } from "../sched/clock";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { wakeForked, wakeTask } from "../sched/core";
import { newTask, startTask } from "../sched/extra";
import { horizon } from "../sched/horizon";
import { MID_KERNEL, mightSleepYields, preemptible, resched } from "../sched/preempt";
import { firstExtra, gpKthread, Task, taskAt, TaskKind } from "../sched/task";
import { noteMode, passUserMode } from "../sched/user-mode";
import { workersFor, workqueueInit } from "../sched/workqueue";
import { slabPageReturn, slabPendingTake } from "../slab/slab";
import { allocVma, attach, memoryInit, takePages } from "./attach";
import { chargingInit, takeSpent } from "./charge";
import { demandInit, fromMachine } from "./demand";
import { checkFrames, DEBT_BYTES, forgive, framesInit, owes, payFrame } from "./frames";
import { settleFrames, settleFreed } from "./frames";
import { invokeCallback } from "./free";
import { expectLater, laterInit } from "./later";
import { mmOomInit, noteEnd } from "./oom";
import { oomReaperInit } from "./oom-reaper";
import { rcuInit as deferInit, takeDeferred } from "./rcu";
import { Actor, ActorState, COND_RESCHED, MIGHT_SLEEP } from "./records";
import { mmVma, setProtection, VmaBit } from "./records";
import { settle } from "./settle";
import { COUNTS, listInterval, raise, seqMask, setting } from "./settings";
import { endedOp, stepActor } from "./step";
import { isForked, takeWoken, wokenAt } from "./wake";
import { actorAt, actorCount, broken, mmAt, setNow, setTime, vmaCache } from "./world";
import { worldBytes, worldInit } from "./world";

const PS_PER_NS: u64 = 1000;

export function mmRegionBytes(): u64 {
  const debts = setting(MmSetting.FROM_MACHINE) * setting(MmSetting.ACTORS) * DEBT_BYTES;
  return worldBytes() + debts;
}

/** An empty world in its region. */
export function mmMachineInit(): void {
  worldInit(regionBase(Region.MM));
  memoryInit();
  deferInit();
  chargingInit(true);
  demandInit(setting(MmSetting.FROM_MACHINE) != 0);
  loaded = 0;
}

let loaded: u64 = 0;

/** Takes `count` VMAs from the staging area into the first address space. */
export function mmLoad(count: u32): i32 {
  let at = regionBase(Region.STAGING);
  for (let i: u32 = 0; i < count; i++, at += STAGED_BYTES) {
    if (!attachLoaded(load<u64>(at), load<u64>(at, 8), load<u32>(at, 16))) {
      return LoadAnswer.NO_MEMORY;
    }
  }
  return LoadAnswer.OK;
}

/** False where its pages are more than MEMORY_PAGES has. */
function attachLoaded(first: u64, pages: u64, flags: u32): bool {
  const mm = mmAt(0);
  const made = allocVma(0, mm);
  assert(made != 0); // the plan has an object for every VMA
  const vma = mmVma(made);
  vma.start = first;
  vma.end = first + pages;
  setProtection(vma, flags & 0xff);
  vma.touched = touchedAtLoad(pages, flags);
  if (vma.touched != 0) {
    if (!takePages(mm, <u64>vma.touched)) return false;
    vma.flags |= <u16>VmaBit.ANON_VMA;
    mm.anonVmas++;
  }
  attach(mm, made);
  vma.seq = (mm.seq - 1) & seqMask;
  vma.queued = mm.holds - 1;
  loaded++;
  return true;
}

/** Pages that the process has written before: in its area as told, and in its own data. */
function touchedAtLoad(pages: u64, flags: u32): u32 {
  const first = setting(MmSetting.AREA_FIRST);
  const behind = first + setting(MmSetting.AREA_VMAS);
  if (loaded >= first && loaded < behind) {
    return <u32>min(pages, setting(MmSetting.AREA_TOUCHED));
  }
  // data, bss, heap and stack of a program, and what relocation has written
  const written = (flags & <u32>(VmaFlag.WRITE | VmaFlag.ACCOUNT)) != 0;
  const own = (flags & <u32>(VmaFlag.FILE | VmaFlag.HEAP | VmaFlag.STACK)) != 0;
  return written && (own || loaded < first) ? 1 : 0;
}

/** Time starts: a task for every thread; those of forked processes sleep until their fork. */
export function startMm(): void {
  takeSpent(); // loading costs nothing
  memory.fill(COUNTS, 0, <usize>MmCount.COUNT * 8);
  store<u64>(COUNTS + (<usize>MmCount.ALLOCATED << 3), loadedVmas());
  const threads = fromMachine ? actorCount - 1 : actorCount; // the last one is oom_reaper
  for (let id: u32 = 0; id < threads; id++) {
    const actor = actorAt(id);
    const task = newTask(TaskKind.MM_THREAD, id);
    const cpu = <u32>actor.cpu % nrCpus();
    if (actor.state == <u8>ActorState.NEW) task.cpu = cpu;
    else startTask(task, cpu);
  }
  gpKthread().cpu = <u32>config(Config.EXIT_CPU);
  if (fromMachine) startMemory();
  laterInit();
}

/** Before time 0: frames for all that is there, and the threads that look after memory. */
function startMemory(): void {
  const cpu = cpuAt(<u32>config(Config.EXIT_CPU));
  const began = cpu.now;
  framesInit(cpu, regionBase(Region.MM) + <usize>worldBytes());
  cpu.now = began;
  oomReaperInit();
  kswapdInit();
  mmOomInit();
  vmstatInit();
  if (workersFor(nrCpus()) != 0) workqueueInit();
  setStat(PageStat.FREE_MIN, pagesInBuddy());
}

/** VMAs of all address spaces that are there at the start. */
function loadedVmas(): u64 {
  let vmas: u64 = 0;
  for (let id: u32 = 0; id < <u32>setting(MmSetting.MMS); id++) vmas += mmAt(id).mapCount;
  return vmas;
}

export function taskOf(actor_id: u32): Task {
  return taskAt(firstExtra(<u32>config(Config.CPUS)) + actor_id);
}

/** The program of a thread's task. */
export function stepMmThread(cpu: Cpu, task: Task): u64 {
  const actor = actorAt(task.subject);
  actor.cpu = <u16>cpu.id;
  while (cpu.now <= horizon) {
    if (broken || actor.state == <u8>ActorState.DONE) return finish(cpu, task, actor);
    if (fromMachine && owes(actor.id)) {
      payFrame(cpu, actor);
      task.midStep = 0; // reclaim and allocations that may sleep reschedule
      if (cpu.needResched != 0) return GOES_ON;
      continue;
    }
    if (actor.state == <u8>ActorState.BLOCKED) {
      task.midStep = 0;
      return SLEEPS;
    }
    const nested = actor.rcuNest != 0;
    setTime(cpu.now, listInterval != 0 ? jiffiesAt(cpu.now) : 0);
    actor.mayYield = 0;
    stepActor(actor);
    cpu.now += takeSpent();
    if (endedOp != <u8>Op.NONE) timelineOperation(cpu, endedOp, actor.opSince);
    if (fromMachine) settleFrames(cpu, actor.id);
    if (nested != (actor.rcuNest != 0)) {
      if (nested) readUnlock(cpu, task);
      else readLock(cpu, task);
    }
    passOn(cpu);
    task.midStep = mayBePreempted(actor) ? 0 : MID_KERNEL;
    task.userMode = computes(actor) ? 1 : 0;
    if (endedOp != <u8>Op.NONE && actor.mm != 0) passUserMode(cpu);
    noteMode(cpu, task);
    if (actor.pauseNs != 0) return sleep(cpu, task, actor);
    if (mayStop(cpu, task)) return GOES_ON;
  }
  return GOES_ON;
}

function finish(cpu: Cpu, task: Task, actor: Actor): u64 {
  task.midStep = 0;
  task.userMode = 0;
  raise(MmCount.THREADS_DONE, cpu.now);
  if (actor.rcuNest != 0) {
    actor.rcuNest = 0; // it broke off inside a section
    readUnlock(cpu, task);
  }
  if (fromMachine) {
    forgive(cpu, actor.id);
    noteEnd(cpu);
  }
  return EXITED;
}

function sleep(cpu: Cpu, task: Task, actor: Actor): u64 {
  const until = cpu.now + actor.pauseNs * PS_PER_NS;
  actor.pauseNs = 0;
  task.midStep = 0;
  return until;
}

/** Must it make way after this step, and may it? */
@inline
function mayStop(cpu: Cpu, task: Task): bool {
  if (task.midStep == 0) return resched(cpu);
  return cpu.needResched != 0 && preemptible();
}

/** Where a step says so, in loops that reschedule; and on the way to user space. */
@inline
function mayBePreempted(actor: Actor): bool {
  if (actor.mayYield == COND_RESCHED) return true;
  if (actor.mayYield == MIGHT_SLEEP && mightSleepYields()) return true;
  if (actor.op == <u8>Op.NONE || endedOp != <u8>Op.NONE) return true;
  return actor.state != <u8>ActorState.RUNNABLE;
}

/** Is it in user mode, where a tick may find it? */
@inline
function computes(actor: Actor): bool {
  return actor.mm != 0 && actor.op == <u8>Op.RUN;
}

/** What a step has set going for others: callbacks first, then wake-ups. */
export function passOn(cpu: Cpu): void {
  for (let callback = takeDeferred(); callback != 0; callback = takeDeferred()) {
    callRcu(cpu, callback);
  }
  for (let slab = slabPendingTake(vmaCache); slab != 0; slab = slabPendingTake(vmaCache)) {
    slabPageReturn(vmaCache, slab);
  }
  expectLater(cpu);
  const woken = takeWoken();
  for (let i: u32 = 0; i < woken; i++) {
    if (isForked(i)) wakeForked(cpu, taskOf(wokenAt(i)));
    else wakeTask(cpu, taskOf(wokenAt(i)));
  }
}

/** RCU invokes a callback of the world. */
export function mmCallback(cpu: Cpu, callback: u32): void {
  if (broken) return;
  setNow(cpu.now);
  invokeCallback(actorAt(0), cpu.id, callback);
  cpu.now += takeSpent();
  if (fromMachine) settleFreed(cpu);
  passOn(cpu);
}

export function finishMm(): void {
  if (!broken) settle();
  if (fromMachine && !broken) checkFrames();
  memory.copy(WORKLOAD_METRICS, COUNTS, <usize>MmCount.COUNT * 8);
}
