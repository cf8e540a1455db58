// wait4 for a child: a parent sleeps until the threads that its fork started are over, their last
// mmput included.
// [same: kernel/exit.c:do_exit, exit_notify, do_wait, 6.12 and 7.2: exit_mm comes before the parent
//  hears of it; SIGKILL ends the wait]
// [simplified: a child is known by the mm that its fork made; the parent is told at the very end]

import { MmCost, Op } from "../abi/mm";
import { spend } from "./charge";
import { Actor, ActorState } from "./records";
import { actorAt, actorCount } from "./world";
import { wake } from "./wake";

function childLives(mm: u32): bool {
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.startsWith != mm || actor.state == <u8>ActorState.NEW) continue;
    if (actor.state != <u8>ActorState.DONE) return true;
  }
  return false;
}

/** One step of wait4 for the child whose mm is actor.x; over at once if there is none. */
export function stepWait(actor: Actor): bool {
  if (actor.killed != 0) return true;
  if (!childLives(<u32>actor.x)) {
    spend(MmCost.WAIT);
    return true;
  }
  actor.state = <u8>ActorState.BLOCKED;
  return false;
}

/** A thread is over: whoever waits for its process looks again. */
export function wakeParents(ended: Actor): void {
  if (ended.startsWith == 0) return;
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.op == <u8>Op.WAIT && actor.x == <u64>ended.startsWith) wake(actor);
  }
}
