// The exiting task of the workload `exit`: exit_mmap, then it tells its parent.
// [simplified: kernel/exit.c:do_exit, 6.12: what comes before exit_mm lies before time 0, what
//  comes after it is one cost]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { cost, setMetric } from "../memory/slots";
import { EXITED, GOES_ON } from "../sched/answer";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { chargeCurr } from "../sched/fair";
import { horizon } from "../sched/horizon";
import { parentTask, Task } from "../sched/task";
import { stepExitMmap } from "./exit-mmap";
import { theMm } from "./mm";

/** Where the task stands (Task.phase). */
enum Phase {
  EXIT_MMAP,
  NOTIFY,
}

/** The exiting task's program, see sched/programs.ts. */
export function stepExit(cpu: Cpu, task: Task): u64 {
  while (cpu.now <= horizon) {
    if (task.phase == <u8>Phase.EXIT_MMAP) {
      if (!stepExitMmap(cpu, task, theMm())) return GOES_ON;
      chargeCurr(cpu);
      if (theMm().exitStart == 0) {
        setMetric(Metric.TASK_CPU, task.sumExec);
        setMetric(Metric.CTX_SWITCHES, <u64>task.switches);
      }
      task.phase = <u8>Phase.NOTIFY;
      cpu.now += cost(CostSlot.EXIT_NOTIFY);
    } else {
      wakeTask(cpu, parentTask());
      return EXITED;
    }
  }
  return GOES_ON;
}
