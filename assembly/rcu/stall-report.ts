// What a report about an RCU CPU stall says: which CPUs and which preempted readers hold the grace
// period up. All stalls are counted, the first ones kept as rows (abi/stall.ts).
// [same: kernel/rcu/tree_stall.h:print_other_cpu_stall, print_cpu_stall, print_cpu_stall_info,
//  rcu_print_task_stall; kernel/rcu/tree_exp.h:synchronize_rcu_expedited_stall; 6.12 and 7.2]
// [left out: stacks (rcu_dump_cpu_stacks)]

import { Metric } from "../abi/metric";
import { StallCpu, StallKind, StallSlot, StallTable, StallTask } from "../abi/stall";
import { addMetric, metric } from "../memory/slots";
import { timelineStall } from "../metrics/timeline";
import { jiffiesAt } from "../sched/clock";
import { Cpu, cpuAt } from "../sched/cpu";
import { taskAt, TaskKind } from "../sched/task";
import { bystanderAt } from "../workload/load";
import { RcuNode, Reader } from "./records";
import { listLength } from "./segcblist";
import { seqCounter } from "./seq";
import { gpKthreadStarves } from "./stall";
import { callbackList, nodeOf, rcuData, rcuLeaf, rcuState, stallRows } from "./state";

/** The row that is written, or 0 when no more are kept. */
let row: usize = 0;

@inline
function set(slot: u32, value: u64): void {
  if (row != 0) store<u64>(row + (<usize>slot << 3), value);
}

/** Writes down a stall of the running grace period, `jiffies` after it began. */
export function writeStall(cpu: Cpu, kind: StallKind, jiffies: u64): void {
  const state = rcuState();
  const number = <u32>metric(Metric.RCU_STALLS);
  addMetric(Metric.RCU_STALLS, 1);
  row = 0;
  if (number < <u32>StallTable.KEPT) row = stallRows() + <usize>(number * StallTable.ROW_SLOTS * 8);
  timelineStall(cpu, kind, jiffies);
  const expedited = kind == StallKind.EXPEDITED;
  set(StallSlot.TIME_PS, cpu.now);
  set(StallSlot.KIND, kind);
  set(StallSlot.DETECTED_BY, cpu.id);
  set(StallSlot.JIFFIES, jiffies);
  set(StallSlot.GP_SEQ, expedited ? state.expSeq : state.gpSeq);
  set(StallSlot.QUEUED, queuedEverywhere());
  set(StallSlot.SCANS, state.nForceQs - state.nForceQsGpStart);
  set(StallSlot.STARVED_JIFFIES, gpKthreadStarves(jiffiesAt(cpu.now)));
  writeHolders(expedited);
}

function queuedEverywhere(): u64 {
  let queued: u64 = 0;
  for (let id: u32 = 0; id < rcuState().cpus; id++) {
    queued += listLength(callbackList(rcuData(id)));
  }
  return queued;
}

/** CPUs and preempted readers of all leaves. */
function writeHolders(expedited: bool): void {
  let cpus: u32 = 0;
  let tasks: u32 = 0;
  for (let number: u32 = 0; number < rcuState().leaves; number++) {
    const leaf = rcuLeaf(number);
    const mask = expedited ? leaf.expMask : leaf.qsMask;
    for (let bit: u32 = 0; bit < leaf.children; bit++) {
      if ((mask & (1 << <u64>bit)) != 0) writeCpu(cpus++, leaf.lowest + bit);
    }
    let reader = expedited ? leaf.expTasks : leaf.gpTasks;
    for (; reader != 0; reader = changetype<Reader>(reader).next) {
      writeReader(tasks++, changetype<Reader>(reader), number);
    }
  }
  set(StallSlot.CPUS, cpus);
  set(StallSlot.TASKS, tasks);
}

function writeCpu(place: u32, id: u32): void {
  if (place >= <u32>StallTable.NAMED) return;
  const data = rcuData(id);
  const node: RcuNode = nodeOf(data);
  const at: u32 = StallTable.HEAD_SLOTS + place * StallTable.NAMED_SLOTS;
  set(at + StallCpu.CPU, id);
  set(at + StallCpu.GPS_BEHIND, seqCounter(node.gpSeq - data.gpSeq));
  set(at + StallCpu.TICKS, data.ticksThisGp);
  set(at + StallCpu.WATCHING, cpuAt(id).dynticks & 0xffff);
  set(at + StallCpu.SOFTIRQS_THEN, data.softirqsAtGp);
  set(at + StallCpu.SOFTIRQS_NOW, cpuAt(id).softirqs);
}

function writeReader(place: u32, reader: Reader, leaf: u32): void {
  if (place >= <u32>StallTable.NAMED) return;
  const task = taskAt(reader.task);
  const cpus: u32 = StallTable.NAMED * StallTable.NAMED_SLOTS;
  const at: u32 = StallTable.HEAD_SLOTS + cpus + place * StallTable.NAMED_SLOTS;
  const isLoad = task.kind == <u8>TaskKind.BYSTANDER;
  set(at + StallTask.TASK, reader.task);
  set(at + StallTask.GROUP, isLoad ? bystanderAt(task.subject).group + 1 : 0);
  set(at + StallTask.THREAD, task.subject);
  set(at + StallTask.NESTING, reader.nesting);
  const flags = reader.blocked | (reader.needQs << 1) | (reader.expHint << 2);
  set(at + StallTask.FLAGS, flags);
  set(at + StallTask.LEAF, leaf);
}
