// lock_vma_under_rcu, step by step: between any two steps others run.
//
// [same: mm/memory.c:lock_vma_under_rcu, include/linux/mm.h:vma_start_read, 6.12;
//  mm/mmap_lock.c:lock_vma_under_rcu, vma_start_read, lock_next_vma, 7.2]
// [simplified: the walk is one step (lib/maple_tree.c:mas_walk): nodes that it could stand on are
//  the index's own tests]

import { Access, Happened, MmCost, MmCount, MmGeneration, Twin } from "../abi/mm";
import { treeFind, treeLoad } from "../index/tree";
import { sees, touch } from "../oracle/lifetime";
import { spendIn, spendWalkIn } from "./charge";
import { mmPut } from "./mm-count";
import { Actor, Life, MmStruct, mmTree, mmVma } from "./records";
import { rcuReadLock, rcuReadUnlock } from "./rcu";
import { add, generation, happened, without } from "./settings";
import { releaseRead, SHUT, unlockTail } from "./vma-lock";
import { addressOf, mmOf } from "./world";

export enum LookUp {
  PENDING,
  LOCKED,
  FAILED,
}

const SECTION: u8 = 0;
const WALK: u8 = 1;
const FIRST_SEQUENCE: u8 = 2;
const TAKE: u8 = 3;
const OWNER: u8 = 4;
const SEQUENCE: u8 = 5;
const DETACHED: u8 = 6;
const RANGE: u8 = 7;
const LEAVE: u8 = 8;
const RELEASE: u8 = 9;
const RELEASED: u8 = 10;
const ABORT: u8 = 11;
const DROP: u8 = 12;

const CURSOR: usize = memory.data(512, 64);

/**
 * One step. `page` is the page to be found; with `next` also the nearest VMA above it will do
 * (lock_next_vma).
 */
export function lockUnderRcu(actor: Actor, page: u64, next: bool): LookUp {
  const mm = mmOf(actor.target);
  switch (actor.lookPc) {
    case SECTION:
      if (!without(Twin.LOOKUP_WITHOUT_RCU)) rcuReadLock(actor);
      actor.lookPc = WALK;
      return LookUp.PENDING;
    case WALK:
      return walk(actor, mm, page, next);
    case FIRST_SEQUENCE:
      if (!touch(actor, actor.vma, Access.SEQUENCE)) return LookUp.PENDING;
      return go(actor, mmVma(actor.vma).seq == mm.seq ? ABORT : TAKE);
    case TAKE:
      return take(actor);
    case OWNER:
      return owner(actor, mm);
    case SEQUENCE:
      if (!touch(actor, actor.vma, Access.SEQUENCE)) return LookUp.PENDING;
      if (mmVma(actor.vma).seq == mm.seq) return letGo(actor, false);
      if (generation == <u32>MmGeneration.V7_2) return go(actor, LEAVE);
      return go(actor, without(Twin.ADDRESS_BEFORE_DETACHED) ? RANGE : DETACHED);
    case DETACHED:
      if (!touch(actor, actor.vma, Access.DETACHED)) return LookUp.PENDING;
      if (mmVma(actor.vma).state != <u8>Life.ATTACHED) {
        miss(actor);
        return letGo(actor, true);
      }
      return go(actor, without(Twin.ADDRESS_BEFORE_DETACHED) ? LEAVE : RANGE);
    case RANGE:
      return range(actor, page, next);
    case LEAVE:
      leaveSection(actor);
      if (generation == <u32>MmGeneration.V7_2) return go(actor, RANGE);
      return locked(actor);
    case RELEASE:
      if (!releaseRead(actor, actor.vma)) return LookUp.PENDING;
      return go(actor, RELEASED);
    case RELEASED:
      return released(actor);
    case DROP:
      mmPut(mmOf(actor.other));
      actor.other = 0;
      return go(actor, ABORT);
    default:
      leaveSection(actor);
      add(MmCount.ABORT, 1);
      happened(Happened.VMA_LOCK_ABORT);
      actor.lookPc = 0;
      return LookUp.FAILED;
  }
}

@inline
function go(actor: Actor, step: u8): LookUp {
  actor.lookPc = step;
  return LookUp.PENDING;
}

function leaveSection(actor: Actor): void {
  if (actor.rcuNest != 0) rcuReadUnlock(actor);
}

function locked(actor: Actor): LookUp {
  actor.lookPc = 0;
  return LookUp.LOCKED;
}

function miss(actor: Actor): void {
  add(MmCount.MISS, 1);
  happened(Happened.VMA_LOCK_MISS);
}

/** Lets the VMA go: to walk again, or for good. */
function letGo(actor: Actor, again: bool): LookUp {
  actor.tries = again ? 1 : 0;
  return go(actor, RELEASE);
}

function walk(actor: Actor, mm: MmStruct, page: u64, next: bool): LookUp {
  spendIn(MmCount.FAULT_LOOKUP_TIME, MmCost.VMA_LOCK);
  spendWalkIn(MmCount.FAULT_LOOKUP_TIME, mmTree(mm), page);
  const found = next
    ? treeFind(mmTree(mm), CURSOR, page, u64.MAX_VALUE >> 12)
    : treeLoad(mmTree(mm), page);
  if (found == 0) return go(actor, ABORT);
  sees(actor, found);
  return go(actor, FIRST_SEQUENCE);
}

/** down_read_trylock, or the reference. */
function take(actor: Actor): LookUp {
  const vma = mmVma(actor.vma);
  if (generation != <u32>MmGeneration.V7_2) {
    if (!touch(actor, actor.vma, Access.LOCK)) return LookUp.PENDING;
    if (vma.writer != 0) return go(actor, ABORT);
    vma.ref++;
    actor.holdsVma = 1;
    return go(actor, SEQUENCE);
  }
  if (!touch(actor, actor.vma, Access.REFERENCE)) return LookUp.PENDING;
  if (vma.ref == 0) {
    miss(actor);
    leaveSection(actor); // the callee drops RCU on every failure
    return go(actor, SECTION);
  }
  if (vma.ref + 1 >= SHUT) return go(actor, ABORT);
  vma.ref++;
  actor.holdsVma = 1;
  if (actor.vmaLife != <u32>vma.life) happened(Happened.MET_REUSE);
  actor.vmaLife = vma.life; // the reference keeps this life, whichever it is
  return go(actor, OWNER);
}

/** 7.2: the object may have become another mm's. */
function owner(actor: Actor, mm: MmStruct): LookUp {
  if (!touch(actor, actor.vma, Access.MM_POINTER)) return LookUp.PENDING;
  const vma = mmVma(actor.vma);
  if (without(Twin.NO_MM_CHECK) || vma.mm == addressOf(mm)) return go(actor, SEQUENCE);
  leaveSection(actor);
  if (!without(Twin.PUT_WITHOUT_GRAB)) {
    actor.other = vma.mm;
    mmOf(vma.mm).refs++;
  }
  return letGo(actor, false);
}

function range(actor: Actor, page: u64, next: bool): LookUp {
  if (!without(Twin.NO_ADDRESS_CHECK)) {
    if (!touch(actor, actor.vma, Access.ADDRESS)) return LookUp.PENDING;
    const vma = mmVma(actor.vma);
    const inside = page < vma.end && (next || page >= vma.start);
    if (!inside) return letGo(actor, false);
  }
  if (generation == <u32>MmGeneration.V7_2) return locked(actor);
  return go(actor, without(Twin.ADDRESS_BEFORE_DETACHED) ? DETACHED : LEAVE);
}

function released(actor: Actor): LookUp {
  const again = actor.tries != 0;
  if (!unlockTail(actor)) return LookUp.PENDING;
  if (actor.other != 0) return go(actor, DROP);
  return go(actor, again ? WALK : ABORT);
}
