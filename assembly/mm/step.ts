// One step of a thread: the next of its operation, or the beginning of the next operation.

import { MmCount, Op } from "../abi/mm";
import { stepKhugepaged, stepMrelease, stepReadMaps } from "./bystander";
import { stepReap, stepRemoteAccess } from "./bystander";
import { stepExit } from "./exit";
import { stepFault } from "./fault";
import { stepExec } from "./exec";
import { stepFork } from "./fork";
import { stepIllegalRead } from "./illegal";
import { spendPs } from "./charge";
import { stepBrk, stepMmap, stepMprotect } from "./map";
import { stepMunmap } from "./munmap";
import { Actor, ActorState, COND_RESCHED, MmStruct, OP_BYTES } from "./records";
import { interruptWaiter } from "./rwsem";
import { add } from "./settings";
import { skipRest } from "./skip";
import { actorAt, actorCount, mmOf, now } from "./world";
import { stepWait, wakeParents } from "./wait";
import { wake } from "./wake";

/** The operation, or page of a series, that the last step has ended; else NONE. */
export let endedOp: u8 = 0;

/** Runs one step of a runnable thread. */
export function stepActor(actor: Actor): void {
  assert(actor.state == <u8>ActorState.RUNNABLE); // nobody else has steps
  add(MmCount.STEPS, 1);
  endedOp = <u8>Op.NONE;
  if (actor.op == <u8>Op.NONE && !beginNext(actor)) return;
  if (!stepOp(actor)) return;
  endedOp = actor.op;
  if (isSeries(actor.op) && actor.killed == 0 && more(actor)) return;
  const ended = actor.op == <u8>Op.EXIT;
  actor.op = <u8>Op.NONE;
  if (ended) end(actor);
}

/** The next instruction; false when the thread is over. A killed one goes straight to its end. */
function beginNext(actor: Actor): bool {
  if (actor.killed != 0) skipRest(actor);
  const over = actor.program == actor.programEnd;
  if (over && actor.mm == 0) {
    end(actor);
    return false;
  }
  const at = <usize>actor.program;
  actor.op = over ? <u8>Op.EXIT : <u8>load<u64>(at);
  actor.x = over ? 0 : load<u64>(at, 8);
  actor.y = over ? 0 : load<u64>(at, 16);
  actor.z = over ? 0 : load<u64>(at, 24);
  actor.at = actor.x;
  if (!over) actor.program += OP_BYTES;
  actor.pc = 0;
  actor.sub = 0;
  actor.putPc = 0;
  actor.lookPc = 0;
  actor.tries = 0;
  actor.interrupted = 0;
  actor.opSince = now;
  if (actor.mm == 0 && needsMm(actor.op)) {
    actor.op = <u8>Op.NONE;
    return false;
  }
  return true;
}

function needsMm(op: u8): bool {
  if (op == <u8>Op.MMAP_FIXED || op == <u8>Op.READ_FILE) return true;
  return op != <u8>Op.KILL && op != <u8>Op.EXIT && op < <u8>Op.PAUSE && !targetsOther(op);
}

function targetsOther(op: u8): bool {
  return op >= <u8>Op.READ_MAPS && op <= <u8>Op.ILLEGAL_READ;
}

function stepOp(actor: Actor): bool {
  switch (<u32>actor.op) {
    case Op.FAULT:
    case Op.TOUCH:
    case Op.READ_FILE:
      return stepFault(actor, true);
    case Op.KERNEL_FAULT:
    case Op.TOUCH_SLOWLY:
      return stepFault(actor, false);
    case Op.MUNMAP:
    case Op.MMAP_FIXED:
      return stepMunmap(actor);
    case Op.MMAP:
      return stepMmap(actor);
    case Op.MPROTECT:
      return stepMprotect(actor);
    case Op.BRK:
      return stepBrk(actor);
    case Op.FORK:
      return stepFork(actor);
    case Op.EXEC:
      return stepExec(actor);
    case Op.EXIT:
      return stepExit(actor);
    case Op.READ_MAPS:
      return stepReadMaps(actor);
    case Op.REMOTE_ACCESS:
      return stepRemoteAccess(actor);
    case Op.OOM_REAP:
      return stepReap(actor);
    case Op.PROCESS_MRELEASE:
      return stepMrelease(actor);
    case Op.KHUGEPAGED:
      return stepKhugepaged(actor);
    case Op.ILLEGAL_READ:
      return stepIllegalRead(actor);
    case Op.PAUSE:
      return pause(actor);
    case Op.WAIT:
      return stepWait(actor);
    case Op.RUN:
      return work(actor);
    default:
      assert(actor.op == <u8>Op.KILL); // the host writes only known ones
      kill(mmOf(<u32>actor.x));
      return true;
  }
}

function isSeries(op: u8): bool {
  return op == <u8>Op.TOUCH || op == <u8>Op.TOUCH_SLOWLY || op == <u8>Op.READ_FILE;
}

/** A step of user mode at most: what interrupts it waits no longer. */
const SLICE_NS: u64 = 10_000;

/** Work in user mode, which can be preempted anywhere. */
function work(actor: Actor): bool {
  if (actor.killed != 0) return true;
  const slice = min(actor.x, SLICE_NS);
  actor.x -= slice;
  spendPs(slice * 1000);
  actor.mayYield = COND_RESCHED;
  return actor.x == 0;
}

/** Asks whoever drives the world to let it sleep. */
function pause(actor: Actor): bool {
  if (actor.pc != 0) return true;
  actor.pc = 1;
  actor.pauseNs = actor.x;
  return false;
}

/** Third argument of a series: pages to the next fault, above them microseconds before it. */
const STEP_BITS: u64 = 32;
const STEP_MASK: u64 = (1 << STEP_BITS) - 1;

/** The next page of a series of faults; false when it was the last. */
function more(actor: Actor): bool {
  actor.y--;
  if (actor.y == 0 || actor.y == u64.MAX_VALUE) return false;
  actor.at += actor.z & STEP_MASK;
  actor.pauseNs = (actor.z >> STEP_BITS) * 1000;
  actor.pc = 0;
  return true;
}

function end(actor: Actor): void {
  assert(actor.rcuNest == 0 && actor.holdsVma == 0); // it leaves nothing behind
  skipRest(actor); // what stands behind its exit
  actor.state = <u8>ActorState.DONE;
  wakeParents(actor);
}

/** SIGKILL to every thread of an mm: killable waits end now, everything else at its next end. */
export function kill(mm: MmStruct): void {
  mm.killed = 1;
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.mm != <u32>changetype<usize>(mm)) continue;
    actor.killed = 1;
    if (actor.state != <u8>ActorState.BLOCKED) continue;
    if (actor.waitsFor != 0 || actor.op == <u8>Op.WAIT) wake(actor); // it looks, and may wait on
    else if (actor.waitKillable != 0) interruptWaiter(actor, mmOf(actor.target));
  }
}
