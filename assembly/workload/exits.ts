// The workload `exits`: one parent, any number of children with an address space each, which exit
// at the same moment, on one CPU or on all of them.

import { ExitsMetric } from "../abi/exits";
import { Config } from "../abi/config";
import { Kfreepcp } from "../abi/page";
import { Metric } from "../abi/metric";
import { addWorkloadMetric, config, metric, setMetric, setWorkloadMetric } from "../memory/slots";
import { treeNodes } from "../index/tree";
import { checkAllBack, checkPages } from "../page/audit";
import { kfreepcpInit } from "../page/kfreepcp";
import { nodeFramesInit, settleNodeFrames } from "../page/node-frames";
import { populate, populated, startList } from "../page/populate";
import { allocSlabFrames } from "../page/slab-frames";
import { roundsAfter, roundsBefore, vmstatInit } from "../page/vmstat";
import { mmPages } from "../page/zap";
import { kswapdInit } from "../reclaim/kswapd";
import { oomInit } from "../reclaim/oom";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { newTask, startTask } from "../sched/extra";
import { startGpKthread } from "../sched/kthreads";
import { taskAt, taskIndex, tasksFor, TaskKind } from "../sched/task";
import { workqueueInit } from "../sched/workqueue";
import { bulkInit } from "../strategy/bulk";
import { listLockInit } from "../strategy/list-lock";
import { reaperInit } from "../strategy/reaper";
import { countStrandedVmas, sheafWaitInit, vmasInUnfilled } from "../strategy/sheaf-wait";
import { homeOf, mmAt } from "../vma/mm";
import { treeSlabsGone } from "../vma/node-slabs";
import { childAt, childInit } from "./child";
import { restartInit, restartIsOver } from "./restart";
import { waiterInit, waiterIsDone } from "./waiter";

/** Slabs of index nodes that the ends of all processes' trees empty. */
function slabsOfTrees(cpu: Cpu, children: u32): u64 {
  let slabs: u64 = 0;
  for (let id: u32 = 0; id < children; id++) {
    const mm = mmAt(id);
    slabs += treeSlabsGone(cpu, <u64>treeNodes(<usize>mm.tree), <u64>mm.mapCount);
  }
  return slabs;
}

export function startExits(): void {
  const home = <u32>config(Config.EXIT_CPU);
  const cpu = cpuAt(home);
  const children = <u32>config(Config.MMS);
  setMetric(Metric.PROGRESS_TOTAL, config(Config.VMAS));
  startGpKthread(home);
  bulkInit();
  sheafWaitInit();
  listLockInit();
  reaperInit();
  kswapdInit();
  oomInit();
  startLists(children);
  allocSlabFrames(cpu);
  nodeFramesInit(cpu, slabsOfTrees(cpu, children));
  for (let id: u32 = 0; id < children; id++) {
    populate(cpuAt(homeOf(id)), mmPages(id), <usize>mmAt(id).cursor, <usize>mmAt(id).tree);
  }
  vmstatInit();
  for (let at: u32 = 0; at < cpusOf(children); at++) roundsBefore(cpuAt(homeOf(at)));
  populated(cpu);
  workqueueInit();
  if (config(Config.KFREEPCP) != <u64>Kfreepcp.INLINE) kfreepcpInit(nrCpus());
  const parent = newTask(TaskKind.EXITS_PARENT, 0);
  parent.cpu = homeOfParent(home);
  waiterInit();
  restartInit(home);
  for (let id: u32 = 0; id < children; id++) {
    childInit(id, taskIndex(parent));
    startTask(newTask(TaskKind.EXITS_CHILD, id), homeOf(id));
  }
  if (config(Config.EXITS_PARENT_BUSY_PS) != 0) startTask(parent, parent.cpu);
}

/** Where processes are spread, their parent lies on the last CPU that they come to. */
function homeOfParent(home: u32): u32 {
  return config(Config.EXITS_SPREAD) == 0 ? home : homeOf(nrCpus() - 1);
}

/** CPUs that so many processes lie on. */
function cpusOf(children: u32): u32 {
  return config(Config.EXITS_SPREAD) == 0 ? 1 : min(children, nrCpus());
}

/** The page lists of these CPUs, as they were found. */
function startLists(children: u32): void {
  const pages = <u32>config(Config.PCP_START_COUNT);
  const high = <u32>config(Config.PCP_START_HIGH);
  for (let at: u32 = 0; at < cpusOf(children); at++) startList(cpuAt(homeOf(at)), pages, high);
}

export function noteExitsProgress(): void {
  setMetric(Metric.PROGRESS, metric(Metric.FREED));
}

/** All VMAs are back, the parent has gone on, and what it has started is over. */
export function exitsAreOver(): bool {
  const settled = metric(Metric.FREED) + vmasInUnfilled();
  return settled == metric(Metric.N_VMA) && waiterIsDone() && restartIsOver();
}

/** All is back but VMAs of unfilled sheaves: pages, address spaces; and nobody waits any more. */
export function checkExits(): void {
  countStrandedVmas();
  assert(metric(Metric.FREED) + metric(Metric.STRANDED_VMAS) == metric(Metric.N_VMA));
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    assert(mmAt(id).ended != 0 && mmAt(id).mmUsers == 0);
    assert(childAt(id).reaped != 0 && childAt(id).back != 0);
    // a synchronous put gives everything back before the parent is told
    assert(childAt(id).async != 0 || childAt(id).back <= childAt(id).waitReturn);
    assert(mmPages(id).rss == 0);
  }
  assert(restartIsOver());
  settleNodeFrames(cpuAt(<u32>config(Config.EXIT_CPU)));
  roundsAfter();
  checkPages();
  checkAllBack();
}

/** Who paid for it. */
export function finishExits(): void {
  for (let index: u32 = 0; index < tasksFor(nrCpus()); index++) {
    const task = taskAt(index);
    switch (task.kind) {
      case <u8>TaskKind.EXITS_CHILD:
        addWorkloadMetric(ExitsMetric.CPU_CHILDREN, task.sumExec); break;
      case <u8>TaskKind.EXITS_PARENT:
        setWorkloadMetric(ExitsMetric.CPU_PARENT, task.sumExec); break;
      case <u8>TaskKind.KWORKER:
        addWorkloadMetric(ExitsMetric.CPU_WORKERS, task.sumExec); break;
      case <u8>TaskKind.KFREEPCP:
        addWorkloadMetric(ExitsMetric.CPU_KFREEPCP, task.sumExec); break;
      default: break;
    }
  }
}
