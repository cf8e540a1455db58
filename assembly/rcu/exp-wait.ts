// The wait of an expedited grace period: the kthread sleeps until all have reported, and looks up
// in between to make nohz_full CPUs tick, and to report a stall.
// [same: kernel/rcu/tree_exp.h:synchronize_rcu_expedited_wait; 6.12 and 7.2: where there are
//  nohz_full CPUs, after a jiffy those that have yet to report tick until they have; a second and
//  jiffies_till_first_fqs later the time until the first report begins]

import { Config } from "../abi/config";
import { StallKind } from "../abi/stall";
import { config } from "../memory/slots";
import { jiffiesAt, timeoutExpiry } from "../sched/clock";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { FORCED_BY_EXPEDITED, forceTickOf } from "../sched/nohz";
import { seqLt } from "./seq";
import { expStallJiffies, stallsAreReported, untilNextReport } from "./stall";
import { writeStall } from "./stall-report";
import { nodeOf, rcuData, rcuState } from "./state";

/** RcuState.expStage: what happens when the kthread has waited in vain. */
const FORCES_TICKS: u32 = 0;
const BEGINS_TO_COUNT: u32 = 1;
const REPORTS: u32 = 2;

/** The grace period has asked all CPUs and begins to wait. */
export function beginWait(cpu: Cpu): void {
  const state = rcuState();
  state.expStart = jiffiesAt(cpu.now);
  if (anyNohzFull()) waitFor(state.expStart, FORCES_TICKS, 1);
  else waitFor(state.expStart, REPORTS, expStallJiffies());
}

function waitFor(jiffies: u64, stage: u32, patience: u64): void {
  rcuState().expStage = stage;
  rcuState().expWakeAt = jiffies + patience;
}

function anyNohzFull(): bool {
  for (let id: u32 = 0; id < nrCpus(); id++) if (cpuAt(id).nohzFull != 0) return true;
  return false;
}

/** Not all have reported: does what is due, and answers until when to sleep. */
export function waitOn(cpu: Cpu): u64 {
  const state = rcuState();
  const jiffies = jiffiesAt(cpu.now);
  if (!seqLt(jiffies, state.expWakeAt)) {
    if (state.expStage == FORCES_TICKS) {
      forceTicks();
      waitFor(jiffies, BEGINS_TO_COUNT, <u64>state.firstFqsJiffies + config(Config.HZ));
    } else if (state.expStage == BEGINS_TO_COUNT) {
      waitFor(jiffies, REPORTS, expStallJiffies());
    } else {
      const reported = stallsAreReported();
      if (reported) writeStall(cpu, StallKind.EXPEDITED, jiffies - state.expStart);
      waitFor(jiffies, REPORTS, reported ? untilNextReport(expStallJiffies()) : expStallJiffies());
    }
  }
  return timeoutExpiry(cpu.now, state.expWakeAt - jiffies);
}

function forceTicks(): void {
  for (let id: u32 = 0; id < nrCpus(); id++) {
    const data = rcuData(id);
    if ((nodeOf(data).expMask & (1 << <u64>data.bit)) == 0) continue;
    forceTickOf(cpuAt(id), FORCED_BY_EXPEDITED);
  }
}
