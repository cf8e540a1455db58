// Expedited grace periods: a kthread asks every CPU by an interrupt instead of waiting for ticks.
// [same: kernel/rcu/tree_exp.h:sync_rcu_exp_select_node_cpus, rcu_exp_handler,
//  rcu_exp_sel_wait_wake, synchronize_rcu_expedited; 6.12 and 7.2: idle CPUs and the kthread's own
//  are satisfied at once; preempted readers count; a CPU outside sections reports in the interrupt,
//  others when they leave what they are in; requests that a later start covers share it]
// [simplified: one kthread asks the CPUs of all leaves, one after the other; the kernel gives every
//  leaf but the last to a worker of its own. Requests queue on the number they need, without the
//  tree of locks of tree_exp.h:exp_funnel_lock]

import { Config, Generation } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { timelineExpEnds, timelineExpStarts } from "../metrics/timeline";
import { SLEEPS } from "../sched/answer";
import { wakeTask } from "../sched/core";
import { Cpu, cpuAt } from "../sched/cpu";
import { armRcuIpi } from "../sched/events";
import { rcuIsClassic } from "../sched/preempt";
import { expKthread, Task, taskAt, taskIndex, tasksFor } from "../sched/task";
import { expInterruptClassic } from "./classic";
import { invokesCallbacks } from "./core";
import { expDoneOn, reportExpCpu, reportExpCpus, resetExpTree } from "./exp-tree";
import { beginWait, waitOn } from "./exp-wait";
import { inSection } from "./readers";
import { RcuNode, Waiter } from "./records";
import { seqDone, seqEnd, seqLt, seqSnap, seqStart, seqState } from "./seq";
import { rcuData, rcuLeaf, rcuRoot, rcuState, readerOf, waiterOf } from "./state";

/** Waiter.phase of a task in synchronize_rcu(); here told from others by `link`. */
const EXPEDITED: usize = 1;

/** Asks for an expedited grace period; the waiter is told when it is over. */
export function beginExpedited(cpu: Cpu, waiter: Waiter): void {
  const state = rcuState();
  waiter.cookie = seqSnap(state.expSeq);
  waiter.link = EXPEDITED;
  if (seqLt(state.expWanted, waiter.cookie)) state.expWanted = waiter.cookie;
  wakeTask(cpu, expKthread());
}

/** The kthread that makes expedited grace periods, see sched/programs.ts. */
export function stepExpKthread(cpu: Cpu): u64 {
  const state = rcuState();
  while (true) {
    if (seqState(state.expSeq) != 0) {
      if (!expDoneOn(rcuRoot())) return waitOn(cpu);
      endExpedited(cpu);
    }
    if (seqDone(state.expSeq, state.expWanted)) return SLEEPS;
    startExpedited(cpu);
  }
}

function startExpedited(cpu: Cpu): void {
  const state = rcuState();
  cpu.now += cost(CostSlot.RCU_GP_INIT);
  state.expSeq = seqStart(state.expSeq);
  timelineExpStarts(cpu.now);
  resetExpTree();
  for (let number: u32 = 0; number < state.leaves; number++) selectLeaf(cpu, rcuLeaf(number));
  beginWait(cpu);
}

/** sync_rcu_exp_select_node_cpus */
function selectLeaf(cpu: Cpu, leaf: RcuNode): void {
  let quiescent: u64 = 0;
  leaf.expTasks = leaf.blkdHead;
  for (let bit: u32 = 0; bit < leaf.children; bit++) {
    const id = leaf.lowest + bit;
    cpu.now += cost(CostSlot.RCU_FQS_CPU);
    if (id == cpu.id || (cpuAt(id).dynticks & 1) == 0) {
      quiescent |= 1 << <u64>bit;
      continue;
    }
    const data = rcuData(id);
    if (data.expIpi != 0) continue; // one is on its way and will see this grace period
    data.expIpi = 1;
    armRcuIpi(cpuAt(id), cpu.now);
  }
  reportExpCpus(leaf, quiescent);
}

/** rcu_exp_handler, in an interrupt on the CPU; `fromIdle`: it hit the idle task. */
export function expInterrupt(cpu: Cpu, fromIdle: bool): void {
  const data = rcuData(cpu.id);
  data.expIpi = 0;
  const leaf = changetype<RcuNode>(data.node);
  if ((leaf.expMask & (1 << <u64>data.bit)) == 0) return; // reported since
  if (rcuIsClassic()) {
    expInterruptClassic(cpu, data, fromIdle, invokesCallbacks(cpu));
  } else if (inSection(cpu.curr)) {
    data.noQsExp = 1;
    readerOf(taskIndex(changetype<Task>(cpu.curr))).expHint = 1;
  } else if ((cpu.inSoftirq == 0 && cpu.preemptCount == 0 && !invokesCallbacks(cpu)) || fromIdle) {
    if (reportExpCpu(data)) wakeTask(cpu, expKthread());
  } else {
    data.noQsExp = 1;
    if (config(Config.GENERATION) == <u64>Generation.V7_2) data.urgentQs = 1; // rcu_exp_need_qs
    cpu.needResched = 1;
  }
}

/** rcu_exp_wait_wake: it is over, and so are the waits that it serves. */
function endExpedited(cpu: Cpu): void {
  const state = rcuState();
  cpu.now += cost(CostSlot.RCU_GP_CLEANUP);
  checkNoOlderThan(state.expSeq);
  state.expSeq = seqEnd(state.expSeq);
  state.expEnded++;
  timelineExpEnds(cpu, <u64>state.expEnded);
  for (let task: u32 = 0; task < tasksFor(state.cpus); task++) {
    const waiter = waiterOf(task);
    if (waiter.link != EXPEDITED || !seqDone(state.expSeq, waiter.cookie)) continue;
    waiter.link = 0;
    waiter.over = 1;
    wakeTask(cpu, taskAt(task));
  }
}

/** No expedited grace period may end over a section that was open when it began. */
function checkNoOlderThan(expSeqStarted: u64): void {
  if (rcuState().openReaders == 0) return;
  for (let task: u32 = 0; task < tasksFor(rcuState().cpus); task++) {
    const reader = readerOf(task);
    assert(reader.nesting == 0 || !seqLt(reader.beganExp, expSeqStarted)); // an older one is open
  }
}
