// A task of no interest that is runnable when the run begins: what a kernel that has just booted
// still does. In the end it asks for a purge, and some time before for another one.
//
// [same: init/initramfs.c:do_populate_rootfs, 6.12: the initial file system is unpacked; the memory
//  that held it is made non-executable and writable before it is freed, one right behind the other,
//  arch/x86/mm/init.c:free_init_pages, and each change of kernel mappings purges what is lazy,
//  arch/x86/mm/pat/set_memory.c:change_page_attr_set_clr]
// [same: lib/decompress_inflate.c:__gunzip, 6.12: 32 KiB at a time, between which alone the kernel
//  may preempt it if it is not preemptible: so it outlasts a tick by 0.3 ms on average]

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { newTask, startTask } from "../sched/extra";
import { MID_KERNEL } from "../sched/preempt";
import { Task, TaskKind } from "../sched/task";
import { beginOnlyPurge, Op, OP_BYTES, OpAnswer, OpKind } from "./op";
import { stepOnlyPurge } from "./unmap-aliases";
import { turnEnds } from "./turn";

const STEP_PS: u64 = 5_000_000;
/** 32 KiB unpacked, 575 us, and written, as counted in a boot of 6.12.117. */
const PIECE_PS: u64 = 610_000_000;
const OP: usize = memory.data(40, 16);

let done: u64 = 0;
let pieceLeft: u64 = 0;
let purges: u32 = 0;

export function otherInit(): void {
  done = 0;
  pieceLeft = PIECE_PS;
  purges = 0;
  memory.fill(OP, 0, <usize>OP_BYTES);
}

/**
 * Before time 0, behind the threads that CPU 0 has. It has had the CPU since boot and they are new,
 * so it may be ahead of them in virtual time.
 */
export function startOther(threads: u32): void {
  const task = newTask(TaskKind.VMAP_OTHER, 0);
  const ahead = <i64>config(Config.VMAP_OTHER_AHEAD_PS);
  task.sleepLag = (-ahead * <i64>threads) / <i64>(threads + 1); // place_entity adds the rest
  startTask(task, 0);
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
      if (purges == 2) return EXITED;
      const until = purges == 0 ? all - min(all, config(Config.VMAP_OTHER_GAP_PS)) : all;
      if (done == until) {
        purges++;
        task.midStep = 0;
        beginOnlyPurge(op);
        continue;
      }
      const step = min(STEP_PS, min(pieceLeft, until - done));
      done += step;
      cpu.now += step;
      pieceLeft -= step;
      task.midStep = pieceLeft == 0 ? 0 : MID_KERNEL;
      if (pieceLeft == 0) pieceLeft = PIECE_PS;
    }
    if (turnEnds(cpu)) return GOES_ON;
  }
}
