// What never happens: operations that a thread does not get to because it is killed or over, and
// threads of a process that is therefore never made. Their references to address spaces go.

import { Op } from "../abi/mm";
import { waitsFor } from "./born";
import { mmPut } from "./mm-count";
import { Actor, ActorState, MmStruct, OP_BYTES } from "./records";
import { actorAt, actorCount, mmOf } from "./world";

/** Does the operation hold mm_count of the mm that it names? */
export function holdsCount(op: u32): bool {
  return (
    op == <u32>Op.READ_MAPS ||
    op == <u32>Op.OOM_REAP ||
    op == <u32>Op.PROCESS_MRELEASE ||
    op == <u32>Op.KHUGEPAGED
  );
}

/** An operation on the mm `x` that will not be. */
function skipOp(op: u32, x: u64): void {
  if (holdsCount(op)) mmPut(mmOf(<u32>x));
  if (op == <u32>Op.FORK || op == <u32>Op.EXEC) abandonBorn(mmOf(<u32>x));
}

/** All that the thread has not begun. */
export function skipRest(actor: Actor): void {
  for (; actor.program != actor.programEnd; actor.program += OP_BYTES) {
    const at = <usize>actor.program;
    skipOp(<u32>load<u64>(at), load<u64>(at, 8));
  }
}

/** The mm never came to be: its threads will not start, nor what they would have made. */
export function abandonBorn(mm: MmStruct): void {
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (!waitsFor(actor, mm)) continue;
    actor.state = <u8>ActorState.DONE;
    skipRest(actor);
  }
}
