// The lifetime oracle: every modelled access to a VMA asks it first. It knows what the kernel does
// not: which life of the object the reader looked up, when it was freed, and by whom.
//
// It judges what happened, not what was held: an access is wrong when the memory is not what the
// reader takes it for. Then it says which protection would have helped.

import { Access, Breach, MmCount, MmGeneration, Missing, Op, Twin } from "../abi/mm";
import { Actor, Life, MmStruct, MmVma, mmVma, MM_VMA_BYTES } from "../mm/records";
import { add, generation, oracleOn, raise, count, without } from "../mm/settings";
import { actorAt, actorCount, addressOf, breakWorld, mmOf, now, vmaCache } from "../mm/world";
import { Cache } from "../slab/records";
import { FREED_BY_NOBODY, newBreach } from "./log";

const ACTOR_BITS: u64 = 10;
const CALLBACK_BIT: u64 = 1 << ACTOR_BITS;
const TIME_SHIFT: u64 = ACTOR_BITS + 1;

/** The reader has found this VMA in the index: from here on it means this life of it. */
export function sees(actor: Actor, address: u32): void {
  actor.vma = address;
  actor.vmaLife = mmVma(address).life;
}

/** Writes down a breach; all but a missing mm_users end the run. */
export function report(
  actor: Actor,
  address: u32,
  kind: Breach,
  access: Access,
  missing: Missing,
): void {
  const record = newBreach();
  const vma = mmVma(address);
  record.kind = <u8>kind;
  record.access = <u8>access;
  record.missing = <u8>missing;
  record.op = actor.op;
  record.actor = <u16>actor.id;
  record.object = objectNumber(address);
  record.lifeSeen = <u16>actor.vmaLife;
  record.lifeNow = vma.life;
  record.page = pageOf(actor);
  record.time = now;
  record.state = vma.state;
  record.mm = actor.target == 0 ? 0xffff : <u16>mmOf(actor.target).id;
  const freed = vma.freed;
  record.freedAt = freed >> TIME_SHIFT;
  record.byCallback = (freed & CALLBACK_BIT) != 0 ? 1 : 0;
  record.freer = freed == 0 ? FREED_BY_NOBODY : <u16>(freed & (CALLBACK_BIT - 1));
  if (kind != Breach.NO_MM_USERS) breakWorld();
}

/** The page that the operation is about. */
function pageOf(actor: Actor): u64 {
  const names_mm = actor.op == <u8>Op.REMOTE_ACCESS || actor.op == <u8>Op.ILLEGAL_READ;
  return names_mm ? actor.y : actor.at;
}

/** Which object of the cache: counted from the first. */
function objectNumber(address: u32): u32 {
  if (address == 0) return 0;
  return (address - changetype<Cache>(vmaCache).objects) / MM_VMA_BYTES;
}

/** An mm_struct is used: its last reference must not be gone. */
export function touchMm(actor: Actor, mm: MmStruct, missing: Missing): bool {
  if (!oracleOn || mm.alive != 0) return true;
  report(actor, actor.vma, Breach.MM_USE_AFTER_FREE, Access.MM_STRUCT, missing);
  return false;
}

/** A reader or writer touches a part of a VMA. False: a breach, and the run is over. */
export function touch(actor: Actor, address: u32, access: Access): bool {
  if (!oracleOn) return true;
  const vma = mmVma(address);
  if (vma.life != <u16>actor.vmaLife || vma.state == <u8>Life.FREE) {
    if (!staysReadable(actor, vma, access)) {
      const missing = whatFreedIt(actor, vma, access);
      report(actor, address, Breach.USE_AFTER_FREE, access, missing);
      return false;
    }
    return true;
  }
  if (access == Access.ADDRESS && vma.state >= <u8>Life.WAITING) {
    const missing = Missing.DETACHED_CHECK_FIRST;
    report(actor, address, Breach.GARBAGE_ADDRESS, access, missing);
    return false;
  }
  return true;
}

/** In a typesafe cache the lock's parts may be read after the free, inside an RCU section. */
@inline
function staysReadable(actor: Actor, vma: MmVma, access: Access): bool {
  if (generation != <u32>MmGeneration.V7_2 || actor.rcuNest == 0) return false;
  return (
    access == Access.SEQUENCE || access == Access.REFERENCE || access == Access.MM_POINTER
  );
}

function whatFreedIt(actor: Actor, vma: MmVma, access: Access): Missing {
  if (actor.target != 0 && mmOf(actor.target).users == 0) return Missing.MM_USERS;
  if (access == Access.UNLOCK_TAIL && actor.rcuNest == 0) return Missing.RCU_AROUND_UNLOCK;
  if (actor.rcuNest == 0) return Missing.RCU_READ_LOCK;
  if ((vma.freed & CALLBACK_BIT) != 0) return Missing.FULL_GRACE_PERIOD;
  return Missing.RCU_DEFERRAL;
}

/**
 * The work a lock is taken for. `page` is where the reader means to work, NO_PAGE anywhere; the
 * VMA must be attached, of its mm, around the page, and not write-locked by somebody else.
 */
export function work(actor: Actor, address: u32, page: u64): bool {
  if (!oracleOn) return true;
  if (!touch(actor, address, Access.WORK)) return false;
  const vma = mmVma(address);
  if (vma.mm != actor.target) {
    report(actor, address, Breach.WRONG_VMA, Access.WORK, Missing.MM_CHECK);
    return false;
  }
  if (page != NO_PAGE && (page < vma.start || page >= vma.end)) {
    report(actor, address, Breach.WRONG_VMA, Access.WORK, Missing.ADDRESS_CHECK);
    return false;
  }
  const mm = mmOf(vma.mm);
  if (mm.writer != 0 && mm.writer != actor.id + 1 && vma.queued == mm.holds && lockedKinds()) {
    report(actor, address, Breach.EXCLUSION, Access.WORK, Missing.VMA_WRITE_LOCK);
    return false;
  }
  if (vma.state != <u8>Life.ATTACHED) {
    report(actor, address, Breach.READER_INSIDE, Access.WORK, Missing.VMA_WRITE_LOCK);
    return false;
  }
  return true;
}

export const NO_PAGE: u64 = u64.MAX_VALUE;

@inline
function lockedKinds(): bool {
  return generation != <u32>MmGeneration.V6_1;
}

/** A VMA moves on in life; from anything but `from` is a breach. */
export function moveOn(actor: Actor, address: u32, from: Life, to: Life): bool {
  const vma = mmVma(address);
  if (vma.state != <u8>from) {
    const freed = vma.state == <u8>Life.FREE;
    const kind = freed ? Breach.FREED_TWICE : Breach.QUEUED_TWICE;
    actor.vmaLife = vma.life;
    report(actor, address, kind, Access.FREE, Missing.QUEUED_ONCE);
    return false;
  }
  vma.state = <u8>to;
  if (to == Life.WAITING || to == Life.QUEUED) {
    vma.freed = (now << TIME_SHIFT) | <u64>actor.id;
    if (from < Life.WAITING) {
      add(MmCount.DEAD, 1);
      raise(MmCount.DEAD_PEAK, count(MmCount.DEAD));
    }
  } else if (to == Life.FREE && from >= Life.WAITING) {
    add(MmCount.DEAD, <u64>-1);
  }
  return true;
}

/** A VMA goes back to its slab: nobody may hold its lock (kernel/fork.c:vm_area_free_rcu_cb). */
export function frees(actor: Actor, address: u32, by_callback: bool): bool {
  const vma = mmVma(address);
  if (oracleOn && vma.ref != 0) {
    actor.vmaLife = vma.life;
    const missing = without(Twin.UNMAP_WITHOUT_VMA_LOCK)
      ? Missing.VMA_WRITE_LOCK
      : Missing.MM_USERS;
    report(actor, address, Breach.READER_INSIDE, Access.FREE, missing);
    return false;
  }
  // a callback frees for whoever queued it
  const freer = by_callback ? vma.freed & (CALLBACK_BIT - 1) : <u64>actor.id;
  vma.freed = (now << TIME_SHIFT) | (by_callback ? CALLBACK_BIT : 0) | freer;
  return true;
}

/** A callback is invoked: no RCU section may be open that was open when it was queued. */
export function checkGracePeriod(invoker: Actor, address: u32): bool {
  if (!oracleOn) return true;
  const queued = mmVma(address).queued;
  for (let id: u32 = 0; id < actorCount; id++) {
    const reader = actorAt(id);
    if (reader.rcuNest != 0 && reader.rcuSince < queued) {
      const missing = Missing.FULL_GRACE_PERIOD;
      reader.vmaLife = mmVma(address).life;
      report(reader, address, Breach.FREED_EARLY, Access.CALLBACK, missing);
      return false;
    }
  }
  return true;
}

/** The last mm_users is gone: nobody may hold a VMA of the mm (I9). */
export function checkNoHolders(mm: MmStruct): void {
  if (!oracleOn) return;
  for (let id: u32 = 0; id < actorCount; id++) {
    const reader = actorAt(id);
    if (reader.holdsVma == 0 || reader.target != addressOf(mm)) continue;
    report(reader, reader.vma, Breach.NO_MM_USERS, Access.LOCK, Missing.MM_USERS);
  }
}
