// The workload `rcu_flood`: the callback flood with which rcutorture tests that RCU moves forward.
// A task posts callbacks as fast as it can. Those that have come back are posted again (laundered)
// before memory is taken for new ones, until 100 have come back three times, or time is up. Then it
// waits for all of them, and reports.
// [same: kernel/rcu/rcutorture.c:rcu_torture_fwd_prog_cr, rcu_torture_fwd_prog_cbfree, 6.12]
// [simplified: cond_resched() in every round; kernels built with NO_HZ_FULL call schedule() there
//  (rcutorture.c:rcu_torture_fwd_prog_cond_resched)]
// [left out: rcutorture's writers and readers, whose versions `cver` counts, and its other
//  forward-progress test, which reads (rcu_torture_fwd_prog_nr)]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { FloodWord, RcuLoadMetric } from "../abi/rcu-load";
import {
  addMetric,
  addWorkloadMetric,
  config,
  cost,
  setMetric,
  setWorkloadMetric,
  workloadMetric,
} from "../memory/slots";
import { barrierIsOver } from "../rcu/barrier";
import { hurryCallback } from "../rcu/call";
import { seqDiff } from "../rcu/seq";
import { rcuData, rcuState } from "../rcu/state";
import { synchronizeIsOver } from "../rcu/sync";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { jiffiesAt, timeOfJiffies, timeoutExpiry } from "../sched/clock";
import { Cpu, nrCpus } from "../sched/cpu";
import { newTask, startTask, startTaskAt } from "../sched/extra";
import { ownHorizon } from "../sched/horizon";
import { Task, TaskKind } from "../sched/task";
import { CallbackKind } from "../vma/record";
import {
  allCallbacksBack,
  FloodCallback,
  giveCallback,
  loadCpu,
  loadWord,
  rcuLoadInit,
  takeCallback,
} from "./rcu-load";

/** Task.phase */
const SYNC: u8 = 0;
const FLOOD: u8 = 1;
const BARRIER: u8 = 2;
const DRAIN: u8 = 3;

export function startFlood(): void {
  rcuLoadInit();
  const start = config(Config.RCU_LOAD_START_PS);
  setMetric(Metric.PROGRESS_TOTAL, config(Config.RCU_LOAD_TASKS));
  for (let number: u32 = 0; number < <u32>config(Config.RCU_LOAD_TASKS); number++) {
    const task = newTask(TaskKind.RCU_FLOOD, number);
    const cpu = loadCpu(number);
    store<u64>(loadWord(number, FloodWord.CPU), <u64>cpu);
    if (start == 0) startTask(task, cpu);
    else startTaskAt(task, cpu, start);
  }
}

/** Its program, see sched/programs.ts. */
export function stepFlood(cpu: Cpu, task: Task): u64 {
  const number = task.subject;
  if (task.phase == SYNC) {
    if (!synchronizeIsOver(cpu, task)) return SLEEPS;
    begin(cpu, number);
    task.phase = FLOOD;
  }
  if (task.phase == FLOOD) {
    const answer = flood(cpu, number);
    if (answer != 0) return answer == 1 ? GOES_ON : answer;
    stop(cpu, number);
    task.phase = BARRIER;
  }
  if (task.phase == BARRIER) {
    if (!barrierIsOver(cpu, task)) return SLEEPS;
    report(cpu, number);
    task.phase = DRAIN;
    return timeoutExpiry(cpu.now, config(Config.HZ));
  }
  addMetric(Metric.PROGRESS, 1);
  return EXITED;
}

function get(number: u32, word: FloodWord): u64 {
  return load<u64>(loadWord(number, word));
}

function set(number: u32, word: FloodWord, value: u64): void {
  store<u64>(loadWord(number, word), value);
}

function begin(cpu: Cpu, number: u32): void {
  const now = jiffiesAt(cpu.now);
  set(number, FloodWord.START_JIFFIES, now);
  set(number, FloodWord.STOP_TIME, timeOfJiffies(now + config(Config.FLOOD_JIFFIES)));
  set(number, FloodWord.GP_SEQ_START, rcuState().gpSeq);
}

/** Posts until it has seen enough (0), should yield (1), or has to wait for memory (a time). */
function flood(cpu: Cpu, number: u32): u64 {
  const stop = get(number, FloodWord.STOP_TIME);
  const until = ownHorizon(cpu.now, nrCpus());
  while (cpu.now <= until) {
    if (cpu.now >= stop) return 0;
    cpu.now += cost(CostSlot.RCU_LOAD_STEP);
    const head = <u32>get(number, FloodWord.HEAD);
    const next: u32 = head == 0 ? 0 : changetype<FloodCallback>(<usize>head).link;
    let callback: u32 = 0;
    if (next != 0) {
      callback = head;
      if (enough(number, changetype<FloodCallback>(<usize>head))) return 0;
      set(number, FloodWord.HEAD, <u64>next);
      set(number, FloodWord.N_LAUNDERS, get(number, FloodWord.N_LAUNDERS) + 1);
      set(number, FloodWord.N_LAUNDERS_SA, get(number, FloodWord.N_LAUNDERS_SA) + 1);
    } else {
      callback = take(cpu, number);
      if (callback == 0) return timeoutExpiry(cpu.now, 1);
    }
    post(cpu, callback);
    if (cpu.needResched != 0) return 1;
  }
  return 1;
}

/** Have enough callbacks come back often enough? */
function enough(number: u32, callback: FloodCallback): bool {
  if (<u64>callback.gps < config(Config.FLOOD_MIN_LAUNDERS)) return false;
  const seen = get(number, FloodWord.N_MAX_GPS) + 1;
  set(number, FloodWord.N_MAX_GPS, seen);
  return seen >= config(Config.FLOOD_MIN_LAUNDERED);
}

/** Memory for a new callback; where none is left, the kernel's flood too waits a jiffy. */
function take(cpu: Cpu, number: u32): u32 {
  const address = takeCallback();
  if (address == 0) {
    set(number, FloodWord.REFUSED, get(number, FloodWord.REFUSED) + 1);
    addWorkloadMetric(RcuLoadMetric.REFUSED, 1);
    return 0;
  }
  cpu.now += cost(CostSlot.RCU_LOAD_ALLOC);
  set(number, FloodWord.N_MAX_CBS, get(number, FloodWord.N_MAX_CBS) + 1);
  set(number, FloodWord.N_LAUNDERS_SA, 0);
  const callback = changetype<FloodCallback>(<usize>address);
  callback.func = <u8>CallbackKind.FLOOD;
  callback.owner = <u8>number;
  callback.gps = 0;
  return address;
}

function post(cpu: Cpu, callback: u32): void {
  if (rcuData(cpu.id).offloaded == 0) cpu.now += cost(CostSlot.CALL_RCU);
  hurryCallback(cpu, callback);
  addWorkloadMetric(RcuLoadMetric.POSTED, 1);
  const pending = workloadMetric(RcuLoadMetric.POSTED) - workloadMetric(RcuLoadMetric.INVOKED);
  if (pending > workloadMetric(RcuLoadMetric.PENDING_PEAK)) {
    setWorkloadMetric(RcuLoadMetric.PENDING_PEAK, pending);
  }
}

function stop(cpu: Cpu, number: u32): void {
  set(number, FloodWord.STOP_JIFFIES, jiffiesAt(cpu.now));
  const posted = get(number, FloodWord.N_LAUNDERS) + get(number, FloodWord.N_MAX_CBS);
  set(number, FloodWord.PENDING, posted - get(number, FloodWord.N_LAUNDERS_CB));
  set(number, FloodWord.GPS, seqDiff(rcuState().gpSeq, get(number, FloodWord.GP_SEQ_START)));
}

/** Everything has come back: frees it, and notes when. */
function report(cpu: Cpu, number: u32): void {
  const posted = get(number, FloodWord.N_LAUNDERS) + get(number, FloodWord.N_MAX_CBS);
  assert(posted == get(number, FloodWord.N_LAUNDERS_CB)); // what rcu_barrier waited for
  let at = <u32>get(number, FloodWord.HEAD);
  while (at != 0) {
    const link = changetype<FloodCallback>(<usize>at).link;
    giveCallback(at);
    at = link;
  }
  set(number, FloodWord.HEAD, 0);
  set(number, FloodWord.TAIL, 0);
  set(number, FloodWord.REPORT_JIFFIES, jiffiesAt(cpu.now));
}

export function finishFlood(): void {
  assert(allCallbacksBack()); // none is lost, none was freed twice
  setWorkloadMetric(RcuLoadMetric.GPS, rcuState().gpsEnded);
  setWorkloadMetric(RcuLoadMetric.EXP_GPS, rcuState().expEnded);
  setWorkloadMetric(RcuLoadMetric.SCANS, <u64>rcuState().nForceQs);
}
