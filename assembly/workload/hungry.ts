// A bystander that takes memory: woken by a timer, it touches a few pages it has not had before and
// sleeps again. It keeps them until the workload is over or the OOM killer has chosen it.
//
// Its latency is how long after the timer it had all pages of a turn. One that churns gives them
// back at the end of each turn, and its latency is that of each allocation: nothing while its CPU's
// list has pages, else a refill under the zone's lock with the wait for whoever holds that, and
// direct reclaim.
//
// [simplified: mm/memory.c:do_anonymous_page: one cost a page, page tables are not counted;
//  kernel/exit.c:do_exit of the task: its pages are unmapped and freed one after the other, without
//  the gather]

import { CostSlot } from "../abi/cost";
import { LoadConfig, LoadKind, LoadMetric } from "../abi/load";
import { cost } from "../memory/slots";
import { histogramRecord } from "../metrics/histogram";
import { giveFrames } from "../page/gather";
import { Migrate } from "../page/pcp";
import { giveUp, stepAlloc } from "../reclaim/slowpath";
import { EXITED, GOES_ON } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { chargeCurr } from "../sched/fair";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { passUserMode } from "../sched/user-mode";
import {
  addLoadMetric,
  Bystander,
  closeBystander,
  framesOf,
  loadConfig,
  loadHistogram,
  pauseUntilDue,
  takerOf,
} from "./load";
import { workloadOver } from "./workload";

enum Phase {
  /** At the beginning of a turn. */
  BEGIN,
  TOUCH,
  /** It gives everything back, at the end of a turn or for good. */
  GIVE,
  DIE,
}

const PS_PER_NS: u64 = 1000;
/** Pages given back between two looks at the clock. */
const FREE_STEP: u32 = 31;

/** Its program, see sched/programs.ts. */
export function stepHungry(cpu: Cpu, task: Task, it: Bystander): u64 {
  while (cpu.now <= horizon) {
    const over = it.killed != 0 || workloadOver();
    if (over && task.phase != <u8>Phase.DIE) beginToDie(cpu, task, it);
    switch (task.phase) {
      case <u8>Phase.BEGIN:
        if (pagesWanted(it) == 0) return pauseUntilDue(cpu, it); // looks whether all is over
        it.left = min(loadConfig(it.group, LoadConfig.TURN_PAGES), pagesWanted(it));
        task.phase = <u8>Phase.TOUCH;
        break;
      case <u8>Phase.TOUCH:
        if (it.left == 0) return endTurn(cpu, task, it);
        touchOne(cpu, it);
        break;
      case <u8>Phase.GIVE:
        if (framesOf(it).count == 0) {
          task.phase = <u8>Phase.BEGIN;
          return pauseUntilDue(cpu, it);
        }
        giveSome(cpu, it);
        break;
      default:
        if (framesOf(it).count == 0) return end(cpu, task, it);
        giveSome(cpu, it);
    }
    if (resched(cpu)) return GOES_ON;
  }
  return GOES_ON;
}

@inline
function churns(it: Bystander): bool {
  return loadConfig(it.group, LoadConfig.KIND) == <u64>LoadKind.CHURN;
}

/** A step towards the next page; `coastFrom` is when it was first asked for. */
function touchOne(cpu: Cpu, it: Bystander): void {
  if (it.coastFrom == 0) it.coastFrom = cpu.now;
  if (!stepAlloc(cpu, takerOf(it))) return;
  if (churns(it)) {
    histogramRecord(loadHistogram(it.group), (cpu.now - it.coastFrom) / PS_PER_NS);
  }
  it.coastFrom = 0;
  it.left--;
  cpu.now += cost(CostSlot.FAULT_PAGE);
  addLoadMetric(it.group, LoadMetric.PAGES, 1);
  passUserMode(cpu); // the fault is over
}

/** Pages that it still lacks. */
function pagesWanted(it: Bystander): u64 {
  return loadConfig(it.group, LoadConfig.PAGES) - <u64>framesOf(it).count;
}

/** All pages of the turn are there. */
function endTurn(cpu: Cpu, task: Task, it: Bystander): u64 {
  addLoadMetric(it.group, LoadMetric.ROUNDS, 1);
  if (churns(it)) {
    task.phase = <u8>Phase.GIVE;
    return GOES_ON;
  }
  histogramRecord(loadHistogram(it.group), (cpu.now - it.due) / PS_PER_NS);
  task.phase = <u8>Phase.BEGIN;
  return pauseUntilDue(cpu, it);
}

function beginToDie(cpu: Cpu, task: Task, it: Bystander): void {
  giveUp(cpu, takerOf(it));
  task.phase = <u8>Phase.DIE;
}

function giveSome(cpu: Cpu, it: Bystander): void {
  const pages = min(FREE_STEP, framesOf(it).count);
  cpu.now += <u64>pages * (cost(CostSlot.ZAP_PAGE) + cost(CostSlot.PAGE_FREE));
  giveFrames(cpu, framesOf(it), pages, Migrate.MOVABLE);
}

function end(cpu: Cpu, task: Task, it: Bystander): u64 {
  chargeCurr(cpu);
  closeBystander(task, it, cpu.now);
  return EXITED;
}
