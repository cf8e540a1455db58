// kvfree_rcu: objects gather in pages of 507 pointers; a monitor hands them to RCU, and a worker
// frees them after a grace period.
//
// [same: kernel/rcu/tree.c:kvfree_call_rcu, schedule_delayed_monitor_work, kfree_rcu_monitor,
//  kvfree_rcu_bulk, kernel/workqueue.c:queue_rcu_work, 6.12: the monitor comes after 5 * HZ, or
//  after a jiffy once a page of pointers is full; two batches may wait for grace periods, whose
//  callbacks are never lazy; while both do the monitor comes again; the worker reschedules after
//  each page of pointers. In 7.2 (mm/slab_common.c:kfree_rcu_sheaf) a VMA goes to a sheaf instead]
// [simplified: one channel for the machine instead of one a CPU; batches already past their grace
//  period are freed with the others; always room for the pages of pointers]
// Its shrinker is one of reclaim/shrinkers.ts.

import { Config } from "../abi/config";
import { Metric } from "../abi/metric";
import { addMetric, config } from "../memory/slots";
import { noteFree } from "../metrics/dead";
import { callRcuHurry } from "../rcu/call";
import { timeoutExpiry } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_KERNEL, preemptible, resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { newCallback } from "../vma/callback-records";
import { freeVma } from "../vma/free";
import { CallbackKind, changeState, vmaAt, VmaState } from "../vma/record";
import { bulkDue, setBulkDue } from "./drain-timer";
import { lockList, unlockList } from "./list-lock";

/** Pointers in a page behind its header. */
export const BULK_ENTRIES: u32 = 507;
const BATCHES: u32 = 2;
/** KFREE_DRAIN_JIFFIES, in seconds. */
const DRAIN_SECONDS: u64 = 5;

//  0      4       8
//  ┌──────┬───────┬──────┐
//  │ head │ state │ left │   a batch: its objects are linked by Vma.group
//  └──────┴───────┴──────┘
const BATCH_BYTES: usize = 12;
const BATCH: usize = memory.data(24, 8);
const EMPTY: u32 = 0;
const WAITS: u32 = 1;
const READY: u32 = 2;

let head: u32 = 0;
let count: u32 = 0;

export function bulkInit(): void {
  head = 0;
  count = 0;
  memory.fill(BATCH, 0, BATCHES * BATCH_BYTES);
}

@inline
function batchAt(index: u32): usize {
  return BATCH + <usize>index * BATCH_BYTES;
}

/** Objects that wait for the monitor; those of a batch wait for their grace period already. */
@inline
export function bulkQueued(): u32 {
  return count;
}

/** Queues one object, and sees to it that the monitor comes. */
export function bulkPush(cpu: Cpu, address: u32, from: VmaState): void {
  const vma = vmaAt(address);
  changeState(vma, from, VmaState.LISTED);
  lockList(cpu);
  vma.group = head;
  head = address;
  count++;
  unlockList(cpu);
  const wanted = timeoutExpiry(cpu.now, monitorJiffies());
  if (wanted < bulkDue()) setBulkDue(wanted);
}

function monitorJiffies(): u64 {
  return count >= BULK_ENTRIES ? 1 : DRAIN_SECONDS * config(Config.HZ);
}

/** kfree_rcu_monitor: everything queued goes into a free batch; comes again if there is none. */
export function bulkMonitor(cpu: Cpu): void {
  setBulkDue(u64.MAX_VALUE);
  if (count == 0) return;
  lockList(cpu);
  moveToBatch(cpu);
  unlockList(cpu);
  if (count != 0) setBulkDue(timeoutExpiry(cpu.now, monitorJiffies()));
}

/** What is queued becomes a batch that waits for its grace period, if a slot is free. */
function moveToBatch(cpu: Cpu): void {
  for (let index: u32 = 0; index < BATCHES; index++) {
    const batch = batchAt(index);
    if (load<u32>(batch, 4) != EMPTY) continue;
    store<u32>(batch, head);
    store<u32>(batch, WAITS, 4);
    store<u32>(batch, count, 8);
    head = 0;
    count = 0;
    callRcuHurry(cpu, newCallback(CallbackKind.BULK, index, 0));
    return;
  }
}

/** The grace period of a batch is over: its worker may free it. */
export function bulkReady(index: u32): void {
  store<u32>(batchAt(index), READY, 4);
}

/** Frees ready batches, object by object, the last page first; false when it has to pause. */
export function bulkFree(cpu: Cpu, task: Task): bool {
  for (let index: u32 = 0; index < BATCHES; index++) {
    const batch = batchAt(index);
    while (load<u32>(batch, 4) == READY) {
      const address = load<u32>(batch);
      const vma = vmaAt(address);
      const left = load<u32>(batch, 8) - 1;
      store<u32>(batch, vma.group);
      store<u32>(batch, left, 8);
      freeVma(cpu, address, VmaState.LISTED);
      noteFree(vma, cpu.now);
      if (left == 0) {
        store<u32>(batch, EMPTY, 4);
        addMetric(Metric.BULK_BATCHES, 1);
      }
      if (pausesAfter(cpu, task, left)) return false;
    }
  }
  return true;
}

/**
 * Has the worker to pause, with so many objects of the batch left? kfree_bulk() of a page has no
 * point to reschedule at; cond_resched() comes after it.
 */
export function pausesAfter(cpu: Cpu, task: Task, left: u32): bool {
  const pageEnds = left % BULK_ENTRIES == 0;
  task.midStep = pageEnds ? 0 : MID_KERNEL;
  if (cpu.now > horizon) return true;
  return pageEnds ? resched(cpu) : cpu.needResched != 0 && preemptible();
}
