// Children of the workload `exits`, and the end of each of them: do_exit as far as it matters for
// who waits and when memory is back.
//
// [same: kernel/exit.c:do_exit, exit_mm, exit_notify; kernel/fork.c:mmput, mmput_async, __mmput,
//  6.12 and 7.2: the mm is put before the parent is told; the last user's put tears the address
//  space down, or hands that to the system work queue of the CPU with a work item in the mm]
// [same: include/asm-generic/mmu_context.h:arch_exit_mm_mmput, posted in October 2021: a choice by
//  mm: always, by size, by class]
// [simplified: do_exit before and after exit_mm is one cost each, and makes way between them for a
//  worker that is owed CPU time; one thread a process, so its put is the last one]
// [left out: futexes, files, accounting, cgroups]

import { AsyncPut, ExitsMetric } from "../abi/exits";
import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Region } from "../abi/metric";
import { Span } from "../abi/timeline";
import {
  addWorkloadMetric,
  config,
  cost,
  setWorkloadMetric,
  workloadMetric,
} from "../memory/slots";
import { regionBase } from "../memory/map";
import { timelineSpan } from "../metrics/timeline";
import { mmPages } from "../page/zap";
import { EXITED, GOES_ON } from "../sched/answer";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task, taskAt } from "../sched/task";
import { Work, WORK_BYTES, WORK_DONE, WorkKind } from "../sched/work";
import { queueWork, workInit } from "../sched/workqueue";
import { stepExitMmap } from "../vma/exit-mmap";
import { Mm, mmAt } from "../vma/mm";
import { VMA_RECORD_BYTES } from "../vma/record";
import { CHILD_BYTES } from "./child-bytes";

//  0           8           16     24           32       33       34
//  ┌───────────┬───────────┬──────┬────────────┬────────┬────────┬───────┐
//  │ exitStart │ mmapStart │ back │ waitReturn │ zombie │ reaped │ async │
//  └───────────┴───────────┴──────┴────────────┴────────┴────────┴───────┘
//  36    40     64
//  ┌─────┬──────┬──────────────┐
//  │ cpu │ work │ callbacks[2] │
//  └─────┴──────┴──────────────┘
/** A child: its own mm has its number. */
@unmanaged
export class Child {
  exitStart: u64;
  mmapStart: u64;
  /** When its address space was gone. */
  back: u64;
  waitReturn: u64;
  zombie: u8;
  reaped: u8;
  async: u8;
  pad: u8;
  /** Where it died (task_cpu). */
  cpu: u32;
}

const WORK_AT: usize = 40;
const CALLBACKS_AT: usize = WORK_AT + <usize>WORK_BYTES;

/** The waiting parent. */
let parent: u32 = 0;

@inline
export function childAt(id: u32): Child {
  return changetype<Child>(regionBase(Region.EXITS) + <usize>id * <usize>CHILD_BYTES);
}

/** Is an address space still to be torn down? */
export function teardownPending(): bool {
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    if (childAt(id).back == 0) return true;
  }
  return false;
}

/** Callback record of a child: 0 its PID, 1 its task. */
export function childCallback(id: u32, which: u32): u32 {
  return <u32>(changetype<usize>(childAt(id)) + CALLBACKS_AT) + which * VMA_RECORD_BYTES;
}

export function childInit(id: u32, parentIndex: u32): void {
  parent = parentIndex;
  memory.fill(changetype<usize>(childAt(id)), 0, <usize>CHILD_BYTES);
  workInit(changetype<usize>(childAt(id)) + WORK_AT, WorkKind.MMPUT, id);
}

/** Where a child stands (Task.phase). */
enum Phase {
  ENTER,
  PUT,
  EXIT_MMAP,
  REST,
  NOTIFY,
}

/** A dying child's program, see sched/programs.ts. */
export function stepChild(cpu: Cpu, task: Task): u64 {
  const child = childAt(task.subject);
  const mm = mmAt(task.subject);
  while (cpu.now <= horizon) {
    switch (task.phase) {
      case <u8>Phase.ENTER:
        child.exitStart = cpu.now;
        cpu.now += cost(CostSlot.DO_EXIT_BEFORE_MM);
        task.phase = <u8>Phase.PUT;
        break;
      case <u8>Phase.PUT:
        task.phase = <u8>(put(cpu, child, mm) ? Phase.EXIT_MMAP : Phase.REST);
        if (resched(cpu)) return GOES_ON;
        break;
      case <u8>Phase.EXIT_MMAP:
        if (!stepExitMmap(cpu, task, mm)) return GOES_ON;
        noteBack(cpu, child);
        task.phase = <u8>Phase.REST;
        break;
      case <u8>Phase.REST:
        cpu.now += cost(CostSlot.DO_EXIT_AFTER_MM);
        task.phase = <u8>Phase.NOTIFY;
        break;
      default:
        assert(child.async != 0 || mmPages(mm.id).rss == 0); // a synchronous put has freed it all
        child.zombie = 1;
        timelineSpan(cpu, Span.DO_EXIT, child.exitStart, mm.id);
        child.cpu = cpu.id;
        wakeTask(cpu, taskAt(parent));
        return EXITED;
    }
  }
  return GOES_ON;
}

/** mmput or mmput_async; true when the caller tears the address space down itself. */
function put(cpu: Cpu, child: Child, mm: Mm): bool {
  assert(mm.mmUsers == 1); // the last user
  mm.mmUsers = 0;
  if (!wantsAsync(mm)) {
    begins(cpu, child);
    return true;
  }
  child.async = 1;
  if (queueWork(cpu, changetype<usize>(child) + WORK_AT)) {
    addWorkloadMetric(ExitsMetric.QUEUED, 1);
  }
  return false;
}

/** arch_exit_mm_mmput: the choice for this mm. */
function wantsAsync(mm: Mm): bool {
  const least = config(Config.EXITS_ASYNC_MIN);
  switch (<u32>config(Config.EXITS_ASYNC)) {
    case AsyncPut.ALWAYS: return true;
    case AsyncPut.BY_PAGES: return mmPages(mm.id).rss >= least;
    case AsyncPut.BY_VMAS: return <u64>mm.mapCount >= least;
    case AsyncPut.ENCRYPTED: return <u64>mm.id < config(Config.EXITS_ENCRYPTED);
    default: return false;
  }
}

/** __mmput up to exit_mmap. */
function begins(cpu: Cpu, child: Child): void {
  cpu.now += cost(CostSlot.MMPUT);
  child.mmapStart = cpu.now;
  if (workloadMetric(ExitsMetric.EXIT_MMAPS) == 0) {
    setWorkloadMetric(ExitsMetric.FIRST_START, cpu.now);
  }
  addWorkloadMetric(ExitsMetric.EXIT_MMAPS, 1);
}

function noteBack(cpu: Cpu, child: Child): void {
  child.back = cpu.now;
  if (workloadMetric(ExitsMetric.BACK_FIRST) == 0) {
    setWorkloadMetric(ExitsMetric.BACK_FIRST, cpu.now);
  }
  setWorkloadMetric(ExitsMetric.BACK_LAST, cpu.now);
}

/** mmput_async_fn: the put, on a worker of the CPU on which the child died. */
export function stepMmput(cpu: Cpu, task: Task, work: Work): u64 {
  const child = childAt(work.argument);
  const mm = mmAt(work.argument);
  if (child.mmapStart == 0) {
    begins(cpu, child);
    const took = child.mmapStart - work.queuedAt;
    if (workloadMetric(ExitsMetric.QUEUE_TO_START_FIRST) == 0) {
      setWorkloadMetric(ExitsMetric.QUEUE_TO_START_FIRST, took);
    }
    setWorkloadMetric(ExitsMetric.QUEUE_TO_START_LAST, took);
  }
  if (!stepExitMmap(cpu, task, mm)) return GOES_ON;
  noteBack(cpu, child);
  return WORK_DONE;
}
