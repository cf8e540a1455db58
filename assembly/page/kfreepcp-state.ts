// kfreepcp, as far as the code that frees pages sees it: a flag a CPU, and who sets it.
// The thread itself is in kfreepcp.ts, where the patch is described.

import { Kfreepcp, PageStat } from "../abi/page";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { Task, taskAt } from "../sched/task";
import { kfreepcp, kfreepcpAddress } from "./state";
import { addStat } from "./stats";

//  0           4
//  ┌───────────┬──────┐
//  │ shouldRun │ task │   shouldRun 2: asked again while it was set
//  └───────────┴──────┘
/** struct freepcp_stat */
@unmanaged
export class FreepcpStat {
  shouldRun: u32;
  /** Number of its thread. */
  task: u32;
}

export const KFREEPCP_BYTES: u32 = 8;
const ASKED: u32 = 1;
const ASKED_AGAIN: u32 = 2;

@inline
export function freepcpOf(cpu: u32): FreepcpStat {
  return changetype<FreepcpStat>(kfreepcpAddress(cpu));
}

function threadOf(cpu: u32): Task {
  return taskAt(freepcpOf(cpu).task);
}

/** As posted, a list that is too long takes back a request that is under way. */
export function kfreepcpCancel(cpu: u32): void {
  const own = freepcpOf(cpu);
  if (own.shouldRun != 0) addStat(PageStat.KFREEPCP_CANCELLED, 1);
  own.shouldRun = 0;
}

/** A round begins: it will see all that was asked for until now. */
export function kfreepcpSeen(cpu: u32): void {
  freepcpOf(cpu).shouldRun = ASKED;
}

/** The last act of a thread's run: the flag is cleared, whoever has set it meanwhile. */
export function kfreepcpDone(cpu: u32): void {
  const own = freepcpOf(cpu);
  if (own.shouldRun == ASKED_AGAIN) addStat(PageStat.KFREEPCP_LOST, 1);
  own.shouldRun = 0;
}

/** As intended, it asks the thread of its own CPU. */
export function kfreepcpRequest(cpu: Cpu): void {
  const own = freepcpOf(cpu.id);
  if (own.shouldRun != 0) return;
  own.shouldRun = ASKED;
  wakeTask(cpu, threadOf(cpu.id));
}

/**
 * kfreepcp_set_run as posted, from the RCU callback of a task that died on CPU `last`: that CPU's
 * flag is set, but the thread that is woken is the one of the CPU that runs the callback.
 */
export function kfreepcpTaskGone(cpu: Cpu, last: u32): void {
  if (kfreepcp != <u32>Kfreepcp.POSTED) return;
  const own = freepcpOf(last);
  own.shouldRun = own.shouldRun == 0 ? ASKED : ASKED_AGAIN;
  wakeTask(cpu, threadOf(cpu.id));
}
