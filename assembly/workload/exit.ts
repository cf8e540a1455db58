// The workload `exit`: a process tears its address space down while its parent waits for it.

import { Config } from "../abi/config";
import { Metric, Region } from "../abi/metric";
import { config, metric, setMetric } from "../memory/slots";
import { isGeneration72, regionBase } from "../memory/map";
import { poolNodesLive, treeNodes, treeSetRcu, treeSetReclaimAtOnce } from "../index/tree";
import { startTask } from "../sched/extra";
import { startGpKthread } from "../sched/kthreads";
import { exitTask, parentTask, TaskKind } from "../sched/task";
import { cacheObjectsLive, cacheSlabsDiscarded, cacheSlabsLive } from "../slab/slab";
import { checkAllBack, checkPages } from "../page/audit";
import { nodeFramesInit, settleNodeFrames } from "../page/node-frames";
import { populate, populated, startList } from "../page/populate";
import { allocSlabFrames } from "../page/slab-frames";
import { hasPages } from "../page/state";
import { mmPages } from "../page/zap";
import { roundsAfter, roundsBefore, vmstatInit } from "../page/vmstat";
import { cpuAt, nrCpus } from "../sched/cpu";
import { workersFor, workqueueInit } from "../sched/workqueue";
import { PARENT_VMAS } from "../vma/load";
import { bulkInit } from "../strategy/bulk";
import { reportNocbLocks } from "../rcu/nocb-lock";
import { listLockInit, reportListLock } from "../strategy/list-lock";
import { reaperInit } from "../strategy/reaper";
import { kswapdInit } from "../reclaim/kswapd";
import { oomInit } from "../reclaim/oom";
import { countStrandedVmas, sheafWaitInit, vmasInUnfilled } from "../strategy/sheaf-wait";
import { MM_CURSOR, MM_TREE, theMm } from "../vma/mm";
import { countStrandedNodes } from "../vma/node-callbacks";
import { treeSlabsGone } from "../vma/node-slabs";

/** The address space is complete: time starts, and the task begins to exit. */
export function startExit(): void {
  treeSetReclaimAtOnce(MM_TREE, false);
  bulkInit();
  sheafWaitInit();
  listLockInit();
  reaperInit();
  kswapdInit();
  oomInit();
  setMetric(Metric.VMA_SLABS_START, <u64>cacheSlabsLive(regionBase(Region.VMA_CACHE)));
  setMetric(Metric.LOCK_SLABS_START, <u64>cacheSlabsLive(regionBase(Region.LOCK_CACHE)));
  setMetric(Metric.PROGRESS_TOTAL, config(Config.VMAS));
  const home = <u32>config(Config.EXIT_CPU);
  parentTask().cpu = home;
  startGpKthread(home);
  populateFirst(home);
  vmstatInit();
  if (workersFor(nrCpus()) != 0) workqueueInit();
  startTask(exitTask(), home);
}

/** The same process, which unmaps ranges first: its tree is in RCU mode until it exits. */
export function startMunmap(): void {
  treeSetRcu(MM_TREE, true);
  startExit();
  exitTask().kind = <u8>TaskKind.MUNMAP;
}

/** Gives the address space its pages, where the run has page frames. */
function populateFirst(home: u32): void {
  if (!hasPages()) return;
  const cpu = cpuAt(home);
  startList(cpu, <u32>config(Config.PCP_START_COUNT), <u32>config(Config.PCP_START_HIGH));
  allocSlabFrames(cpu);
  nodeFramesInit(cpu, treeSlabsGone(cpu, <u64>treeNodes(MM_TREE), config(Config.VMAS)));
  populate(cpu, mmPages(0), MM_CURSOR, MM_TREE);
  roundsBefore(cpu);
  populated(cpu);
}

/** All VMAs are back, and the parent has returned from wait. */
export function exitIsOver(): bool {
  const settled = metric(Metric.FREED) + vmasInUnfilled();
  return settled == metric(Metric.N_VMA) && metric(Metric.USER_WAIT_LATENCY) != 0;
}

/** An exit is as far as its VMAs are freed. */
export function noteExitProgress(): void {
  setMetric(Metric.PROGRESS, metric(Metric.FREED));
}

/** Everything that was handed over is back, and the index holds nothing. */
export function checkExit(): void {
  countStrandedNodes();
  countStrandedVmas();
  assert(metric(Metric.EXIT_ENDED) != 0); // the operation that is measured ended
  assert(theMm().treeGone != 0); // and so did exit_mmap
  // every VMA came back, but those in a sheaf that nothing fills
  assert(metric(Metric.FREED) + metric(Metric.STRANDED_VMAS) == metric(Metric.N_VMA));
  assert(metric(Metric.DEAD) == 0); // and none twice
  assert(theMm().listHead == 0); // no list was left on the mm
  if (hasPages()) {
    settleNodeFrames(cpuAt(<u32>config(Config.EXIT_CPU)));
    roundsAfter();
    checkPages();
    checkAllBack();
  }
  assert(treeNodes(MM_TREE) == 0);
  assert(poolNodesLive(regionBase(Region.INDEX)) == 0); // no index node is left anywhere
  const parents: u32 = isGeneration72() ? PARENT_VMAS : 0;
  assert(cacheObjectsLive(regionBase(Region.VMA_CACHE)) == parents);
  assert(cacheObjectsLive(regionBase(Region.LOCK_CACHE)) == 0);
}

export function finishExitRun(): void {
  const vmaCache = regionBase(Region.VMA_CACHE);
  const lockCache = regionBase(Region.LOCK_CACHE);
  reportListLock();
  reportNocbLocks();
  setMetric(Metric.VMA_SLABS_END, <u64>cacheSlabsLive(vmaCache));
  setMetric(Metric.VMA_SLABS_DISCARDED, <u64>cacheSlabsDiscarded(vmaCache));
  setMetric(Metric.LOCK_SLABS_END, <u64>cacheSlabsLive(lockCache));
  setMetric(Metric.LOCK_SLABS_DISCARDED, <u64>cacheSlabsDiscarded(lockCache));
}
