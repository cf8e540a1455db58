// User mode: on its way there a program hears every request to reschedule, and on a nohz_full CPU
// RCU does not watch it there.
//
//   stays there      Task.userMode is set: ticks hit user mode, interrupts return to it
//   passes through   between two system calls or faults: too short for a tick to hit
//
// [same: kernel/entry/common.c:exit_to_user_mode_loop, 7.2: lazy requests count as urgent ones;
//  kernel/context_tracking.c:__ct_user_enter, __ct_user_exit, 6.12: scans see both ways]
// [left out: what context tracking costs a system call of a nohz_full CPU]

import { Cpu } from "./cpu";
import { hurryLazy } from "./preempt";
import { Task } from "./task";

/** The running task goes to user mode and stays there. */
export function enterUserMode(cpu: Cpu, task: Task): void {
  task.userMode = 1;
  noteMode(cpu, task);
  hurryLazy(cpu);
}

/** It is between two system calls or faults, or will be once it runs again. */
export function passUserMode(cpu: Cpu): void {
  hurryLazy(cpu);
  if (cpu.nohzFull != 0) cpu.dynticks += 2;
}

/** An interrupt returns to what it hit. */
export function leaveInterrupt(cpu: Cpu): void {
  if (cpu.curr != 0 && changetype<Task>(cpu.curr).userMode != 0) hurryLazy(cpu);
}

/** The running task goes on: on a nohz_full CPU RCU watches it in the kernel alone. */
export function noteMode(cpu: Cpu, task: Task): void {
  if (cpu.nohzFull == 0) return;
  if (((cpu.dynticks & 1) != 0) == (task.userMode != 0)) cpu.dynticks++;
}
