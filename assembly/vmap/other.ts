// A task of no interest that is runnable when the run begins: what a kernel that has just booted
// still does. Twice it asks for a purge, as set_memory_*() does of whoever changes kernel mappings.

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { Task } from "../sched/task";
import { beginOnlyPurge, Op, OP_BYTES, OpAnswer, OpKind } from "./op";
import { stepOnlyPurge } from "./unmap-aliases";

const STEP_PS: u64 = 5_000_000;
const OP: usize = memory.data(40, 16);

let done: u64 = 0;

export function otherInit(): void {
  done = 0;
  memory.fill(OP, 0, <usize>OP_BYTES);
}

export function stepOther(cpu: Cpu, task: Task): u64 {
  const op = changetype<Op>(OP);
  const all = config(Config.VMAP_OTHER_WORK_PS);
  while (true) {
    if (op.kind != <u8>OpKind.NONE) {
      const answer = stepOnlyPurge(cpu, task, op);
      if (answer == OpAnswer.SLEEP) return SLEEPS;
      if (answer == OpAnswer.DONE) op.kind = <u8>OpKind.NONE;
    } else {
      if (done == all) return EXITED;
      const step = min(STEP_PS, all - done);
      const half = all / 2;
      if ((done < half && done + step >= half) || done + step == all) beginOnlyPurge(op);
      done += step;
      cpu.now += step;
    }
    if (cpu.now > horizon || cpu.spinsOn != 0 || cpu.needResched != 0) return GOES_ON;
  }
}
