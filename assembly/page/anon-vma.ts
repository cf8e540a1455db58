// unlink_anon_vmas: what VMAs with touched anonymous memory cost free_pgtables besides tables.
//
// [same: mm/vma.c:find_mergeable_anon_vma, anon_vma_compatible, 6.12 and 7.2: VMAs that touch each
//  other and differ in nothing but their protection have one anon_vma, each with a chain of its
//  own]
// [same: mm/rmap.c:unlink_anon_vmas, 6.12 and 7.2: each VMA takes its chain out of the anon_vma's
//  tree; the last one frees the anon_vma, in a second pass over the list]
// [simplified: VMAs with touched memory have taken part whether they were compatible when they were
//  touched or not]
// [left out: fork, which chains a VMA to the anon_vmas of its parent]

import { CostSlot } from "../abi/cost";
import { VmaFlag } from "../abi/vma";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { Vma, vmaPages, vmaStart } from "../vma/record";
import { freeChain } from "./chain-frames";
import { MmPages } from "./mm-pages";

/** No anon_vma waits for its last VMA. */
const NO_ANON: u32 = 0xffff_ffff;
/** Flags that VMAs of one anon_vma have in common. */
const COMMON: u16 = <u16>(VmaFlag.ACCOUNT | VmaFlag.GROWSDOWN);

/** free_pgtables begins, between two neighbours that stay. */
export function beginAnon(mm: MmPages, floor: u64, ceiling: u64): void {
  mm.ceiling = ceiling;
  mm.anonEnd = floor;
  mm.anonFlags = NO_ANON;
}

/** unlink_anon_vmas of a VMA with touched pages. */
export function unlinkAnon(cpu: Cpu, mm: MmPages, vma: Vma): void {
  cpu.now += cost(CostSlot.ANON_VMA_UNLINK);
  const start = vmaStart(vma);
  const flags = <u32>(vma.flags & COMMON);
  if (start != mm.anonEnd) {
    endAnon(cpu, mm);
    mm.anonFlags = flags;
  } else if (mm.anonFlags != NO_ANON && mm.anonFlags != flags) {
    freeAnon(cpu);
    mm.anonFlags = flags;
  }
  mm.anonEnd = start + vmaPages(vma);
  freeChain(cpu);
}

/** free_pgtables is over, or a gap follows: the last VMA of an anon_vma has gone. */
export function endAnon(cpu: Cpu, mm: MmPages): void {
  if (mm.anonFlags != NO_ANON && mm.anonEnd != mm.ceiling) freeAnon(cpu);
  mm.anonFlags = NO_ANON;
}

function freeAnon(cpu: Cpu): void {
  cpu.now += cost(CostSlot.ANON_VMA_FREE);
}
