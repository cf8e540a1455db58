// vm_area_free, by the ways that a strategy can choose, and what the callbacks do.
// [same: kernel/fork.c:vm_area_free, vm_area_free_rcu_cb, 6.12; mm/vma_init.c:vm_area_free, 7.2;
//  the per-mm list is that of the posted patches, v1 39/41: newest first, drained when longer than
//  the limit, its newest member freed last; the throttle of its thread: drained by a free that
//  comes later than the interval after the last drain, which begins at 0, jiffies compared as they
//  are]

import { Breach, FreeWay, MmCost, Missing, Twin } from "../abi/mm";
import { checkGracePeriod, moveOn, report } from "../oracle/lifetime";
import { Access } from "../abi/mm";
import { freeNow } from "./attach";
import { bulkAdd } from "./bulk-list";
import { spend } from "./charge";
import { Actor, FUNC_GROUP, FUNC_VMA, Life, MmStruct, mmVma } from "./records";
import { defer } from "./rcu";
import { generation, listInterval, listMax, listTimer, oracleOn, without } from "./settings";
import { MmGeneration } from "../abi/mm";
import { jiffies } from "./world";

/** A list that a timer drains has got its first VMA. */
let listStarted: bool = false;

export function takeListStarted(): bool {
  const taken = listStarted;
  listStarted = false;
  return taken;
}

/** The state in which remove_vma finds a VMA: munmap detaches before, exit does not in 6.x. */
export function vmAreaFree(
  actor: Actor,
  mm: MmStruct,
  address: u32,
  way: u32,
  from: Life,
): bool {
  if (way == <u32>FreeWay.DIRECT) return freeNow(actor, actor.cpu, address, from, false);
  if (way == <u32>FreeWay.CALL_RCU) {
    if (!moveOn(actor, address, from, Life.QUEUED)) return false;
    defer(address, FUNC_VMA);
    if (!without(Twin.QUEUE_TWICE)) return true;
    return moveOn(actor, address, from, Life.QUEUED);
  }
  if (!moveOn(actor, address, from, Life.WAITING)) return false;
  if (way == <u32>FreeWay.BULK) {
    bulkAdd(address);
    return true;
  }
  const vma = mmVma(address);
  if (way == <u32>FreeWay.PRIVATE_LIST) {
    vma.group = actor.other;
    actor.other = address;
    return true;
  }
  vma.group = mm.listHead;
  mm.listHead = address;
  mm.listSize++;
  if (listInterval != 0) return drainByTime(actor, mm);
  if (mm.listSize > listMax) return drainList(actor, mm);
  return true;
}

function drainByTime(actor: Actor, mm: MmStruct): bool {
  if (jiffies > mm.lastDrain + listInterval) {
    if (!drainList(actor, mm)) return false;
    mm.lastDrain = jiffies;
  } else if (listTimer && mm.listSize == 1) {
    listStarted = true;
  }
  return true;
}

/** The whole per-mm list becomes one callback's. */
export function drainList(actor: Actor, mm: MmStruct): bool {
  const first = mm.listHead;
  mm.listHead = 0;
  mm.listSize = 0;
  return drain(actor, first);
}

/** The list of one operation becomes one callback's. */
export function drainPrivate(actor: Actor): bool {
  const first = actor.other;
  actor.other = 0;
  return drain(actor, first);
}

function drain(actor: Actor, first: u32): bool {
  if (first == 0) return true;
  for (let at = first; at != 0; at = mmVma(at).group) {
    if (!moveOn(actor, at, Life.WAITING, Life.QUEUED)) return false;
  }
  defer(first, FUNC_GROUP);
  for (let at = mmVma(first).group; at != 0; at = mmVma(at).group) {
    mmVma(at).queued = mmVma(first).queued;
  }
  return true;
}

/** A callback is invoked on a CPU; `actor` stands for the invoker in reports. */
export function invokeCallback(actor: Actor, cpu: u32, address: u32): void {
  if (!checkGracePeriod(actor, address)) return;
  let at = mmVma(address).func == FUNC_GROUP ? mmVma(address).group : 0;
  while (at != 0) {
    const next = mmVma(at).group;
    spend(MmCost.CALLBACK_VMA);
    if (!freeNow(actor, cpu, at, Life.QUEUED, true)) return;
    at = next;
  }
  spend(MmCost.CALLBACK_VMA);
  freeNow(actor, cpu, address, Life.QUEUED, true);
}

/** A typesafe VMA must be detached before it is freed; asked where exit frees. */
export function stateBeforeFree(): Life {
  return generation == <u32>MmGeneration.V7_2 ? Life.DETACHED : Life.ATTACHED;
}

/** Something is lost: counts that must agree do not. */
export function lost(actor: Actor): void {
  if (oracleOn) report(actor, 0, Breach.CONSERVATION, Access.NONE, Missing.NONE);
}
