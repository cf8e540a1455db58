// rcu_barrier(): waits until every callback that was queued before it, on any CPU, has run.
// [same: kernel/rcu/tree.c:rcu_barrier, rcu_barrier_entrain, rcu_barrier_callback; 6.12 and 7.2:
//  one barrier at a time; one that began after a waiter asked serves the waiter too; a callback
//  behind everything on each CPU that has callbacks; the count begins at 2]
// [simplified: the interrupt that entrains on another CPU is handled at once, and its sender waits
//  for it, so both are charged an interrupt (smp_call_function_single, kernel/smp.c)]
//
//   CPU 0   a b c  ── entrain ──▶  a b c B0      a task that wakes when B0, B1, ... have all run
//   CPU 1   d      ── entrain ──▶  d B1
//   CPU 2   (none)                               is left out

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { jiffiesAt } from "../sched/clock";
import { wakeTask } from "../sched/core";
import { Cpu, cpuAt } from "../sched/cpu";
import { Task, taskAt, taskIndex } from "../sched/task";
import { CallbackKind, vmaAt } from "../vma/record";
import { flushBypass } from "./nocb-bypass";
import { wakeRcuog } from "./nocb-wake";
import { RcuData, Waiter } from "./records";
import { entrain, listLength, pendingCallbacks } from "./segcblist";
import { seqDone, seqEnd, seqSnap, seqStart } from "./seq";
import { callbackList, rcuData, rcuState, waiterOf } from "./state";

/** Waiter.phase; 1 is sync.ts's. */
const IDLE: u8 = 0;
const QUEUED: u8 = 2;
const RUNS: u8 = 3;

/** rcu_barrier(): true once it is over; otherwise the task sleeps and looks again. */
export function barrierIsOver(cpu: Cpu, task: Task): bool {
  const state = rcuState();
  const waiter = waiterOf(taskIndex(task));
  const self = changetype<usize>(waiter);
  if (waiter.phase == IDLE) {
    waiter.cookie = seqSnap(state.barrierSeq);
    waiter.link = 0;
    waiter.phase = QUEUED;
    if (state.barrierOwner == 0) state.barrierOwner = self;
    else queueForMutex(waiter);
  }
  if (waiter.phase == QUEUED) {
    if (state.barrierOwner != self) return false;
    if (seqDone(state.barrierSeq, waiter.cookie)) return leave(cpu, waiter);
    begin(cpu);
    waiter.phase = RUNS;
  }
  if (state.barrierCount != 0) return false;
  state.barrierSeq = seqEnd(state.barrierSeq);
  return leave(cpu, waiter);
}

function queueForMutex(waiter: Waiter): void {
  const state = rcuState();
  const self = changetype<usize>(waiter);
  if (state.barrierTail == 0) state.barrierHead = self;
  else changetype<Waiter>(state.barrierTail).link = self;
  state.barrierTail = self;
}

/** Gives the mutex to the next; true, as the caller's barrier is over. */
function leave(cpu: Cpu, waiter: Waiter): bool {
  const state = rcuState();
  waiter.phase = IDLE;
  const next = state.barrierHead;
  state.barrierOwner = next;
  if (next == 0) return true;
  const heir = changetype<Waiter>(next);
  state.barrierHead = heir.link;
  if (heir.link == 0) state.barrierTail = 0;
  heir.link = 0;
  wakeTask(cpu, taskAt(heir.task));
  return true;
}

/** Entrains a callback on every CPU that has any. */
function begin(cpu: Cpu): void {
  const state = rcuState();
  state.barrierSeq = seqStart(state.barrierSeq);
  state.barrierCount = 2; // nobody completes it before all are entrained
  for (let id: u32 = 0; id < state.cpus; id++) {
    const data = rcuData(id);
    cpu.now += cost(CostSlot.RCU_FQS_CPU);
    if (listLength(callbackList(data)) == 0) continue;
    if (id != cpu.id) {
      const target = cpuAt(id);
      cpu.now += cost(CostSlot.RESCHEDULE_IPI);
      if (target.now < cpu.now) target.now += cost(CostSlot.RESCHEDULE_IPI);
    }
    entrainOn(cpu, data);
  }
  state.barrierCount -= 2;
}

/** rcu_barrier_entrain */
function entrainOn(cpu: Cpu, data: RcuData): void {
  const list = callbackList(data);
  const wasAllDone = data.offloaded != 0 && !pendingCallbacks(list);
  if (data.offloaded != 0) flushBypass(cpu, data, jiffiesAt(cpu.now));
  const wake = wasAllDone && pendingCallbacks(list);
  const callback = <u32>(changetype<usize>(data) + offsetof<RcuData>("barrierCallback"));
  vmaAt(callback).func = <u8>CallbackKind.BARRIER;
  const entrained = entrain(list, callback);
  assert(entrained); // its list was not empty
  rcuState().barrierCount++;
  if (wake) wakeRcuog(cpu, data, false);
}

/** rcu_barrier_callback */
export function barrierCallback(cpu: Cpu): void {
  const state = rcuState();
  assert(state.barrierCount != 0); // one for each that was entrained
  if (--state.barrierCount != 0) return;
  wakeTask(cpu, taskAt(changetype<Waiter>(state.barrierOwner).task));
}
