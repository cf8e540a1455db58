// What the removal loop does with a VMA, by strategy.
// [same: mm/mmap.c:remove_vma, kernel/fork.c:vm_area_free, 6.12, for call_rcu and direct; the lists
//  are those of the posted patches]
// [simplified: close(), fput() and the mempolicy put happen but cost nothing of their own, since no
//  measured row isolates them]

import { Collect, Release } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { noteFree, noteHand } from "../metrics/dead";
import { callRcu } from "../rcu/call";
import { Cpu } from "../sched/cpu";
import { freeVma } from "../vma/free";
import { Mm } from "../vma/mm";
import { CallbackKind, changeState, vmaAt, VmaState } from "../vma/record";
import { bulkPush } from "./bulk";
import { drainDead, listDead } from "./dead-list";
import { Policy } from "./policy";
import { waitInSheaf } from "./sheaf-wait";

/** What remove_vma costs under a path's policy, up to the hand-over itself. */
export function removePrice(policy: Policy): u64 {
  const locked = policy.collect == <u32>Collect.MM_LIST || policy.collect == <u32>Collect.BULK;
  if (locked) return cost(CostSlot.REMOVE_VMA_MM_LIST);
  if (policy.collect == <u32>Collect.PRIVATE_LIST) return cost(CostSlot.REMOVE_VMA_PRIVATE_LIST);
  if (policy.release == <u32>Release.CALL_RCU) return cost(CostSlot.REMOVE_VMA_CALL_RCU);
  return cost(CostSlot.REMOVE_VMA_DIRECT);
}

/** The hand-over at the end of remove_vma, for one VMA: attached in exit, detached in munmap. */
export function handOver(cpu: Cpu, mm: Mm, policy: Policy, address: u32, from: VmaState): void {
  const vma = vmaAt(address);
  noteHand(vma, cpu.now);
  if (policy.collect == <u32>Collect.BULK) {
    bulkPush(cpu, address, from);
  } else if (policy.collect == <u32>Collect.SHEAF) {
    waitInSheaf(cpu, address, from);
  } else if (policy.collect != <u32>Collect.NONE) {
    listDead(cpu, mm, policy, address, from);
  } else if (policy.release == <u32>Release.CALL_RCU) {
    changeState(vma, from, VmaState.QUEUED);
    vma.func = <u8>CallbackKind.VMA;
    callRcu(cpu, address);
  } else {
    // at once: `direct`, or `typesafe` where the cache lets only its pages wait
    freeVma(cpu, address, from);
    noteFree(vma, cpu.now);
  }
}

/** At the end of the removal loop: a list private to the operation goes out whole. */
export function finishLoop(cpu: Cpu, mm: Mm, policy: Policy): void {
  if (policy.collect == <u32>Collect.PRIVATE_LIST) drainDead(cpu, mm, CostSlot.DRAIN_PRIVATE_LIST);
}

/** After the mm's write lock is gone: what is left on the mm's list, if there is such a list. */
export function finishExit(cpu: Cpu, mm: Mm, policy: Policy): void {
  const collects = policy.collect == <u32>Collect.MM_LIST || mm.listHead != 0; // by a munmap
  if (!collects || mm.listHead != 0) cpu.now += cost(CostSlot.DRAIN_EMPTY); // the look at it
  if (collects) drainDead(cpu, mm, CostSlot.DRAIN_LIST);
}
