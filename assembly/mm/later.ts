// What strategies put off to a later time, for the dead VMAs of all address spaces: lists that a
// timer drains, and kvfree_rcu's monitor and worker.
//
// [same: kernel/rcu/tree.c:kvfree_call_rcu, schedule_delayed_monitor_work, kfree_rcu_monitor,
//  kvfree_rcu_bulk, 6.12: the monitor comes after 5 * HZ, or after a jiffy once a page of 507
//  pointers is full; two batches may wait for grace periods; while both do it comes again]
// [simplified: kernel/workqueue.c, 6.12: one thread of nice 0 in place of delayed work items, as
//  strategy/reaper.ts]

import { Collect, Config, Drain } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { callRcuHurry } from "../rcu/call";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { jiffiesAt, timeoutExpiry } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { newTask } from "../sched/extra";
import { Task, TaskKind } from "../sched/task";
import { BULK_ENTRIES, pausesAfter } from "../strategy/bulk";
import {
  bulkDue,
  drainTimerInit,
  listDue,
  setBulkDue,
  setListDue,
  setReaper,
} from "../strategy/drain-timer";
import { exitPolicy, munmapPolicy, Policy } from "../strategy/policy";
import { newCallback } from "../vma/callback-records";
import { CallbackKind } from "../vma/record";
import { checkGracePeriod, moveOn } from "../oracle/lifetime";
import { freeNow } from "./attach";
import { bulkListInit, bulkTakeAll, bulkWaiting } from "./bulk-list";
import { takeSpent } from "./charge";
import { fromMachine } from "./demand";
import { settleFreed } from "./frames";
import { drainList, takeListStarted } from "./free";
import { passOn } from "./machine";
import { Life, MmStruct, mmVma } from "./records";
import { actorAt, mmAt, mmCount, nextEvent, setTime } from "./world";

const BATCHES: u32 = 2;
/** KFREE_DRAIN_JIFFIES, in seconds. */
const DRAIN_SECONDS: u64 = 5;

//  0      4       8
//  ┌──────┬───────┬──────┐
//  │ head │ state │ left │   a batch: its VMAs are linked by MmVma.group
//  └──────┴───────┴──────┘
const BATCH_BYTES: usize = 12;
const BATCH: usize = memory.data(24, 8);
const EMPTY: u32 = 0;
const WAITS: u32 = 1;
const READY: u32 = 2;

let exists: bool = false;

@inline
function batchAt(index: u32): usize {
  return BATCH + <usize>index * BATCH_BYTES;
}

@inline
function needed(policy: Policy): bool {
  return policy.collect == <u32>Collect.BULK || policy.drain == <u32>Drain.INTERVAL_TIMER;
}

/** Makes the thread if a policy needs it; the host has planned it. */
export function laterInit(): void {
  drainTimerInit();
  bulkListInit();
  memory.fill(BATCH, 0, BATCHES * BATCH_BYTES);
  exists = needed(exitPolicy()) || needed(munmapPolicy());
  if (!exists) return;
  const task = newTask(TaskKind.REAPER, 0);
  task.cpu = <u32>config(Config.EXIT_CPU);
  setReaper(task);
}

/** A step may have put something on a list: sees to it that the thread comes. */
export function expectLater(cpu: Cpu): void {
  if (!exists) return;
  if (takeListStarted()) {
    const due = timeoutExpiry(cpu.now, listInterval());
    if (due < listDue()) setListDue(due);
  }
  if (bulkWaiting() == 0) return;
  const wanted = timeoutExpiry(cpu.now, monitorJiffies());
  if (wanted < bulkDue()) setBulkDue(wanted);
}

function listInterval(): u64 {
  const exit = exitPolicy();
  return exit.drain == <u32>Drain.INTERVAL_TIMER ? exit.drainArg : munmapPolicy().drainArg;
}

function monitorJiffies(): u64 {
  return bulkWaiting() >= BULK_ENTRIES ? 1 : DRAIN_SECONDS * config(Config.HZ);
}

/** Hands the list of an mm to RCU, for a timer or a shrinker. */
export function drainMm(cpu: Cpu, mm: MmStruct): void {
  setTime(cpu.now, jiffiesAt(cpu.now));
  cpu.now += cost(CostSlot.DRAIN_LIST);
  drainList(actorAt(0), mm);
  mm.lastDrain = jiffiesAt(cpu.now);
  cpu.now += takeSpent();
  passOn(cpu);
}

/** kfree_rcu_monitor: everything queued becomes a batch, if one of the two is free. */
export function monitor(cpu: Cpu): void {
  setBulkDue(u64.MAX_VALUE);
  if (bulkWaiting() == 0) return;
  for (let index: u32 = 0; index < BATCHES; index++) {
    const batch = batchAt(index);
    if (load<u32>(batch, 4) != EMPTY) continue;
    setTime(cpu.now, jiffiesAt(cpu.now));
    store<u32>(batch, bulkWaiting(), 8);
    const first = bulkTakeAll();
    const queued = nextEvent();
    for (let at = first; at != 0; at = mmVma(at).group) {
      if (!moveOn(actorAt(0), at, Life.WAITING, Life.QUEUED)) return;
      mmVma(at).queued = queued;
    }
    store<u32>(batch, first);
    store<u32>(batch, WAITS, 4);
    callRcuHurry(cpu, newCallback(CallbackKind.BULK, index, 0));
    return;
  }
  setBulkDue(timeoutExpiry(cpu.now, monitorJiffies()));
}

/** The grace period of a batch is over: its worker may free it. */
export function batchReady(index: u32): void {
  store<u32>(batchAt(index), READY, 4);
}

/** Frees ready batches, object by object, the last page first; false when it has to pause. */
function freeBatches(cpu: Cpu, task: Task): bool {
  for (let index: u32 = 0; index < BATCHES; index++) {
    const batch = batchAt(index);
    while (load<u32>(batch, 4) == READY) {
      const address = load<u32>(batch);
      const rest = mmVma(address).group;
      const left = load<u32>(batch, 8) - 1;
      store<u32>(batch, left, 8);
      store<u32>(batch, rest);
      if (rest == 0) store<u32>(batch, EMPTY, 4);
      setTime(cpu.now, jiffiesAt(cpu.now));
      if (!checkGracePeriod(actorAt(0), address)) return true;
      if (!freeNow(actorAt(0), cpu.id, address, Life.QUEUED, true)) return true;
      cpu.now += takeSpent();
      if (fromMachine) settleFreed(cpu);
      passOn(cpu);
      if (pausesAfter(cpu, task, left)) return false;
    }
  }
  return true;
}

/** Its program, see sched/programs.ts. */
export function stepLater(cpu: Cpu, task: Task): u64 {
  if (cpu.now >= listDue()) {
    setListDue(u64.MAX_VALUE);
    for (let id: u32 = 0; id < mmCount; id++) {
      if (mmAt(id).listHead != 0) drainMm(cpu, mmAt(id));
    }
  }
  if (cpu.now >= bulkDue()) monitor(cpu);
  if (!freeBatches(cpu, task)) return GOES_ON;
  const due = min(listDue(), bulkDue());
  if (due == u64.MAX_VALUE) return SLEEPS;
  return due <= cpu.now ? GOES_ON : due;
}
