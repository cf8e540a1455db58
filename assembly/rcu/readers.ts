// Read-side critical sections of tasks. A task that is switched away from inside its section goes
// on the list of its CPU's leaf, and holds grace periods up from there, even after its CPU has
// reported.
// [same: kernel/rcu/tree_plugin.h of PREEMPT_RCU: rcu_note_context_switch, rcu_preempt_ctxt_queue,
//  rcu_preempt_deferred_qs_irqrestore, rcu_read_unlock_special; 6.12 and 7.2]
// [left out: priority boosting (RCU_BOOST, kernel/rcu/tree_plugin.h), which the measured kernels
//  are built without]
//
//   blkd_tasks   newest ──▶ ... ──▶ gp_tasks ──▶ ... ──▶ exp_tasks ──▶ oldest
//                                   └──────── block the normal grace period ┘
//                                                        └ the expedited one┘

import { Cpu } from "../sched/cpu";
import { rcuIsClassic } from "../sched/preempt";
import { Task, taskIndex } from "../sched/task";
import { passCondResched } from "./classic";
import { expDoneOn, reportExpCpu, reportExpNode } from "./exp-tree";
import { noteQuiescentState, reportUnblockedNode } from "./grace";
import { RcuData, RcuNode, Reader, WAKES_EXP, WAKES_GP, WAKES_NOBODY } from "./records";
import { seqLt } from "./seq";
import { nodeOf, rcuData, rcuState, readerOf } from "./state";

/** rcu_read_lock. */
@inline
export function beginSection(task: Task): void {
  const reader = readerOf(taskIndex(task));
  if (reader.nesting == 0) {
    reader.beganSeq = rcuState().gpSeq;
    reader.beganExp = rcuState().expSeq;
    rcuState().openReaders++;
  }
  reader.nesting++;
}

/** Is the task inside a section? */
@inline
export function inSection(task: usize): bool {
  return task != 0 && readerOf(taskIndex(changetype<Task>(task))).nesting != 0;
}

/**
 * rcu_read_unlock; `free` where preemption, softirqs and interrupts are enabled, as only there the
 * outermost one can report. Answers whom to wake (wakes.ts).
 */
export function endSection(cpu: Cpu, task: Task, free: bool): u32 {
  const reader = readerOf(taskIndex(task));
  assert(reader.nesting != 0); // every unlock has its lock
  reader.nesting--;
  if (reader.nesting != 0) return WAKES_NOBODY;
  rcuState().openReaders--;
  if (!hasSpecial(reader)) return WAKES_NOBODY;
  if (free) return reportDeferred(cpu, changetype<usize>(task));
  reader.deferred = 1;
  const data = rcuData(cpu.id);
  const node = nodeOf(data);
  const expedited =
    (reader.node != 0 && changetype<RcuNode>(reader.node).expTasks != 0) ||
    (node.expMask & (1 << <u64>data.bit)) != 0;
  if (expedited && rcuState().useSoftirq != 0) cpu.softirqPending = 1;
  else cpu.needResched = 1;
  return WAKES_NOBODY;
}

@inline
function hasSpecial(reader: Reader): bool {
  return (reader.blocked | reader.needQs | reader.expHint | reader.deferred) != 0;
}

/**
 * rcu_preempt_need_deferred_qs: does the task (0: the idle task) owe a report that it could make
 * outside a section?
 */
export function owesReport(data: RcuData, task: usize): bool {
  if (task == 0) return data.noQsExp != 0;
  const reader = readerOf(taskIndex(changetype<Task>(task)));
  return reader.nesting == 0 && (data.noQsExp != 0 || hasSpecial(reader));
}

/** rcu_preempt_deferred_qs: makes the reports that a task outside a section owes. */
export function reportDeferred(cpu: Cpu, task: usize): u32 {
  const data = rcuData(cpu.id);
  if (!owesReport(data, task)) return WAKES_NOBODY;
  let wakes = WAKES_NOBODY;
  let blocked = false;
  if (task != 0) {
    const reader = readerOf(taskIndex(changetype<Task>(task)));
    blocked = reader.blocked != 0;
    if (reader.needQs != 0) noteQuiescentState(data);
    reader.blocked = 0;
    reader.needQs = 0;
    reader.expHint = 0;
    reader.deferred = 0;
  }
  if (data.noQsExp != 0 && reportExpCpu(data)) wakes |= WAKES_EXP;
  if (blocked) wakes |= unblock(cpu, readerOf(taskIndex(changetype<Task>(task))));
  return wakes;
}

/** rcu_note_context_switch: the CPU leaves `task` (0: the idle task), whatever it was doing. */
export function noteContextSwitch(cpu: Cpu, task: usize): u32 {
  const data = rcuData(cpu.id);
  let wakes = WAKES_NOBODY;
  const leaves = inSection(task) ? readerOf(taskIndex(changetype<Task>(task))) : null;
  assert(leaves === null || !rcuIsClassic()); // there sections disable preemption
  if (leaves !== null && leaves.blocked == 0) {
    leaves.blocked = 1;
    if (block(data, leaves)) wakes |= WAKES_EXP;
  } else if (leaves === null) {
    wakes |= reportDeferred(cpu, task);
  }
  noteQuiescentState(data);
  if (rcuIsClassic()) passCondResched(data, cpu); // rcu_note_context_switch looks at the same marks
  if (data.noQsExp != 0 && reportExpCpu(data)) wakes |= WAKES_EXP;
  return wakes;
}

/**
 * rcu_preempt_ctxt_queue: whom a grace period waits for stays behind its mark, everybody else goes
 * to the front. True when the expedited grace period's waiter must be woken.
 */
function block(data: RcuData, reader: Reader): bool {
  const node = nodeOf(data);
  const bit: u64 = 1 << <u64>data.bit;
  const blocksGp = (node.qsMask & bit) != 0;
  const blocksExp = (node.expMask & bit) != 0;
  reader.node = changetype<usize>(node);
  if (blocksExp) {
    if (node.expTasks != 0 && !(blocksGp && node.gpTasks != 0)) {
      insertAfter(node, changetype<Reader>(node.expTasks), reader);
    } else {
      append(node, reader);
    }
  } else if (blocksGp) {
    if (node.gpTasks != 0) insertAfter(node, changetype<Reader>(node.gpTasks), reader);
    else if (node.expTasks != 0) prepend(node, reader);
    else append(node, reader);
  } else {
    prepend(node, reader);
  }
  const self = changetype<usize>(reader);
  if (blocksGp && node.gpTasks == 0) node.gpTasks = self;
  if (blocksExp && node.expTasks == 0) node.expTasks = self;
  return blocksExp && data.noQsExp != 0 && reportExpCpu(data);
}

/** Takes a reader off its leaf, which may have been the last that a grace period waited for. */
function unblock(cpu: Cpu, reader: Reader): u32 {
  const node = changetype<RcuNode>(reader.node);
  const self = changetype<usize>(reader);
  const heldGp = node.gpTasks != 0;
  const heldExp = !expDoneOn(node);
  if (node.gpTasks == self) node.gpTasks = reader.next;
  if (node.expTasks == self) node.expTasks = reader.next;
  if (reader.previous != 0) changetype<Reader>(reader.previous).next = reader.next;
  else node.blkdHead = reader.next;
  if (reader.next != 0) changetype<Reader>(reader.next).previous = reader.previous;
  else node.blkdTail = reader.previous;
  reader.node = 0;
  reader.previous = 0;
  reader.next = 0;
  let wakes = WAKES_NOBODY;
  if (heldGp && node.gpTasks == 0 && reportUnblockedNode(cpu, node)) wakes |= WAKES_GP;
  if (heldExp && expDoneOn(node) && reportExpNode(node)) wakes |= WAKES_EXP;
  return wakes;
}

function prepend(node: RcuNode, reader: Reader): void {
  reader.previous = 0;
  reader.next = node.blkdHead;
  if (reader.next != 0) changetype<Reader>(reader.next).previous = changetype<usize>(reader);
  else node.blkdTail = changetype<usize>(reader);
  node.blkdHead = changetype<usize>(reader);
}

function append(node: RcuNode, reader: Reader): void {
  if (node.blkdTail == 0) prepend(node, reader);
  else insertAfter(node, changetype<Reader>(node.blkdTail), reader);
}

function insertAfter(node: RcuNode, before: Reader, reader: Reader): void {
  reader.previous = changetype<usize>(before);
  reader.next = before.next;
  if (before.next != 0) changetype<Reader>(before.next).previous = changetype<usize>(reader);
  else node.blkdTail = changetype<usize>(reader);
  before.next = changetype<usize>(reader);
}

/**
 * The part of the tick that asks about readers (rcu_flavor_sched_clock_irq): a grace period older
 * than a second asks the running reader to report when it ends its section.
 */
export function askReader(cpu: Cpu, jiffies: u64, hz: u64): void {
  if (!inSection(cpu.curr)) return;
  const data = rcuData(cpu.id);
  const reader = readerOf(taskIndex(changetype<Task>(cpu.curr)));
  const old = <i64>(jiffies - rcuState().gpStartJiffies - hz) > 0;
  if (old && data.coreNeedsQs != 0 && data.noQs != 0) reader.needQs = 1;
}

/** No grace period may end over a section that was open when it began: a bug of the engine. */
export function checkNoOlderReader(gpSeqStarted: u64, tasks: u32): void {
  if (rcuState().openReaders == 0) return;
  for (let task: u32 = 0; task < tasks; task++) {
    const reader = readerOf(task);
    assert(reader.nesting == 0 || !seqLt(reader.beganSeq, gpSeqStarted)); // an older reader is open
  }
}
