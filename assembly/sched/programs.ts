// The programs of all tasks: one step function a kind, called by the event loop while the task is
// current on its CPU and no softirq runs there.
//
// The contract of a step function, `stepX(cpu, task): u64`:
//  - It works in short steps, each adding its cost to `cpu.now`, and looks at the horizon between
//    them (sched/horizon.ts): once `cpu.now > horizon` it returns GOES_ON and is called again
//    later.
//  - Where the kernel could preempt it, it also returns GOES_ON when `cpu.needResched` is set.
//    Where the kernel could not (a spinlock is held, interrupts are off) it sets `task.midStep = 1`
//    before it returns: then nothing is scheduled over it until it has cleared the mark.
//  - To sleep it returns the time until which it does, or SLEEPS; `wakeTask` ends either early.
//    From its last look at what it waits for to its sleep no other CPU acts, so no wake-up is lost:
//    look, note that you wait, return.
//  - To end it returns EXITED.
//  - To wake another task it calls `wakeTask(cpu, other)`; nothing else changes who runs.
//  - What must survive between two calls lies in its record (phase, midStep, subject) or
//    in a record of its own kind that `subject` numbers.

import { stepExpKthread } from "../rcu/exp";
import { stepMmThread } from "../mm/machine";
import { stepOomReaper } from "../mm/oom-reaper";
import { stepGpKthread } from "../rcu/gp-kthread";
import { stepRcuop } from "../rcu/nocb-cb";
import { stepRcuog } from "../rcu/nocb-gp";
import { stepRcuc } from "../rcu/rcuc";
import { stepKswapd } from "../reclaim/kswapd";
import { stepReaper } from "../strategy/reaper";
import { stepMunmap } from "../vma/munmap";
import { stepExit } from "../vma/exit-task";
import { stepParent } from "../vma/parent";
import { stepKfreepcp } from "../page/kfreepcp";
import { stepChild } from "../workload/child";
import { stepRestart } from "../workload/restart";
import { stepWaiter } from "../workload/waiter";
import { stepFlood } from "../workload/rcu-flood";
import { stepPost } from "../workload/rcu-post";
import { stepTestThread } from "../vmap/driver";
import { stepOther } from "../vmap/other";
import { stepBystander } from "../workload/bystander";
import { EXITED, GOES_ON, SLEEPS } from "./answer";
import { Cpu } from "./cpu";
import { stepKworker } from "./kworker";
import { beginSoftirqOfThread, softirqIsPending } from "./softirq";
import { Task, TaskKind } from "./task";

/** Lets the running task's program go on; answers as answer.ts says. */
export function stepProgram(cpu: Cpu, task: Task): u64 {
  switch (task.kind) {
    case <u8>TaskKind.EXIT: return stepExit(cpu, task);
    case <u8>TaskKind.MUNMAP: return stepMunmap(cpu, task);
    case <u8>TaskKind.MM_THREAD: return stepMmThread(cpu, task);
    case <u8>TaskKind.PARENT: return stepParent(cpu);
    case <u8>TaskKind.RCU_GP: return stepGpKthread(cpu, task);
    case <u8>TaskKind.RCUOP: return stepRcuop(cpu, task, task.subject);
    case <u8>TaskKind.RCUC: return stepRcuc(cpu, task);
    case <u8>TaskKind.RCUOG: return stepRcuog(cpu, task.subject);
    case <u8>TaskKind.KWORKER:
    case <u8>TaskKind.KWORKER_UNBOUND: return stepKworker(cpu, task);
    case <u8>TaskKind.RCU_EXP: return stepExpKthread(cpu);
    case <u8>TaskKind.RCU_FLOOD: return stepFlood(cpu, task);
    case <u8>TaskKind.RCU_POST: return stepPost(cpu, task);
    case <u8>TaskKind.RCU_POST_END: return EXITED;
    case <u8>TaskKind.TEST_VMALLOC: return stepTestThread(cpu, task);
    case <u8>TaskKind.REAPER: return stepReaper(cpu, task);
    case <u8>TaskKind.VMAP_OTHER: return stepOther(cpu, task);
    case <u8>TaskKind.BYSTANDER: return stepBystander(cpu, task);
    case <u8>TaskKind.EXITS_CHILD: return stepChild(cpu, task);
    case <u8>TaskKind.EXITS_PARENT: return stepWaiter(cpu, task);
    case <u8>TaskKind.EXITS_RESTART: return stepRestart(cpu, task);
    case <u8>TaskKind.OOM_REAPER: return stepOomReaper(cpu);
    case <u8>TaskKind.KSWAPD: return stepKswapd(cpu);
    case <u8>TaskKind.KFREEPCP: return stepKfreepcp(cpu, task);
    default: return stepKsoftirqd(cpu);
  }
}

/** run_ksoftirqd: its softirqs run on top of it, and it sleeps when none is pending. */
function stepKsoftirqd(cpu: Cpu): u64 {
  if (!softirqIsPending(cpu)) return SLEEPS;
  beginSoftirqOfThread(cpu);
  return GOES_ON;
}
