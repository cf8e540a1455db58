// call_rcu().
// [same: kernel/rcu/tree.c:__call_rcu_common, call_rcu_core, check_cb_ovld; 6.12]
// [simplified: forcing quiescent states from the flood path climbs the node tree without
//  trylocks, since nobody contends for them here]

import { Config, Generation, Probe } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, config, cost, maxMetric } from "../memory/slots";
import { operationEnded } from "../metrics/dead";
import { wakeGpKthread } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { accelerateCbsUnlocked, gpInProgress, noteGpChanges } from "./grace";
import { queueOffloaded } from "./nocb-call";
import { enqueue, firstPending, listLength } from "./segcblist";
import { stamp } from "./stamp";
import { GP_FLAG_FQS, RcuData } from "./records";
import { MAX_BLIMIT } from "./settings";
import { callbackList, nodeOf, rcuData, rcuState } from "./state";

/** The last call_rcu: when it began and ended, and whether an interrupt holds it up right now. */
let callStart: u64 = 0;
let callEnd: u64 = 0;
let callHeldUp: bool = false;

/** Queues `callback`, whose record says which kind it is, on this CPU. */
export function callRcu(cpu: Cpu, callback: u32): void {
  call(cpu, callback, config(Config.RCU_LAZY) != 0);
}

/** The same by call_rcu_hurry. */
export function callRcuHurry(cpu: Cpu, callback: u32): void {
  call(cpu, callback, false);
}

function call(cpu: Cpu, callback: u32, lazy: bool): void {
  const probed = (config(Config.PROBE_FLAGS) & <u64>Probe.CALL_RCU) != 0;
  if (probed) cpu.now += cost(CostSlot.PROBE_CALL_RCU);
  callStart = cpu.now;
  if (rcuData(cpu.id).offloaded == 0) cpu.now += cost(CostSlot.CALL_RCU);
  queue(cpu, callback, lazy, false);
  callEnd = cpu.now;
  if (operationEnded()) return;
  const took = callEnd - callStart;
  addMetric(Metric.NCALL_RCU, 1);
  addMetric(Metric.CALL_RCU_SUM, took);
  maxMetric(Metric.CALL_RCU_MAX, took);
}

/** An interrupt due at `time`: inside the last call_rcu, it waits until this restores them. */
export function interruptCall(time: u64): void {
  callHeldUp = time > callStart && time <= callEnd;
}

/** The interrupted code goes on at `now`: what held up a call_rcu belongs to its duration. */
export function resumeCall(now: u64): void {
  if (!callHeldUp) return;
  callHeldUp = false;
  addMetric(Metric.CALL_RCU_SUM, now - callEnd);
  maxMetric(Metric.CALL_RCU_MAX, now - callStart);
}

/** A call_rcu that is not the VMAs': it costs the same and is not counted with theirs. */
export function callRcuForeign(cpu: Cpu, callback: u32): void {
  if (rcuData(cpu.id).offloaded == 0) cpu.now += cost(CostSlot.CALL_RCU);
  queueCallback(cpu, callback);
}

/** The same without the cost, for those who charge it otherwise. */
export function queueCallback(cpu: Cpu, callback: u32): void {
  queue(cpu, callback, config(Config.RCU_LAZY) != 0, false);
}

/**
 * What frees a PID, as reaping queues it: in 6.12 with interrupts off.
 * [same: kernel/pid.c:free_pid under tasklist_lock in 6.12, kernel/exit.c:release_task after it in
 *  7.2]
 */
export function queuePidCallback(cpu: Cpu, callback: u32): void {
  const irqsOff = config(Config.GENERATION) != <u64>Generation.V7_2;
  queue(cpu, callback, config(Config.RCU_LAZY) != 0, irqsOff);
}

/** call_rcu_hurry: never a lazy one. */
export function hurryCallback(cpu: Cpu, callback: u32): void {
  queue(cpu, callback, false, false);
}

@inline
function queue(cpu: Cpu, callback: u32, lazy: bool, irqsOff: bool): void {
  const data = rcuData(cpu.id);
  const list = callbackList(data);
  stamp(callback);
  checkOverload(data, listLength(list));
  if (data.offloaded != 0) {
    queueOffloaded(cpu, data, callback, lazy, irqsOff);
    return;
  }
  enqueue(list, callback);
  const queued = listLength(list);
  if (irqsOff) return; // call_rcu_core leaves it to the next call
  if (queued > data.qlenLastFqsCheck + rcuState().qhimark) flood(cpu, data, callback, queued);
}

/** check_cb_ovld: keeps this CPU's bit in its leaf while it holds too many callbacks. */
@inline
function checkOverload(data: RcuData, queued: u32): void {
  const qovld = rcuState().qovld;
  if (qovld == 0) return;
  const node = nodeOf(data);
  const bit: u64 = 1 << <u64>data.bit;
  const over = queued >= qovld;
  if (over == ((node.cbovldMask & bit) != 0)) return;
  if (over) node.cbovldMask |= bit;
  else node.cbovldMask &= ~bit;
}

/** call_rcu_core beyond qhimark: get a grace period going, or help the running one along. */
function flood(cpu: Cpu, data: RcuData, callback: u32, queued: u32): void {
  const state = rcuState();
  if (noteGpChanges(data)) wakeGpKthread(cpu);
  if (!gpInProgress()) {
    cpu.now += cost(CostSlot.CALL_RCU_QHIMARK);
    if (accelerateCbsUnlocked(data)) wakeGpKthread(cpu);
    return;
  }
  data.blimit = MAX_BLIMIT;
  const list = callbackList(data);
  if (state.nForceQs == data.nForceQsSnap && firstPending(list) != callback) {
    if ((state.gpFlags & GP_FLAG_FQS) == 0) {
      state.gpFlags |= GP_FLAG_FQS;
      wakeGpKthread(cpu);
    }
  }
  data.nForceQsSnap = state.nForceQs;
  data.qlenLastFqsCheck = queued;
}
