// The workload `rcu_post`: tasks on any CPUs post callbacks, in bursts or without a pause, and what
// they post is invoked. Nothing else happens, so it shows what callbacks cost, in the model and in
// the simulator.

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { RcuLoadMetric } from "../abi/rcu-load";
import {
  addWorkloadMetric,
  config,
  cost,
  maxWorkloadMetric,
  setMetric,
  setWorkloadMetric,
  workloadMetric,
} from "../memory/slots";
import { queueCallback } from "../rcu/call";
import { rcuData, rcuState } from "../rcu/state";
import { EXITED, GOES_ON } from "../sched/answer";
import { timeoutExpiry } from "../sched/clock";
import { Cpu, nrCpus } from "../sched/cpu";
import { newTask, startTask, startTaskAt } from "../sched/extra";
import { ownHorizon } from "../sched/horizon";
import { Task, TaskKind } from "../sched/task";
import { CallbackKind } from "../vma/record";
import { allCallbacksBack, loadCpu, loadWord, PostCallback, rcuLoadInit, takeCallback }
  from "./rcu-load";

/** Words of a poster's record. */
const LEFT: u32 = 0;
const BURST_LEFT: u32 = 1;
const BURST_AT: u32 = 2;

export function startPost(): void {
  rcuLoadInit();
  const tasks = config(Config.RCU_LOAD_TASKS);
  const all = config(Config.POST_CALLBACKS);
  const start = config(Config.RCU_LOAD_START_PS);
  setMetric(Metric.PROGRESS_TOTAL, all);
  setWorkloadMetric(RcuLoadMetric.WAIT_MIN, u64.MAX_VALUE);
  setWorkloadMetric(RcuLoadMetric.FIRST_POST, u64.MAX_VALUE);
  for (let number: u32 = 0; number < <u32>tasks; number++) {
    const task = newTask(TaskKind.RCU_POST, number);
    const share = all / tasks + (<u64>number < all % tasks ? 1 : 0);
    store<u64>(loadWord(number, LEFT), share);
    store<u64>(loadWord(number, BURST_LEFT), config(Config.POST_BURST));
    store<u64>(loadWord(number, BURST_AT), start);
    if (start == 0) startTask(task, loadCpu(number));
    else startTaskAt(task, loadCpu(number), start);
  }
  const end = config(Config.POST_END_PS);
  if (end != 0) startTaskAt(newTask(TaskKind.RCU_POST_END, 0), loadCpu(0), end);
}

/** A poster's program, see sched/programs.ts. */
export function stepPost(cpu: Cpu, task: Task): u64 {
  const number = task.subject;
  let left = load<u64>(loadWord(number, LEFT));
  let burst = load<u64>(loadWord(number, BURST_LEFT));
  let answer = GOES_ON;
  const until = ownHorizon(cpu.now, nrCpus());
  while (cpu.now <= until) {
    if (left == 0) {
      answer = EXITED;
      break;
    }
    if (burst == 0) {
      burst = config(Config.POST_BURST);
      answer = nextBurst(cpu, number);
      break;
    }
    cpu.now += cost(CostSlot.RCU_LOAD_STEP);
    if (!post(cpu)) {
      answer = timeoutExpiry(cpu.now, 1);
      break;
    }
    left--;
    burst--;
    if (cpu.needResched != 0) break;
  }
  store<u64>(loadWord(number, LEFT), left);
  store<u64>(loadWord(number, BURST_LEFT), burst);
  return answer;
}

/** When the next burst begins: an interval after the last one did, if that is still to come. */
function nextBurst(cpu: Cpu, number: u32): u64 {
  const at = loadWord(number, BURST_AT);
  const due = load<u64>(at) + config(Config.POST_INTERVAL_PS);
  store<u64>(at, max(due, cpu.now));
  return due > cpu.now ? due : GOES_ON;
}

/** Posts one callback; false when no memory was planned for one more. */
function post(cpu: Cpu): bool {
  const address = takeCallback();
  if (address == 0) {
    addWorkloadMetric(RcuLoadMetric.REFUSED, 1);
    return false;
  }
  cpu.now += cost(CostSlot.RCU_LOAD_ALLOC);
  const callback = changetype<PostCallback>(<usize>address);
  callback.func = <u8>CallbackKind.POST;
  callback.time = cpu.now;
  if (rcuData(cpu.id).offloaded == 0) cpu.now += cost(CostSlot.CALL_RCU);
  queueCallback(cpu, address);
  const posted = workloadMetric(RcuLoadMetric.POSTED) + 1;
  setWorkloadMetric(RcuLoadMetric.POSTED, posted);
  maxWorkloadMetric(RcuLoadMetric.LAST_POST, cpu.now);
  maxWorkloadMetric(RcuLoadMetric.PENDING_PEAK, posted - workloadMetric(RcuLoadMetric.INVOKED));
  if (callback.time < workloadMetric(RcuLoadMetric.FIRST_POST)) {
    setWorkloadMetric(RcuLoadMetric.FIRST_POST, callback.time);
  }
  return true;
}

/** All were posted, and have run. */
export function postIsOver(): bool {
  return workloadMetric(RcuLoadMetric.INVOKED) == config(Config.POST_CALLBACKS);
}

export function notePostProgress(): void {
  setMetric(Metric.PROGRESS, workloadMetric(RcuLoadMetric.INVOKED));
}

export function finishPost(): void {
  assert(workloadMetric(RcuLoadMetric.POSTED) == config(Config.POST_CALLBACKS)); // all were posted
  assert(workloadMetric(RcuLoadMetric.INVOKED) == config(Config.POST_CALLBACKS)); // and have run
  assert(allCallbacksBack()); // none is lost, none was freed twice
  setWorkloadMetric(RcuLoadMetric.GPS, rcuState().gpsEnded);
  setWorkloadMetric(RcuLoadMetric.EXP_GPS, rcuState().expEnded);
  setWorkloadMetric(RcuLoadMetric.SCANS, <u64>rcuState().nForceQs);
}
