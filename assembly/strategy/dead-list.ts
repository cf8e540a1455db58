// Lists of dead VMAs: pushed newest first, handed over as one group with one call_rcu().
//
// [same: the posted patches, v1 39/41 of January 2023 and the throttle proposed in its thread]
//   - the newest VMA is pushed at the front; its own callback frees the group, itself last
//   - "longer than N" is looked at after the push, so N = 32 makes groups of 33
//   - the interval test is raw and strict, `jiffies > last_drain + interval`, and last_drain is set
//     after the drain; it starts at 0, so the first free of a fresh mm drains a group of one
//   - what is left is drained at the end of exit_mmap
//
//   list:  listHead ─▶ v3 ─▶ v2 ─▶ v1 ─▶ 0          (links: Vma.group)
//   group: v3 ─▶ v2 ─▶ v1 ─▶ v3                     a ring; v3 carries the callback

import { CostSlot } from "../abi/cost";
import { Collect, Drain } from "../abi/config";
import { cost } from "../memory/slots";
import { callRcu } from "../rcu/call";
import { jiffiesAt, timeoutExpiry } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { Mm } from "../vma/mm";
import { CallbackKind, changeState, vmaAt, VmaState } from "../vma/record";
import { setListDue } from "./drain-timer";
import { lockList, unlockList } from "./list-lock";
import { Policy } from "./policy";

/** Puts a VMA on the list; drains it if the rule says so. */
export function listDead(cpu: Cpu, mm: Mm, policy: Policy, address: u32, from: VmaState): void {
  const vma = vmaAt(address);
  changeState(vma, from, VmaState.LISTED);
  const locked = policy.collect == <u32>Collect.MM_LIST;
  if (locked) lockList(cpu);
  vma.group = mm.listHead;
  mm.listHead = address;
  mm.listSize++;
  if (locked) unlockList(cpu);
  if (policy.drain == <u32>Drain.SIZE_OVER) {
    if (<u64>mm.listSize > policy.drainArg) drainDead(cpu, mm, CostSlot.DRAIN_LIST);
  } else if (policy.drain >= <u32>Drain.INTERVAL) {
    cpu.now += cost(CostSlot.DRAIN_CHECK_INTERVAL);
    if (jiffiesAt(cpu.now) > mm.lastDrain + policy.drainArg) {
      drainDead(cpu, mm, CostSlot.DRAIN_LIST);
      mm.lastDrain = jiffiesAt(cpu.now);
    } else if (policy.drain == <u32>Drain.INTERVAL_TIMER && mm.listSize == 1) {
      setListDue(timeoutExpiry(cpu.now, policy.drainArg));
    }
  }
}

/** Hands everything on the list to one callback. */
export function drainDead(cpu: Cpu, mm: Mm, price: CostSlot): void {
  const first = mm.listHead;
  if (first == 0) {
    cpu.now += cost(CostSlot.DRAIN_EMPTY);
    return;
  }
  const locked = price == CostSlot.DRAIN_LIST;
  if (locked) lockList(cpu);
  cpu.now += cost(price);
  closeRing(first);
  mm.listHead = 0;
  mm.listSize = 0;
  if (locked) unlockList(cpu);
  vmaAt(first).func = <u8>CallbackKind.VMA_GROUP;
  callRcu(cpu, first);
}

/** Makes a ring of the list and its members the callback's. */
function closeRing(first: u32): void {
  let member = vmaAt(first);
  while (true) {
    changeState(member, VmaState.LISTED, VmaState.QUEUED);
    if (member.group == 0) break;
    member = vmaAt(member.group);
  }
  member.group = first;
}
