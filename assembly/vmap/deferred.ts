// kvfree_rcu of vmalloc memory: it is freed by a kworker after a grace period.
//
// [simplified: kernel/rcu/tree.c (6.12), mm/slab_common.c (7.2):kfree_rcu_monitor, kfree_rcu_work:
//  what a thread has handed in when the work runs waits together; the monitor's delay is one jiffy
//  and the grace period after it three, as of a machine that is busy everywhere]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { timeoutExpiry } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { Task } from "../sched/task";
import { Work, WORK_DONE } from "../sched/work";
import { queueWork } from "../sched/workqueue";
import { areaAt } from "./area";
import { stepFree } from "./free";
import { beginFree, OpAnswer, OpKind } from "./op";
import { rcuOp, rcuWork, TestThread, threadAt } from "./thread";
import { turnEnds } from "./turn";

const MONITOR_AND_GRACE_PERIOD_JIFFIES: u64 = 4;

enum Phase {
  START,
  WAITED,
}

/** Hands an allocation over. */
export function deferFree(cpu: Cpu, thread: TestThread, area: usize): void {
  cpu.now += cost(CostSlot.KVFREE_RCU);
  areaAt(area).maxGap = 0;
  if (thread.rcuLast != 0) areaAt(thread.rcuLast).maxGap = <u64>area;
  else thread.rcuFirst = area;
  thread.rcuLast = area;
  const work = changetype<Work>(rcuWork(thread));
  if (work.progress == Phase.START) queueWork(cpu, rcuWork(thread));
}

/** The item's argument is the thread. */
export function stepDeferred(cpu: Cpu, task: Task, work: Work): u64 {
  const thread = threadAt(work.argument);
  if (work.progress == Phase.START) {
    work.progress = Phase.WAITED;
    return timeoutExpiry(cpu.now, MONITOR_AND_GRACE_PERIOD_JIFFIES);
  }
  const op = rcuOp(thread);
  while (true) {
    if (op.kind == <u8>OpKind.NONE) {
      if (thread.rcuFirst == 0) break;
      const area = areaAt(thread.rcuFirst);
      thread.rcuFirst = <usize>area.maxGap;
      if (thread.rcuFirst == 0) thread.rcuLast = 0;
      beginFree(op, area, 0);
    }
    const answer = stepFree(cpu, task, op);
    if (answer == OpAnswer.SLEEP) return SLEEPS;
    if (answer == OpAnswer.DONE) {
      op.kind = <u8>OpKind.NONE;
      task.midStep = 0;
    }
    if (turnEnds(cpu)) return GOES_ON;
  }
  work.progress = Phase.START;
  return WORK_DONE;
}
