// exit_mmap, in its order: unmap every VMA, free their page tables, remove them one by one, destroy
// the index. Each pass is its own walk over the index, as in the kernel.
//
// [same: mm/mmap.c:exit_mmap, 6.12: order of the passes, ascending walks, a chance to reschedule
//  after every VMA of a pass (cond_resched, or might_sleep under voluntary preemption), none while
//  the index is destroyed, nr_accounted, count == map_count]
// [simplified: mm/memory.c:zap_pud_range, 6.12 and 7.2: that chance is there after every VMA; the
//  kernel passes by its cond_resched() where no page table reaches the VMA's GiB]
// [simplified: the passes charge a fixed and a per-VMA cost; what is resident besides the program
//  itself is unmapped and freed page by page where the run has page frames (page/zap.ts)]
// [same: mm/mmap.c:exit_mmap, 6.12 and 7.2: mmap_lock is held for read over the first pass, for
//  write from free_pgtables to the end of the index; a list of the mm is drained after that]
// [left out: waiting for mmap_lock, and MMF_OOM_SKIP, as nobody else looks at this mm]

import { Config, Probe } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { Span } from "../abi/timeline";
import { VmaFlag } from "../abi/vma";
import { addMetric, config, cost, metric, setMetric } from "../memory/slots";
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
import { noteReadHold, noteWriteHold } from "../metrics/mmap-hold";
import { timelineSpan } from "../metrics/timeline";
import { freeNodeSlabFrames, settleNodeFrames } from "../page/node-frames";
import { endAnon } from "../page/anon-vma";
import { UPPER_TABLES } from "../page/populate";
import { hasPages } from "../page/state";
import {
  allTables,
  beginTables,
  beginUnmap,
  endUnmap,
  freeTables,
  mmPages,
  stepFinish,
  stepUnmap,
} from "../page/zap";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_KERNEL, mightSleepYields, resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { exitPolicy } from "../strategy/policy";
import { finishExit, finishLoop, handOver, removePrice } from "../strategy/remove";
import { newCallback } from "./callback-records";
import { Mm } from "./mm";
import { deferOthers } from "./node-callbacks";
import { treeSlabsGone, treeSlabsPrice } from "./node-slabs";
import { CallbackKind, vmaAt, vmaPages, VmaState } from "./record";

/** Phases of exit_mmap (Mm.phase). */
enum Phase {
  BEGIN,
  UNMAP,
  PGTABLES,
  TLB_FINISH,
  LOOP,
  MT_DESTROY,
  END,
}

/** exit_mmap of an mm by the running task; false when it has to pause. */
export function stepExitMmap(cpu: Cpu, task: Task, mm: Mm): bool {
  while (cpu.now <= horizon) {
    switch (mm.phase) {
      case Phase.BEGIN: begin(cpu, mm); break;
      case Phase.UNMAP:
        if (!unmap(cpu, task, mm)) return false;
        if (measured(mm)) noteReadHold(cpu.now - mm.phaseStart);
        closePhase(cpu, mm, Metric.UNMAP_VMAS, Phase.PGTABLES);
        mm.writeSince = cpu.now;
        cursorInit(mm.cursor, mm.tree, 0);
        cpu.now += cost(CostSlot.FREE_PGTABLES_FIXED);
        if (hasPages()) beginTables(mmPages(mm.id), 0, u64.MAX_VALUE);
        break;
      case Phase.PGTABLES:
        // the one point a VMA has here is the might_sleep() of vma_start_write()
        task.midStep = mightSleepYields() ? 0 : MID_KERNEL;
        if (!freePgtables(cpu, mm)) return false;
        task.midStep = 0;
        closePhase(cpu, mm, Metric.FREE_PGTABLES, Phase.TLB_FINISH);
        break;
      case Phase.TLB_FINISH:
        if (hasPages() && !finishPages(cpu, task, mm)) return false;
        cpu.now += finishPrice();
        // 7.2 frees page tables after a grace period, up to 509 by one call
        if (isGeneration72() && !hasPages()) {
          callRcuForeign(cpu, newCallback(CallbackKind.PAGE_TABLES, 0, 0));
        }
        closePhase(cpu, mm, Metric.TLB_FINISH, Phase.LOOP);
        cursorInit(mm.cursor, mm.tree, 0);
        if (measured(mm)) {
          setMetric(Metric.LOOP_START, cpu.now);
          cpu.now += cost(CostSlot.REMOVAL_LOOP_FIXED); // samples that the measuring kernel takes
        }
        break;
      case Phase.LOOP:
        if (!removeAll(cpu, task, mm)) return false;
        endLoop(cpu, mm);
        break;
      case Phase.MT_DESTROY: destroyIndex(cpu, task, mm); break;
      default:
        end(cpu, task, mm);
        return true;
    }
  }
  return false;
}

/** The figures of a run's phases are those of its first mm. */
function note(mm: Mm, slot: Metric, value: u64): void {
  if (mm.id == 0) setMetric(slot, value);
}

/**
 * Callbacks that an exit of 7.2 queues once exit_mmap is over, beside those of dead-task.ts.
 * [measured: every row invokes one more with the first slab pages than page tables and the dead
 * process explain; it is not invoked inside the exit, and where callbacks are offloaded the first
 * wake-up of rcuog is that of the page tables; what it is is not known]
 */
const OTHER_CALLBACKS_72: u32 = 1;

/** This exit is what the run measures, not one beside it, nor what follows something else. */
@inline
function measured(mm: Mm): bool {
  return mm.id == 0 && mm.exitStart == 0;
}

function spanOf(phase: u32): Span {
  switch (phase) {
    case Phase.UNMAP: return Span.UNMAP_VMAS;
    case Phase.PGTABLES: return Span.FREE_PGTABLES;
    case Phase.TLB_FINISH: return Span.TLB_FINISH;
    case Phase.LOOP: return Span.REMOVAL_LOOP;
    default: return Span.MT_DESTROY;
  }
}

/** The list of the mm has been drained once more. */
function closeDrain(cpu: Cpu, mm: Mm): void {
  if (cpu.now != mm.phaseStart) timelineSpan(cpu, Span.FINAL_DRAIN, mm.phaseStart, mm.id);
}

function closePhase(cpu: Cpu, mm: Mm, slot: Metric, next: Phase): void {
  timelineSpan(cpu, spanOf(mm.phase), mm.phaseStart, mm.id);
  note(mm, slot, cpu.now - mm.phaseStart);
  mm.phaseStart = cpu.now;
  mm.phase = next;
}

function begin(cpu: Cpu, mm: Mm): void {
  if (mm.id == 0 && operationEnded()) mm.exitStart = cpu.now;
  mm.mmapStart = cpu.now;
  treeSetRcu(mm.tree, false); // mt_clear_in_rcu; nothing is stored from here on
  note(mm, Metric.INDEX_HEIGHT, <u64>treeHeight(mm.tree));
  note(mm, Metric.INDEX_NODES, <u64>treeNodes(mm.tree));
  cpu.now += cost(CostSlot.EXIT_MMAP_FIXED);
  mm.phaseStart = cpu.now;
  mm.phase = Phase.UNMAP;
  cursorInit(mm.cursor, mm.tree, 0);
  cpu.now += unmapFixed(mm);
  if (hasPages()) beginUnmap(cpu, mmPages(mm.id));
}

/** What every process pays, and VMAs without pages beside touched ones. */
function unmapFixed(mm: Mm): u64 {
  const resident = hasPages() && mmPages(mm.id).rss != 0;
  const fixed = resident ? CostSlot.UNMAP_VMAS_FIXED_RESIDENT : CostSlot.UNMAP_VMAS_FIXED;
  return cost(fixed) + <u64>mm.tableVmas * cost(CostSlot.MUNMAP_UNMAP_TABLE_VMA);
}

/**
 * Pages of the gather that the price of tlb_finish_mmu() has in it: where none of the VMAs is
 * touched it still holds the pages of the program, and those take one.
 */
const PAID_GATHER_PAGES: u32 = 1;

/** tlb_finish_mmu of what is resident, all page tables included; false when it has to pause. */
function finishPages(cpu: Cpu, task: Task, mm: Mm): bool {
  const pages = mmPages(mm.id);
  return stepFinish(cpu, task, pages, allTables(pages), PAID_GATHER_PAGES);
}

/** The price of tlb_finish_mmu holds the program's own tables, which runs with frames free. */
function finishPrice(): u64 {
  const price = cost(CostSlot.TLB_FINISH);
  if (!hasPages() || config(Config.TABLES_BY_RCU) != 0) return price;
  return price - min(price, <u64>UPPER_TABLES * cost(CostSlot.TABLE_FREE));
}

/** May the running task be preempted between two VMAs? */
@inline
function mustYield(cpu: Cpu): bool {
  return cpu.now > horizon || resched(cpu);
}

/** unmap_vmas */
function unmap(cpu: Cpu, task: Task, mm: Mm): bool {
  if (hasPages()) {
    const pages = mmPages(mm.id);
    if (!stepUnmap(cpu, task, pages, mm.cursor)) return false;
    endUnmap(cpu, pages);
    return true;
  }
  const perVma = cost(CostSlot.UNMAP_VMA);
  while (cursorNext(mm.cursor) != 0) {
    cpu.now += perVma;
    if (mustYield(cpu)) return false;
  }
  return true;
}

/** free_pgtables */
function freePgtables(cpu: Cpu, mm: Mm): bool {
  const perVma = cost(CostSlot.FREE_PGTABLES_VMA);
  for (let at = cursorNext(mm.cursor); at != 0; at = cursorNext(mm.cursor)) {
    cpu.now += perVma;
    if (hasPages()) freeTables(cpu, mmPages(mm.id), at);
    if (mustYield(cpu)) return false;
  }
  if (hasPages()) endAnon(cpu, mmPages(mm.id));
  return true;
}

/**
 * The removal loop; false when it has to pause. An interrupt lands before the hand-over of a VMA,
 * where most of its time goes, and the hand-over still comes before any reschedule: so one callback
 * more is queued after the tick that starts a grace period, and needs the next one.
 */
function removeAll(cpu: Cpu, task: Task, mm: Mm): bool {
  const policy = exitPolicy();
  const probed = (config(Config.PROBE_FLAGS) & <u64>Probe.STEP) != 0;
  const perVma =
    cost(CostSlot.VMA_NEXT) + removePrice(policy) + (probed ? cost(CostSlot.PROBE_STEP) : 0);
  while (true) {
    if (task.midStep == 0) {
      mm.inHand = cursorNext(mm.cursor);
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

function endLoop(cpu: Cpu, mm: Mm): void {
  assert(mm.removed == mm.mapCount); // exit_mmap: BUG_ON(count != mm->map_count)
  note(mm, Metric.MAP_COUNT, <u64>mm.mapCount);
  closePhase(cpu, mm, Metric.LOOP, Phase.MT_DESTROY);
  if (measured(mm)) {
    setMetric(Metric.LOOP_END, cpu.now);
    setMetric(Metric.FREED_AT_LOOP_END, metric(Metric.FREED));
    setMetric(Metric.GP_AT_LOOP_END, gpsSinceStart());
  }
  finishLoop(cpu, mm, exitPolicy());
  note(mm, Metric.FINAL_DRAIN, cpu.now - mm.phaseStart);
  closeDrain(cpu, mm);
  mm.phaseStart = cpu.now;
}

/** __mt_destroy: interrupts are taken, but nothing is rescheduled, until the last node is gone
 *  and the little that follows is done. */
function destroyIndex(cpu: Cpu, task: Task, mm: Mm): void {
  if (mm.treeGone == 0) {
    mm.treeGone = 1;
    task.midStep = MID_KERNEL; // until the end of exit_mmap
    mm.nodesUnpaid = <u64>treeDestroy(mm.tree);
    const slabs = treeSlabsPrice(cpu, mm.nodesUnpaid, <u64>mm.mapCount);
    const each = slabs / max<u64>(mm.nodesUnpaid, 1);
    mm.nodePrice = cost(CostSlot.MT_DESTROY_WALK) + each;
    cpu.now += slabs - each * mm.nodesUnpaid;
    freeNodeSlabFrames(cpu, treeSlabsGone(cpu, mm.nodesUnpaid, <u64>mm.mapCount));
  }
  while (mm.nodesUnpaid != 0) {
    if (cpu.now > horizon) return;
    cpu.now += mm.nodePrice;
    mm.nodesUnpaid--;
  }
  closePhase(cpu, mm, Metric.MT_DESTROY, Phase.END);
  if (measured(mm)) noteWriteHold(cpu.now - mm.writeSince);
  settleNodeFrames(cpu);
}

function end(cpu: Cpu, task: Task, mm: Mm): void {
  finishExit(cpu, mm, exitPolicy());
  note(mm, Metric.FINAL_DRAIN, metric(Metric.FINAL_DRAIN) + cpu.now - mm.phaseStart);
  closeDrain(cpu, mm);
  assert(mm.accountedPages == mm.chargedPages); // vm_unacct_memory gives back what was charged
  addMetric(Metric.NR_ACCOUNTED, mm.accountedPages);
  addMetric(Metric.NR_CHARGED, mm.chargedPages);
  cpu.now += cost(CostSlot.EXIT_MMAP_END);
  note(mm, Metric.EXIT_TOTAL, cpu.now - mm.exitStart);
  timelineSpan(cpu, Span.EXIT_MMAP, mm.mmapStart, mm.id);
  if (measured(mm)) {
    setMetric(Metric.EXIT_ENDED, 1);
    setMetric(Metric.FREED_AT_END, metric(Metric.FREED));
  }
  mm.ended = 1;
  task.midStep = 0;
  if (isGeneration72()) deferOthers(cpu, OTHER_CALLBACKS_72);
}
