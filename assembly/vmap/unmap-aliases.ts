// A purge that somebody asks for, whatever vmap_lazy_nr is.
// [same: mm/vmalloc.c:_vm_unmap_aliases, 6.12 and 7.2, for a range that is all; 5.0:
//  vm_unmap_aliases]

import { mutexLock, mutexUnlock } from "../lock/mutex";
import { Cpu } from "../sched/cpu";
import { Task } from "../sched/task";
import { Op, OpAnswer } from "./op";
import { beginPurge, stepPurge } from "./purge";
import { purgeLock } from "./state";

export function stepOnlyPurge(cpu: Cpu, task: Task, op: Op): OpAnswer {
  if (op.phase == 0) {
    if (!mutexLock(cpu, task, purgeLock())) return OpAnswer.SLEEP;
    beginPurge(cpu, task, false);
    op.phase = 1;
  }
  const answer = stepPurge(cpu, task);
  if (answer == OpAnswer.DONE) mutexUnlock(cpu, task, purgeLock());
  return answer;
}
