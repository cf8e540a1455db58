// What work items do: one step function a kind, called while a kworker that has taken the item is
// current. They keep to the contract of programs.ts, and answer WORK_DONE when the item is done.

import { stepDeferred } from "../vmap/deferred";
import { stepDrain, stepHelper } from "../vmap/drain";
import { stepMmput } from "../workload/child";
import { stepShepherd, stepVmstat } from "../page/vmstat";
import { GOES_ON } from "./answer";
import { Cpu } from "./cpu";
import { horizon } from "./horizon";
import { Task } from "./task";
import { Work, WORK_DONE, WorkKind } from "./work";

/** Lets an item go on: answers as sched/answer.ts says, or WORK_DONE. */
export function stepWork(cpu: Cpu, task: Task, address: u32): u64 {
  const work = changetype<Work>(<usize>address);
  switch (work.kind) {
    case <u8>WorkKind.BUSY: return stepBusy(cpu, work);
    case <u8>WorkKind.VMAP_DRAIN: return stepDrain(cpu, task, work);
    case <u8>WorkKind.VMAP_NODE: return stepHelper(cpu, task, work);
    case <u8>WorkKind.VMAP_KVFREE: return stepDeferred(cpu, task, work);
    case <u8>WorkKind.MMPUT: return stepMmput(cpu, task, work);
    case <u8>WorkKind.VMSTAT: return stepVmstat(cpu);
    case <u8>WorkKind.VMSTAT_SHEPHERD: return stepShepherd(cpu);
    default:
      assert(false); // queued without a kind
      return WORK_DONE;
  }
}

const BUSY_STEP_PS: u64 = 1_000_000;

/** Bits 0 to 15 of the argument are microseconds of CPU, bits 16 to 31 microseconds of sleep. */
function stepBusy(cpu: Cpu, work: Work): u64 {
  const steps = work.argument & 0xffff;
  while (work.progress < steps) {
    cpu.now += BUSY_STEP_PS;
    work.progress++;
    if (cpu.now > horizon || cpu.needResched != 0) return GOES_ON;
  }
  const nap = <u64>(work.argument >> 16) * 1_000_000;
  if (nap != 0 && work.progress == steps) {
    work.progress++;
    return cpu.now + nap;
  }
  work.progress = 0;
  return WORK_DONE;
}
