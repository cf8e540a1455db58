// exit_mmap, in its order: unmap every VMA, free their page tables, remove them one by one, destroy
// the index. Each pass is its own walk over the index, as in the kernel.
//
// [same: mm/mmap.c:exit_mmap, 6.12: order of the passes, ascending walks, a chance to reschedule
//  after every VMA of a pass (cond_resched, or might_sleep under voluntary preemption), none while
//  the index is destroyed, nr_accounted, count == map_count]
// [simplified: the passes charge a fixed and a per-VMA cost; nothing is resident but what the fixed
//  cost stands for, so the gather never flushes early]
// [left out: mmap_lock and MMF_OOM_SKIP, as nobody else looks at this mm]

import { Config, Probe } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { VmaFlag } from "../abi/vma";
import { config, cost, metric, setMetric } from "../memory/slots";
import {
  cursorInit,
  cursorNext,
  treeDestroy,
  treeHeight,
  treeNodes,
  treeSetRcu,
} from "../index/tree";
import { isGeneration72 } from "../memory/map";
import { callRcuForeign } from "../rcu/call";
import { gpsSinceStart, operationEnded } from "../metrics/dead";
import { EXITED, GOES_ON } from "../sched/answer";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_KERNEL, mightSleepYields, resched } from "../sched/preempt";
import { parentTask, Task } from "../sched/task";
import { updateCurr } from "../sched/fair";
import { exitPolicy } from "../strategy/policy";
import { finishExit, finishLoop, handOver, removePrice } from "../strategy/remove";
import { newCallback } from "./callbacks";
import { MM_CURSOR, MM_TREE, theMm } from "./mm";
import { deferOthers } from "./node-callbacks";
import { CallbackKind, vmaAt, vmaPages, VmaState } from "./record";

/** Phases of the exiting task's program (Task.phase). */
enum Phase {
  BEGIN,
  UNMAP,
  PGTABLES,
  TLB_FINISH,
  LOOP,
  MT_DESTROY,
  END,
  NOTIFY,
}

/** The exiting task's program, see sched/programs.ts. */
export function stepExit(cpu: Cpu, task: Task): u64 {
  while (cpu.now <= horizon) {
    switch (task.phase) {
      case <u8>Phase.BEGIN: begin(cpu, task); break;
      case <u8>Phase.UNMAP:
        if (!walk(cpu, CostSlot.UNMAP_VMA)) return GOES_ON;
        closePhase(cpu, task, Metric.UNMAP_VMAS, Phase.PGTABLES);
        cursorInit(MM_CURSOR, MM_TREE, 0);
        cpu.now += cost(CostSlot.FREE_PGTABLES_FIXED);
        break;
      case <u8>Phase.PGTABLES:
        // the one point a VMA has here is the might_sleep() of vma_start_write()
        task.midStep = mightSleepYields() ? 0 : MID_KERNEL;
        if (!walk(cpu, CostSlot.FREE_PGTABLES_VMA)) return GOES_ON;
        task.midStep = 0;
        closePhase(cpu, task, Metric.FREE_PGTABLES, Phase.TLB_FINISH);
        break;
      case <u8>Phase.TLB_FINISH:
        cpu.now += cost(CostSlot.TLB_FINISH);
        // 7.2 frees page tables after a grace period, up to 509 by one call
        if (isGeneration72()) callRcuForeign(cpu, newCallback(CallbackKind.PAGE_TABLES, 0, 0));
        closePhase(cpu, task, Metric.TLB_FINISH, Phase.LOOP);
        cursorInit(MM_CURSOR, MM_TREE, 0);
        if (measured) setMetric(Metric.LOOP_START, cpu.now);
        // samples that the measuring kernel takes of measured VMAs
        if (measured) cpu.now += cost(CostSlot.REMOVAL_LOOP_FIXED);
        break;
      case <u8>Phase.LOOP:
        if (!removeAll(cpu, task)) return GOES_ON;
        endLoop(cpu, task);
        break;
      case <u8>Phase.MT_DESTROY: destroyIndex(cpu, task); break;
      case <u8>Phase.END: end(cpu, task); break;
      default:
        wakeTask(cpu, parentTask());
        return EXITED;
    }
  }
  return GOES_ON;
}

/** Start of the phase under way. */
let phaseStart: u64 = 0;
/** This exit is what the run measures, not what follows it. */
let measured: bool = true;

function closePhase(cpu: Cpu, task: Task, slot: Metric, next: Phase): void {
  setMetric(slot, cpu.now - phaseStart);
  phaseStart = cpu.now;
  task.phase = <u8>next;
}

/**
 * Callbacks that an exit of 7.2 has queued when exit_mmap begins. [measured: every row invokes four
 * more than slab pages, page tables and the dead process explain, and a first grace period ends
 * before any of those is queued; what they are is not known]
 */
const OTHER_CALLBACKS_72: u32 = 4;

function begin(cpu: Cpu, task: Task): void {
  measured = !operationEnded();
  if (!measured) theMm().exitStart = cpu.now;
  treeSetRcu(MM_TREE, false); // mt_clear_in_rcu; nothing is stored from here on
  if (isGeneration72()) deferOthers(cpu, OTHER_CALLBACKS_72);
  setMetric(Metric.INDEX_HEIGHT, <u64>treeHeight(MM_TREE));
  setMetric(Metric.INDEX_NODES, <u64>treeNodes(MM_TREE));
  cpu.now += cost(CostSlot.EXIT_MMAP_FIXED);
  phaseStart = cpu.now;
  task.phase = <u8>Phase.UNMAP;
  cursorInit(MM_CURSOR, MM_TREE, 0);
  cpu.now += unmapFixed();
}

/** What every process pays, less the entries of its page tables that a munmap has seen to. */
function unmapFixed(): u64 {
  const fixed = cost(CostSlot.UNMAP_VMAS_FIXED);
  const gone = <u64>theMm().tableVmasGone * cost(CostSlot.MUNMAP_UNMAP_TABLE_VMA);
  return fixed - min(fixed, gone);
}

/** May the running task be preempted between two VMAs? */
@inline
function mustYield(cpu: Cpu): bool {
  return cpu.now > horizon || resched(cpu);
}

/** One pass over all VMAs at a fixed price each; false when it has to pause. */
function walk(cpu: Cpu, price: CostSlot): bool {
  const perVma = cost(price);
  while (cursorNext(MM_CURSOR) != 0) {
    cpu.now += perVma;
    if (mustYield(cpu)) return false;
  }
  return true;
}

/**
 * The removal loop; false when it has to pause. An interrupt lands before the hand-over of a VMA,
 * where most of its time goes, and the hand-over still comes before any reschedule: so one callback
 * more is queued after the tick that starts a grace period, and needs the next one.
 */
function removeAll(cpu: Cpu, task: Task): bool {
  const mm = theMm();
  const policy = exitPolicy();
  const probed = (config(Config.PROBE_FLAGS) & <u64>Probe.STEP) != 0;
  const perVma =
    cost(CostSlot.VMA_NEXT) + removePrice(policy) + (probed ? cost(CostSlot.PROBE_STEP) : 0);
  while (true) {
    if (task.midStep == 0) {
      mm.inHand = cursorNext(MM_CURSOR);
      if (mm.inHand == 0) return true;
      cpu.now += perVma;
      task.midStep = MID_KERNEL;
      if (cpu.now > horizon) return false;
    }
    task.midStep = 0;
    const vma = vmaAt(mm.inHand);
    if ((vma.flags & <u16>VmaFlag.ACCOUNT) != 0) mm.accountedPages += vmaPages(vma);
    handOver(cpu, mm, policy, mm.inHand, VmaState.ATTACHED);
    mm.removed++;
    if (mustYield(cpu)) return false;
  }
}

function endLoop(cpu: Cpu, task: Task): void {
  const mm = theMm();
  assert(mm.removed == mm.mapCount); // exit_mmap: BUG_ON(count != mm->map_count)
  setMetric(Metric.MAP_COUNT, <u64>mm.mapCount);
  closePhase(cpu, task, Metric.LOOP, Phase.MT_DESTROY);
  if (measured) {
    setMetric(Metric.LOOP_END, cpu.now);
    setMetric(Metric.FREED_AT_LOOP_END, metric(Metric.FREED));
    setMetric(Metric.GP_AT_LOOP_END, gpsSinceStart());
  }
  finishLoop(cpu, mm, exitPolicy());
  setMetric(Metric.FINAL_DRAIN, cpu.now - phaseStart);
  phaseStart = cpu.now;
}

/** Nodes of the index that are gone but whose destruction is still to be paid for. */
let nodesUnpaid: u64 = 0;

/** __mt_destroy: interrupts are taken, but nothing is rescheduled, until the last node is gone
 *  and the little that follows is done. */
function destroyIndex(cpu: Cpu, task: Task): void {
  if (theMm().treeGone == 0) {
    theMm().treeGone = 1;
    task.midStep = MID_KERNEL; // until the end of exit_mmap
    nodesUnpaid = <u64>treeDestroy(MM_TREE);
    const early = nodesUnpaid * cost(CostSlot.MT_DESTROY_EARLY_NODE);
    cpu.now += min(cost(CostSlot.MT_DESTROY_FIXED), early);
  }
  while (nodesUnpaid != 0) {
    if (cpu.now > horizon) return;
    cpu.now += cost(CostSlot.MT_DESTROY_NODE);
    nodesUnpaid--;
  }
  closePhase(cpu, task, Metric.MT_DESTROY, Phase.END);
}

function end(cpu: Cpu, task: Task): void {
  const mm = theMm();
  finishExit(cpu, mm, exitPolicy());
  setMetric(Metric.FINAL_DRAIN, metric(Metric.FINAL_DRAIN) + cpu.now - phaseStart);
  assert(mm.accountedPages == mm.chargedPages); // vm_unacct_memory gives back what was charged
  setMetric(Metric.NR_ACCOUNTED, mm.accountedPages);
  setMetric(Metric.NR_CHARGED, mm.chargedPages);
  cpu.now += cost(CostSlot.EXIT_MMAP_END);
  setMetric(Metric.EXIT_TOTAL, cpu.now - mm.exitStart);
  task.midStep = 0;
  updateCurr(cpu);
  if (measured) {
    setMetric(Metric.EXIT_ENDED, 1);
    setMetric(Metric.FREED_AT_END, metric(Metric.FREED));
    setMetric(Metric.TASK_CPU, task.sumExec);
    setMetric(Metric.CTX_SWITCHES, <u64>task.switches);
  }
  task.phase = <u8>Phase.NOTIFY;
  cpu.now += cost(CostSlot.EXIT_NOTIFY);
}
