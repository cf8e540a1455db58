// The process that the parent of the workload `exits` starts after its last wait: threads that
// touch their share of its memory, each on whatever CPU the scheduler gives it, as a guest's
// preallocation or a runtime's pre-touched heap does it.
//
// [simplified: mm/memory.c:do_anonymous_page: one cost a page; fork and exec have none; page tables
//  are not counted]
// [same: mm/page_alloc.c:__alloc_pages_slowpath, mm/oom_kill.c:find_lock_task_mm: an allocation
//  that finds no page goes into direct reclaim and to the OOM killer (reclaim/slowpath.ts), for
//  whom the dying have no mm: who is restarted is killed]
// [as intended, in no kernel: allocations that would end in the OOM killer wait while teardowns are
//  pending, an idea of October 2021]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { ExitsMetric } from "../abi/exits";
import { Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { addWorkloadMetric, config, cost, setWorkloadMetric } from "../memory/slots";
import { giveFrames } from "../page/gather";
import { Migrate } from "../page/pcp";
import { facesOom, giveUp, stepAlloc } from "../reclaim/slowpath";
import { takenFrames, Taker } from "../reclaim/taker";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { wakeForked, wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { newTask } from "../sched/extra";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task, taskAt, taskIndex, TaskKind } from "../sched/task";
import { passUserMode } from "../sched/user-mode";
import { CHILD_BYTES, TOUCHER_BYTES } from "./child-bytes";
import { teardownPending } from "./child";

/** Where a thread stands (Task.phase). */
enum Phase {
  TOUCH,
  /** It has its share and waits for the others. */
  READY,
  /** It gives everything back. */
  DIE,
}

/** How long an allocation waits that is held back from the OOM killer. */
const HELD_BACK_PS: u64 = 1_000_000_000;
/** Pages given back between two looks at the clock. */
const FREE_STEP: u32 = 31;

let threads: u32 = 0;
let ready: u32 = 0;
let gone: u32 = 0;
let begun: u64 = 0;
let alive: bool = false;

function toucherAt(index: u32): Taker {
  const children = <usize>(config(Config.MMS) * CHILD_BYTES);
  const at = regionBase(Region.EXITS) + children;
  return changetype<Taker>(at + <usize>index * <usize>TOUCHER_BYTES);
}

/** Before time 0: the threads, asleep on a CPU; each wants its share of the pages. */
export function restartInit(home: u32): void {
  threads = <u32>config(Config.EXITS_RESTART_THREADS);
  ready = 0;
  gone = 0;
  begun = 0;
  alive = false;
  assert(<u64>offsetof<Taker>() <= TOUCHER_BYTES); // the memory map has room for one each
  const pages = config(Config.EXITS_RESTART_PAGES);
  for (let index: u32 = 0; index < threads; index++) {
    memory.fill(changetype<usize>(toucherAt(index)), 0, <usize>TOUCHER_BYTES);
    const task = newTask(TaskKind.EXITS_RESTART, index);
    task.cpu = home;
    toucherAt(index).task = taskIndex(task);
    const before = (pages * <u64>index) / <u64>threads;
    toucherAt(index).group = <u32>((pages * (<u64>index + 1)) / <u64>threads - before);
  }
}

/** The parent starts the process. */
export function startRestart(cpu: Cpu): void {
  begun = cpu.now;
  alive = threads != 0;
  for (let index: u32 = 0; index < threads; index++) {
    wakeForked(cpu, taskAt(toucherAt(index).task));
  }
}

/** Has the process an mm that the OOM killer can choose? */
export function restartAlive(): bool {
  return alive;
}

/** Pages that it has. */
export function restartPages(): u64 {
  let sum: u64 = 0;
  for (let index: u32 = 0; index < threads; index++) {
    sum += <u64>takenFrames(toucherAt(index)).count;
  }
  return sum;
}

/** Nothing of it is left, or it was never wanted. */
export function restartIsOver(): bool {
  return gone == threads;
}

/** The OOM killer has chosen it: all its threads die on their way to user mode. */
export function killRestart(cpu: Cpu): void {
  setWorkloadMetric(ExitsMetric.OOM, 1);
  ends(cpu);
  for (let index: u32 = 0; index < threads; index++) {
    toucherAt(index).killed = 1;
    wakeTask(cpu, taskAt(toucherAt(index).task));
  }
}

/** It has all its memory, or is killed: what the run wants to know of it is known. */
function ends(cpu: Cpu): void {
  setWorkloadMetric(ExitsMetric.RESTART_PAGES, restartPages());
  setWorkloadMetric(ExitsMetric.RESTART, cpu.now - begun);
}

/** The program of a thread, see sched/programs.ts. */
export function stepRestart(cpu: Cpu, task: Task): u64 {
  const own = toucherAt(task.subject);
  while (cpu.now <= horizon) {
    const over = own.killed != 0 || ready == threads;
    if (over && task.phase != <u8>Phase.DIE) {
      giveUp(cpu, own);
      task.phase = <u8>Phase.DIE;
    }
    switch (task.phase) {
      case <u8>Phase.TOUCH:
        if (takenFrames(own).count == own.group) {
          task.phase = <u8>Phase.READY;
          if (++ready == threads) allReady(cpu);
          break;
        }
        if (heldBack(own)) return cpu.now + HELD_BACK_PS;
        if (stepAlloc(cpu, own)) {
          cpu.now += cost(CostSlot.FAULT_PAGE);
          passUserMode(cpu); // the fault is over
        }
        break;
      case <u8>Phase.READY:
        return SLEEPS;
      default:
        if (takenFrames(own).count == 0) {
          if (++gone == threads) alive = false;
          return EXITED;
        }
        giveSome(cpu, own);
    }
    if (resched(cpu)) return GOES_ON;
  }
  return GOES_ON;
}

/** Every thread has its share; the run ends with the exit of the process. */
function allReady(cpu: Cpu): void {
  ends(cpu);
  for (let index: u32 = 0; index < threads; index++) {
    wakeTask(cpu, taskAt(toucherAt(index).task));
  }
}

/** Does the allocation in hand wait for pending teardowns instead of a kill? */
function heldBack(own: Taker): bool {
  if (config(Config.EXITS_HOLD_OOM) == 0 || !facesOom(own) || !teardownPending()) return false;
  addWorkloadMetric(ExitsMetric.OOM_HELD_BACK, HELD_BACK_PS);
  own.passes = 1; // it begins anew with direct reclaim
  return true;
}

function giveSome(cpu: Cpu, own: Taker): void {
  const frames = takenFrames(own);
  const pages = min(FREE_STEP, frames.count);
  cpu.now += <u64>pages * (cost(CostSlot.ZAP_PAGE) + cost(CostSlot.PAGE_FREE));
  giveFrames(cpu, frames, pages, Migrate.MOVABLE);
}
