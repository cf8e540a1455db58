// rcuop: one kthread per offloaded CPU, which invokes its ready callbacks, all of them, with a
// chance to reschedule after each.
// [same: kernel/rcu/tree_nocb.h:nocb_cb_wait; kernel/rcu/tree.c:rcu_do_batch; 6.12]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { wakeGpKthread, wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_DISABLED } from "../sched/preempt";
import { rcuop, Task } from "../sched/task";
import { BatchStep, beginBatch, stepBatch } from "./batch";
import { advanceCbs, momentaryEqs, noteQuiescentState } from "./grace";
import { lockNocb, unlockNocb } from "./nocb-lock";
import { fetchNode } from "./node-line";
import { nextGp, pendingCallbacks, readyCallbacks } from "./segcblist";
import { seqDone } from "./seq";
import { RcuData } from "./records";
import { callbackList, kthreadBatch, nodeOf, rcuData } from "./state";

/** Tells a CPU's rcuop that callbacks are ready. */
export function wakeRcuop(cpu: Cpu, data: RcuData): void {
  if (data.cbSleep == 0) return;
  data.cbSleep = 0;
  wakeTask(cpu, rcuop(data.cpu));
}

/** The rcuop of CPU `id`, see sched/programs.ts. */
export function stepRcuop(cpu: Cpu, task: Task, id: u32): u64 {
  const data = rcuData(id);
  const batch = kthreadBatch(id);
  while (cpu.now <= horizon) {
    if (batch.active == 0) {
      if (data.cbSleep != 0) return SLEEPS;
      cpu.now += cost(CostSlot.RCUOP_ROUND);
      momentaryEqs(cpu, data);
      if (readyCallbacks(callbackList(data))) beginBatch(cpu, batch);
    }
    if (batch.active != 0) {
      const step = stepBatch(cpu, batch);
      task.midStep = batch.groupNext != 0 ? MID_DISABLED : 0; // bottom halves are disabled
      if (step != BatchStep.ENDED) return GOES_ON;
    }
    endRound(cpu, data);
    if (cpu.needResched != 0) return GOES_ON;
  }
  return GOES_ON;
}

/** After a batch: notices grace periods that have ended meanwhile, or goes back to sleep. */
function endRound(cpu: Cpu, data: RcuData): void {
  const list = callbackList(data);
  const node = nodeOf(data);
  lockNocb(cpu, data);
  if (pendingCallbacks(list) && seqDone(node.gpSeq, nextGp(list))) {
    fetchNode(cpu, node);
    cpu.now += cost(CostSlot.RCUOP_ADVANCE);
    if (advanceCbs(node, data)) wakeGpKthread(cpu);
  }
  if (!readyCallbacks(list)) data.cbSleep = 1;
  unlockNocb(cpu, data);
}
