// The parent of the workload `exits`: it waits for all its children, then works, or starts the next
// process at once.
//
// [same: kernel/exit.c:wait_task_zombie, release_task: dead children are reaped one by one; each
//  queues the callbacks of its task and its PID]
// [simplified: mm/memory.c:do_anonymous_page: the restarted process touches its pages on the
//  parent's behalf, one cost a page; mm/page_alloc.c:__alloc_pages_slowpath: when no zone has pages
//  all lists are drained, and if that gives nothing the process is out of memory: a result]
// [left out: who the OOM killer would choose]

import { ExitsMetric } from "../abi/exits";
import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import {
  addWorkloadMetric,
  config,
  cost,
  setWorkloadMetric,
  workloadMetric,
} from "../memory/slots";
import { allocPages, drainAllPages } from "../page/alloc";
import { giveFrames } from "../page/gather";
import { Migrate } from "../page/pcp";
import { FRAME_LIST_BYTES, FrameList } from "../page/runs";
import { mmPages } from "../page/zap";
import { queueCallback } from "../rcu/call";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { CallbackKind, vmaAt } from "../vma/record";
import { Child, childAt, childCallback } from "./child";

/** Where the parent stands (Task.phase). */
enum Phase {
  WAIT,
  WORK,
  RESTART,
  END,
}

const STEP_PS: u64 = 10_000_000;
/** Pages touched between two looks at the clock. */
const TOUCH: u32 = 8;
/** How long a process that is held back from the OOM killer waits before it tries again. */
const HELD_BACK_PS: u64 = 1_000_000_000;

/** Frames of the restarted process. */
const FRAMES: usize = memory.data(16, 8);
let reaped: u32 = 0;
let begun: u64 = 0;
let workLeft: u64 = 0;

export function waiterInit(): void {
  reaped = 0;
  begun = 0;
  workLeft = config(Config.EXITS_WORK_PS);
  memory.fill(FRAMES, 0, <usize>FRAME_LIST_BYTES);
}

/** Frames that the restarted process holds. */
export function restartFrames(): u32 {
  return changetype<FrameList>(FRAMES).count;
}

/** The parent's program, see sched/programs.ts. */
export function stepWaiter(cpu: Cpu, task: Task): u64 {
  while (cpu.now <= horizon) {
    switch (task.phase) {
      case <u8>Phase.WAIT:
        if (!reapOne(cpu)) return SLEEPS;
        if (reaped < <u32>config(Config.MMS)) break;
        allReaped(cpu);
        task.phase = <u8>Phase.WORK;
        task.userMode = 1;
        break;
      case <u8>Phase.WORK:
        if (workLeft == 0) {
          setWorkloadMetric(ExitsMetric.WORK, cpu.now - begun);
          begun = cpu.now;
          task.phase = <u8>Phase.RESTART;
          break;
        }
        cpu.now += min(workLeft, STEP_PS);
        workLeft -= min(workLeft, STEP_PS);
        if (resched(cpu)) return GOES_ON;
        break;
      case <u8>Phase.RESTART: {
        const until = touch(cpu);
        if (until == EXITED) task.phase = <u8>Phase.END;
        else if (until != GOES_ON) return until;
        if (resched(cpu)) return GOES_ON;
        break;
      }
      default:
        return EXITED;
    }
  }
  return GOES_ON;
}

/** wait(): the first dead child that was not waited for; false when there is none. */
function reapOne(cpu: Cpu): bool {
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    const child = childAt(id);
    if (child.zombie == 0 || child.reaped != 0) continue;
    reap(cpu, child, id);
    return true;
  }
  return false;
}

function reap(cpu: Cpu, child: Child, id: u32): void {
  child.reaped = 1;
  for (let which: u32 = 0; which < 2; which++) {
    const record = childCallback(id, which);
    vmaAt(record).func = <u8>(which == 0 ? CallbackKind.TASK_GONE : CallbackKind.FOREIGN);
    vmaAt(record).lock = cpu.id; // children die on the CPU of their parent
    queueCallback(cpu, record);
  }
  cpu.now += cost(CostSlot.WAIT_RETURN);
  child.waitReturn = cpu.now;
  const latency = cpu.now - child.exitStart;
  const least = workloadMetric(ExitsMetric.WAIT_MIN);
  if (reaped == 0) setWorkloadMetric(ExitsMetric.WAIT_FIRST, latency);
  if (reaped == 0 || latency < least) setWorkloadMetric(ExitsMetric.WAIT_MIN, latency);
  if (latency > workloadMetric(ExitsMetric.WAIT_MAX)) {
    setWorkloadMetric(ExitsMetric.WAIT_MAX, latency);
  }
  reaped++;
}

function allReaped(cpu: Cpu): void {
  setWorkloadMetric(ExitsMetric.LAST_WAIT, cpu.now);
  begun = cpu.now;
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    if (childAt(id).back != 0) continue;
    addWorkloadMetric(ExitsMetric.PAGES_OUT_AT_WAIT, mmPages(id).rss);
  }
}

/** The next process touches its memory: GOES_ON, EXITED when it is done, or until when it waits. */
function touch(cpu: Cpu): u64 {
  const frames = changetype<FrameList>(FRAMES);
  const wanted = <u32>config(Config.EXITS_RESTART_PAGES);
  if (frames.count < wanted) {
    const most = min(TOUCH, wanted - frames.count);
    let got = allocPages(cpu, Migrate.MOVABLE, most, frames);
    cpu.now += <u64>got * cost(CostSlot.FAULT_PAGE);
    if (got == 0 && drainAllPages(cpu) != 0) got = allocPages(cpu, Migrate.MOVABLE, most, frames);
    if (got != 0) return GOES_ON;
    if (config(Config.EXITS_HOLD_OOM) != 0 && anyPending()) {
      addWorkloadMetric(ExitsMetric.OOM_HELD_BACK, HELD_BACK_PS);
      return cpu.now + HELD_BACK_PS;
    }
    setWorkloadMetric(ExitsMetric.OOM, 1);
  }
  setWorkloadMetric(ExitsMetric.RESTART_PAGES, <u64>frames.count);
  if (wanted != 0) setWorkloadMetric(ExitsMetric.RESTART, cpu.now - begun);
  giveFrames(cpu, frames, frames.count, Migrate.MOVABLE);
  return EXITED;
}

/** Is an address space still to be torn down? */
function anyPending(): bool {
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    if (childAt(id).back == 0) return true;
  }
  return false;
}
