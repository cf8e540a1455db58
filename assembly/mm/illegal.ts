// The reader that the argument about direct freeing at exit turns on: it takes mm_users, finds and
// locks a VMA, drops mm_users, and only then writes to the VMA and unlocks it. No kernel code does
// this; a strategy that frees without RCU relies on that.

import { Access, Happened, MmGeneration } from "../abi/mm";
import { treeLoad } from "../index/tree";
import { sees, touch } from "../oracle/lifetime";
import { mmput } from "./exit";
import { lockUnderRcu, LookUp } from "./lookup";
import { mmGetNotZero } from "./mm-count";
import { Actor, mmTree } from "./records";
import { mmapReadLock, mmapReadUnlock } from "./rwsem";
import { generation, happened } from "./settings";
import { endRead } from "./vma-lock";
import { mmOf } from "./world";

const BEGIN: u8 = 0;
const LOCKING: u8 = 1;
const PUTTING: u8 = 2;
const WRITING: u8 = 3;
const RELEASING: u8 = 4;
const MMAP_LOCKING: u8 = 5;
const FINDING: u8 = 6;
const MMAP_UNLOCKING: u8 = 7;
const GIVING_UP: u8 = 8;

/** How it holds the VMA (actor.z): by its lock, or not at all. */
const WITHOUT_LOCK: u64 = 1;

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

/** One step of the sequence on page actor.y of the mm actor.x. */
export function stepIllegalRead(actor: Actor): bool {
  const mm = mmOf(<u32>actor.x);
  switch (actor.pc) {
    case BEGIN:
      if (!mmGetNotZero(actor, <u32>actor.x)) {
        happened(Happened.NO_MM);
        return true;
      }
      actor.lookPc = 0;
      if (actor.z == WITHOUT_LOCK || generation == <u32>MmGeneration.V6_1) {
        return go(actor, MMAP_LOCKING);
      }
      return go(actor, LOCKING);
    case LOCKING: {
      const found = lockUnderRcu(actor, actor.y, false);
      if (found == LookUp.LOCKED) return go(actor, PUTTING);
      return found == LookUp.FAILED ? go(actor, GIVING_UP) : false;
    }
    case MMAP_LOCKING:
      return mmapReadLock(actor, mm, false) ? go(actor, FINDING) : false;
    case FINDING: {
      const found = treeLoad(mmTree(mm), actor.y);
      actor.vma = 0;
      if (found != 0) sees(actor, found);
      return go(actor, MMAP_UNLOCKING);
    }
    case MMAP_UNLOCKING:
      mmapReadUnlock(mm);
      return go(actor, actor.vma == 0 ? GIVING_UP : PUTTING);
    case GIVING_UP:
      return mmput(actor, mm);
    case PUTTING:
      return mmput(actor, mm) ? go(actor, WRITING) : false;
    case WRITING:
      if (!touch(actor, actor.vma, Access.WORK)) return false;
      return actor.holdsVma != 0 ? go(actor, RELEASING) : true;
    default:
      return endRead(actor);
  }
}
