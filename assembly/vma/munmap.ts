// munmap(): gather what lies in the range in a tree of its own, clear the range, unmap, remove.
//
// [same: mm/vma.c:do_vmi_align_munmap, vms_gather_munmap_vmas, vms_complete_munmap_vmas, 6.12:
//  order of the passes; the side tree is indexed by ordinal and not in RCU mode; the main tree is
//  cleared by one store in RCU mode, whose old nodes wait for a grace period; before that the
//  iterator walks back over the range, VMA by VMA; map_count falls before the lock is downgraded;
//  remove_vma is told that others may still reach the VMA]
// [same: include/linux/mm.h:vma_start_write, mm/memory.c, mm/vma.c:remove_vma, 6.12: a chance to
//  reschedule after every VMA of a pass, none in the store and while the side tree is destroyed]
// [simplified: the chance in the unmapping pass is as in exit-mmap.ts]
// [simplified: both borders are split before gathering (the kernel splits the last VMA when it gets
//  there); the side tree has inner nodes of 10 slots like the main tree (the kernel's has 16, as it
//  tracks no gaps)]
// [same: mm/vma.c:vms_complete_munmap_vmas, 6.12: mmap_lock is held for write up to the cleared
//  range, then for read to the call's end]
// [same: mm/vma.c:vms_clear_ptes, 6.12: touched pages are unmapped in one pass over the side tree,
//  their page tables freed in a second one, between the neighbours that stay; then the gather is
//  finished. mmap_lock is held for read, so free_pgtables has no vma_start_write()]
// [left out: waiting for mmap_lock, as nobody else wants it in this workload; mlocked and hugetlb
//  VMAs]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric, Region } from "../abi/metric";
import { Span } from "../abi/timeline";
import { VmaFlag } from "../abi/vma";
import { addMetric, config, cost, maxMetric, metric, setMetric } from "../memory/slots";
import { regionBase } from "../memory/map";
import { outgrow } from "../memory/outgrow";
import {
  cursorFirst,
  cursorInit,
  cursorInitRev,
  cursorLast,
  cursorNext,
  cursorPrev,
  CURSOR_BYTES,
  treeDeferredWaiting,
  treeDestroy,
  treeHeight,
  treeInit,
  treeRebuilds,
  treeStore,
  TREE_BYTES,
} from "../index/tree";
import { expectMore, gpsSinceStart, measure, operationEnded } from "../metrics/dead";
import { noteReadHold, noteWriteHold } from "../metrics/mmap-hold";
import { timelineSpan } from "../metrics/timeline";
import {
  histogramAdd,
  histogramInit,
  histogramQuantile,
  HISTOGRAM_BYTES,
} from "../metrics/latency";
import { endAnon } from "../page/anon-vma";
import { freeNodeSlabFrames, settleNodeFrames } from "../page/node-frames";
import { residentPages } from "../page/resident";
import { hasPages } from "../page/state";
import { afterSleep } from "../page/vmstat";
import { beginTables, freeTables, mmPages, stepFinish, stepUnmap } from "../page/zap";
import { processKilled } from "../reclaim/oom";
import { GOES_ON } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { chargeCurr } from "../sched/fair";
import { horizon } from "../sched/horizon";
import { MID_KERNEL, resched } from "../sched/preempt";
import { Task, TaskKind } from "../sched/task";
import { passUserMode } from "../sched/user-mode";
import { munmapPolicy } from "../strategy/policy";
import { finishLoop, handOver, removePrice } from "../strategy/remove";
import { MM_CURSOR, MM_TREE, theMm } from "./mm";
import { callFirst, callLast, callsStaged } from "./munmap-calls";
import { deferNodes, deferOthers } from "./node-callbacks";
import { sideRangeCleared, sideVmaGathered } from "./node-side";
import {
  sideNodePrice,
  sideTreeBegins,
  sideTreeEnds,
  sideTreeSlabsGone,
  sideTreeSlabsPrice,
} from "./node-slabs";
import { changeState, vmaAt, vmaPages, VmaState } from "./record";
import { OTHER_CALLBACKS } from "./sizes";
import { hasNoRoomForHole, splitAt } from "./split";
import { looksThroughTable, noteTablesGone } from "./table-vmas";

/** Phases of the program (Task.phase). */
enum Phase {
  ENTER,
  GATHER,
  WALK_BACK,
  CLEAR,
  UNMAP,
  TABLES,
  TLB_FINISH,
  LOOP,
  DESTROY,
  LEAVE,
}

/** Samples that the measuring kernel takes over one operation, at most. */
const SAMPLES_MAX: u32 = 1024;

const SIDE_TREE: usize = memory.data(512, 64);
const SIDE_CURSOR: usize = memory.data(512, 64);
const LATENCIES: usize = memory.data(<i32>HISTOGRAM_BYTES, 16);

let call: u32 = 0;
let callStart: u64 = 0;
let downgradedAt: u64 = 0;
let phaseStart: u64 = 0;
let firstPage: u64 = 0;
let lastPage: u64 = 0;
let gathered: u32 = 0;
let unwalked: u32 = 0;
let nodesUnpaid: u64 = 0;
let nodePrice: u64 = 0;

export function munmapInit(): void {
  assert(TREE_BYTES <= 512 && CURSOR_BYTES <= 512); // they fit the room kept for them
  call = 0;
  histogramInit(LATENCIES);
}

/** The program of a process that unmaps, see sched/programs.ts; in the end it exits. */
export function stepMunmap(cpu: Cpu, task: Task): u64 {
  while (cpu.now <= horizon) {
    switch (task.phase) {
      case <u8>Phase.ENTER:
        if (call == callsStaged() || processKilled()) {
          if (operationEnded()) afterSleep(cpu);
          else endOperation(cpu, task);
          setMetric(Metric.POST_SLEEP_FREED, metric(Metric.FREED));
          task.kind = <u8>TaskKind.EXIT; // its phase 0 is the begin of exit_mmap
          return GOES_ON;
        }
        enter(cpu, task);
        break;
      case <u8>Phase.GATHER:
        if (!gather(cpu)) return GOES_ON;
        settleNodeFrames(cpu);
        unwalked = gathered;
        task.phase = <u8>Phase.WALK_BACK;
        task.midStep = MID_KERNEL;
        break;
      case <u8>Phase.WALK_BACK:
        if (!walkBack(cpu)) return GOES_ON;
        task.midStep = 0;
        if (gathered != 0) deferOthers(cpu, OTHER_CALLBACKS);
        closePhase(cpu, task, Metric.MUNMAP_GATHER, Phase.CLEAR);
        break;
      case <u8>Phase.CLEAR:
        clearRange(cpu);
        noteWriteHold(cpu.now - callStart);
        downgradedAt = cpu.now;
        closePhase(cpu, task, Metric.MUNMAP_CLEAR_RANGE, Phase.UNMAP);
        cursorInit(SIDE_CURSOR, SIDE_TREE, 0);
        cpu.now += cost(CostSlot.MUNMAP_UNMAP_FIXED);
        break;
      case <u8>Phase.UNMAP:
        if (!hasPages()) {
          if (!unmap(cpu)) return GOES_ON;
        } else {
          if (!stepUnmap(cpu, task, mmPages(theMm().id), SIDE_CURSOR)) return GOES_ON;
          beginTablesBetweenNeighbours();
        }
        task.phase = <u8>Phase.TABLES;
        cursorInit(SIDE_CURSOR, SIDE_TREE, 0);
        break;
      case <u8>Phase.TABLES:
        if (!freePgtables(cpu)) return GOES_ON;
        task.midStep = 0;
        task.phase = <u8>Phase.TLB_FINISH;
        if (!hasPages()) endUnmap(cpu, task);
        break;
      case <u8>Phase.TLB_FINISH: {
        const pages = mmPages(theMm().id);
        if (!stepFinish(cpu, task, pages, pages.tablesDown, 0)) return GOES_ON;
        endUnmap(cpu, task);
        break;
      }
      case <u8>Phase.LOOP:
        if (!removeAll(cpu, task)) return GOES_ON;
        endLoop(cpu, task);
        break;
      case <u8>Phase.DESTROY: destroySideTree(cpu, task); break;
      default: return leave(cpu, task);
    }
  }
  return GOES_ON;
}

/** What ends where `next` begins. */
function spanOf(next: Phase): Span {
  switch (next) {
    case Phase.CLEAR: return Span.MUNMAP_GATHER;
    case Phase.UNMAP: return Span.MUNMAP_CLEAR_RANGE;
    case Phase.LOOP: return Span.MUNMAP_UNMAP;
    case Phase.DESTROY: return Span.MUNMAP_LOOP;
    default: return Span.MUNMAP_MT_DESTROY;
  }
}

function closePhase(cpu: Cpu, task: Task, slot: Metric, next: Phase): void {
  timelineSpan(cpu, spanOf(next), phaseStart, call);
  addMetric(slot, cpu.now - phaseStart);
  phaseStart = cpu.now;
  task.phase = <u8>next;
}

function enter(cpu: Cpu, task: Task): void {
  callStart = cpu.now;
  phaseStart = cpu.now;
  firstPage = callFirst(call);
  lastPage = callLast(call);
  gathered = 0;
  treeInit(SIDE_TREE, regionBase(Region.INDEX), <u32>config(Config.GENERATION), false);
  if (hasNoRoomForHole(firstPage, lastPage)) {
    addMetric(Metric.MUNMAP_CALLS_FAILED, 1);
    noteWriteHold(cpu.now - callStart);
    task.phase = <u8>Phase.LEAVE;
    return;
  }
  splitAt(cpu, firstPage);
  splitAt(cpu, lastPage + 1);
  sideTreeBegins(cpu, <u64>theMm().mapCount);
  cursorInit(MM_CURSOR, MM_TREE, firstPage);
  task.phase = <u8>Phase.GATHER;
}

/** May the running task be preempted between two VMAs? */
@inline
function mustYield(cpu: Cpu): bool {
  return cpu.now > horizon || resched(cpu);
}

/** Moves the VMAs of the range to the side tree; false when it has to pause. */
function gather(cpu: Cpu): bool {
  while (true) {
    const address = cursorNext(MM_CURSOR);
    if (address == 0 || cursorFirst(MM_CURSOR) > lastPage) return true;
    const vma = vmaAt(address);
    const rebuilds = treeRebuilds();
    const stored = treeStore(SIDE_TREE, <u64>gathered, <u64>gathered, address);
    if (stored != 0) outgrow(Region.INDEX);
    const height = <u64>treeHeight(SIDE_TREE);
    cpu.now += cost(CostSlot.MUNMAP_GATHER_VMA) + height * cost(CostSlot.MUNMAP_GATHER_LEVEL);
    if (treeRebuilds() != rebuilds) cpu.now += height * cost(CostSlot.MUNMAP_REBUILD_LEVEL);
    if (treeDeferredWaiting(SIDE_TREE) != 0) deferNodes(cpu, SIDE_TREE); // 7.2
    changeState(vma, VmaState.ATTACHED, VmaState.DETACHED);
    measure(vma);
    gathered++;
    sideVmaGathered();
    if (mustYield(cpu)) return false;
  }
}

/**
 * The iterator goes back over all that was gathered, to where the range begins; nothing is queued,
 * and nobody is asked whether he would make way. False when it has to pause.
 */
function walkBack(cpu: Cpu): bool {
  while (unwalked != 0) {
    if (cpu.now > horizon) return false;
    cpu.now += cost(CostSlot.MUNMAP_WALK_BACK);
    unwalked--;
  }
  return true;
}

/** One store of nothing over the whole range; what it replaced goes to RCU. */
function clearRange(cpu: Cpu): void {
  if (gathered == 0) return;
  expectMore();
  cpu.now += cost(CostSlot.MUNMAP_CLEAR_FIXED);
  sideRangeCleared(treeHeight(MM_TREE));
  const cleared = treeStore(MM_TREE, firstPage, lastPage, 0);
  if (cleared != 0) outgrow(Region.INDEX);
  deferNodes(cpu, MM_TREE);
  theMm().mapCount -= gathered;
}

/** unmap_vmas where nothing is resident; false when it has to pause. */
function unmap(cpu: Cpu): bool {
  const perVma = min(cost(CostSlot.MUNMAP_UNMAP_VMA), cost(CostSlot.UNMAP_VMA));
  while (true) {
    const address = cursorNext(SIDE_CURSOR);
    if (address == 0) return true;
    cpu.now += perVma;
    if (looksThroughTable(vmaAt(address))) cpu.now += cost(CostSlot.MUNMAP_UNMAP_TABLE_VMA);
    if (mustYield(cpu)) return false;
  }
}

/** [same: mm/vma.c:vms_gather_munmap_vmas: unmap_start and unmap_end, 6.12] */
function beginTablesBetweenNeighbours(): void {
  let floor: u64 = 0;
  if (firstPage != 0) {
    cursorInitRev(MM_CURSOR, MM_TREE, firstPage - 1);
    if (cursorPrev(MM_CURSOR) != 0) floor = cursorLast(MM_CURSOR) + 1;
  }
  cursorInit(MM_CURSOR, MM_TREE, lastPage + 1);
  const ceiling = cursorNext(MM_CURSOR) == 0 ? u64.MAX_VALUE : cursorFirst(MM_CURSOR);
  beginTables(mmPages(theMm().id), floor, ceiling);
}

/**
 * free_pgtables, at what a VMA's price leaves when unmap_vmas has its share of it.
 * [simplified: mm/memory.c:free_pgtables: where nothing is resident it makes way between two VMAs
 *  as unmap_vmas does; the kernel has no such point there]
 */
function freePgtables(cpu: Cpu): bool {
  const both = cost(CostSlot.MUNMAP_UNMAP_VMA);
  const perVma = both - min(both, cost(CostSlot.UNMAP_VMA));
  const mm = theMm();
  while (true) {
    const address = cursorNext(SIDE_CURSOR);
    if (address == 0) {
      if (hasPages()) endAnon(cpu, mmPages(mm.id));
      return true;
    }
    cpu.now += perVma;
    const vma = vmaAt(address);
    if (hasPages()) {
      if (looksThroughTable(vma)) cpu.now += cost(CostSlot.MUNMAP_UNMAP_TABLE_VMA);
      freeTables(cpu, mmPages(mm.id), address);
    }
    noteTablesGone(mm, vma);
    if (mustYield(cpu)) return false;
  }
}

function endUnmap(cpu: Cpu, task: Task): void {
  closePhase(cpu, task, Metric.MUNMAP_UNMAP, Phase.LOOP);
  setMetric(Metric.LOOP_START, cpu.now);
  cursorInit(SIDE_CURSOR, SIDE_TREE, 0);
}

/** The removal loop; as in exit, an interrupt lands before the hand-over of a VMA. */
function removeAll(cpu: Cpu, task: Task): bool {
  const mm = theMm();
  const policy = munmapPolicy();
  const perVma = cost(CostSlot.MUNMAP_NEXT) + removePrice(policy);
  while (true) {
    if (task.midStep == 0) {
      mm.inHand = cursorNext(SIDE_CURSOR);
      if (mm.inHand == 0) return true;
      cpu.now += perVma;
      task.midStep = 1;
      if (cpu.now > horizon) return false;
    }
    task.midStep = 0;
    const vma = vmaAt(mm.inHand);
    if ((vma.flags & <u16>VmaFlag.ACCOUNT) != 0) mm.accountedPages += vmaPages(vma);
    handOver(cpu, mm, policy, mm.inHand, VmaState.DETACHED);
    if (mustYield(cpu)) return false;
  }
}

function endLoop(cpu: Cpu, task: Task): void {
  const mm = theMm();
  cpu.now += <u64>min<u32>(gathered, SAMPLES_MAX) * cost(CostSlot.MUNMAP_SAMPLE);
  closePhase(cpu, task, Metric.MUNMAP_LOOP, Phase.DESTROY);
  setMetric(Metric.LOOP_END, cpu.now);
  setMetric(Metric.FREED_AT_LOOP_END, metric(Metric.FREED));
  setMetric(Metric.GP_AT_LOOP_END, gpsSinceStart());
  if (gathered != 0) finishLoop(cpu, mm, munmapPolicy());
  cpu.now += cost(CostSlot.MUNMAP_DRAIN_EMPTY);
  addMetric(Metric.MUNMAP_DRAIN, cpu.now - phaseStart);
  timelineSpan(cpu, Span.MUNMAP_DRAIN, phaseStart, call);
  phaseStart = cpu.now;
  nodesUnpaid = sideTreeEnds(<u64>treeDestroy(SIDE_TREE));
  nodePrice = sideNodePrice();
  const vmas = <u64>gathered + mm.mapCount;
  cpu.now += sideTreeSlabsPrice(cpu, nodesUnpaid, vmas);
  freeNodeSlabFrames(cpu, sideTreeSlabsGone(cpu, nodesUnpaid, vmas));
  task.midStep = 1; // nothing is rescheduled until the last node is gone
}

/** __mt_destroy of the side tree: interrupts are taken, nothing is rescheduled. */
function destroySideTree(cpu: Cpu, task: Task): void {
  while (nodesUnpaid != 0) {
    if (cpu.now > horizon) return;
    cpu.now += nodePrice;
    nodesUnpaid--;
  }
  task.midStep = 0;
  noteReadHold(cpu.now - downgradedAt);
  closePhase(cpu, task, Metric.MUNMAP_MT_DESTROY, Phase.LEAVE);
}

/** The end of the call, and of the operation when it was the last. */
function leave(cpu: Cpu, task: Task): u64 {
  addMetric(Metric.MUNMAP_TOTAL, cpu.now - callStart);
  settleNodeFrames(cpu);
  cpu.now += cost(CostSlot.MUNMAP_SYSCALL);
  const latency = cpu.now - callStart;
  timelineSpan(cpu, Span.MUNMAP, callStart, call);
  addMetric(Metric.MUNMAP_LATENCY_SUM, latency);
  maxMetric(Metric.MUNMAP_LATENCY_MAX, latency);
  histogramAdd(LATENCIES, latency);
  addMetric(Metric.MUNMAP_CALLS_DONE, 1);
  task.phase = <u8>Phase.ENTER;
  call++;
  passUserMode(cpu);
  if (call == callsStaged()) {
    endOperation(cpu, task);
    return cpu.now + config(Config.MUNMAP_EXIT_AFTER_PS);
  }
  const pause = config(Config.MUNMAP_PAUSE_PS);
  return pause != 0 ? cpu.now + pause : GOES_ON;
}

function endOperation(cpu: Cpu, task: Task): void {
  setMetric(Metric.EXIT_ENDED, 1);
  setMetric(Metric.FREED_AT_END, metric(Metric.FREED));
  const longest = metric(Metric.MUNMAP_LATENCY_MAX); // a quantile is the upper end of its range
  setMetric(Metric.MUNMAP_LATENCY_P50, min(longest, histogramQuantile(LATENCIES, 500)));
  setMetric(Metric.MUNMAP_LATENCY_P99, min(longest, histogramQuantile(LATENCIES, 990)));
  chargeCurr(cpu);
  setMetric(Metric.TASK_CPU, task.sumExec);
  setMetric(Metric.CTX_SWITCHES, <u64>task.switches);
}
