// exec: a task replaces its mm, tears the old one down, and maps its new program.
//
//   bprm_mm_init: new mm, its stack ─▶ exec_mmap: tsk->mm, mmput(old) ─▶ elf_map, one by one
//
// [same: fs/exec.c:bprm_mm_init, exec_mmap, begin_new_exec, 6.1, 6.12, 7.2: the calling task itself
//  runs exit_mmap of the old mm, before the first VMA of the new program but its stack is there: so
//  what is freed at once is at hand for them, what waits for RCU is not]
// [simplified: fs/binfmt_elf.c:load_elf_binary: VMAs of 4 pages with gaps, each an mmap without
//  gap search; opening and reading the file, de_thread and the arguments cost nothing]

import { MmCost, MmCount } from "../abi/mm";
import { treeSetRcu } from "../index/tree";
import { allocVma, attach, initTree } from "./attach";
import { spend } from "./charge";
import { mmput } from "./exit";
import { Actor, mmTree, mmVma } from "./records";
import { add, seqMask } from "./settings";
import { mmOf } from "./world";

const BEGIN: u8 = 0;
const PUTTING: u8 = 1;
const MAPPING: u8 = 2;

const FIRST_PAGE: u64 = 1024;
/** From one VMA to the next, and what of it is mapped. */
const STRIDE: u64 = 8;
const VMA_PAGES: u64 = 4;

/** One step of exec: the mm actor.x, with actor.y VMAs, in place of the thread's own. */
export function stepExec(actor: Actor): bool {
  switch (actor.pc) {
    case BEGIN: {
      const fresh = mmOf(<u32>actor.x);
      initTree(fresh);
      treeSetRcu(mmTree(fresh), true);
      fresh.alive = 1;
      fresh.refs++;
      fresh.users = 1;
      mapOne(actor, actor.y - 1); // the stack, above all others
      actor.z = <u64>actor.mm;
      actor.mm = <u32>actor.x;
      actor.target = <u32>actor.z;
      actor.putPc = 0;
      actor.tries = 0;
      actor.pc = PUTTING;
      add(MmCount.EXECS, 1);
      return false;
    }
    case PUTTING:
      if (!mmput(actor, mmOf(<u32>actor.z))) return false;
      actor.target = actor.mm;
      actor.pc = MAPPING;
      return actor.y == 1;
    default:
      assert(actor.pc == MAPPING); // no other step is left
      mapOne(actor, <u64>actor.tries);
      actor.tries++;
      return <u64>actor.tries + 1 == actor.y;
  }
}

/** A VMA of the new program; none if memory has a limit and that is reached. */
function mapOne(actor: Actor, number: u64): void {
  const fresh = mmOf(<u32>actor.x);
  const made = allocVma(actor.cpu, fresh);
  if (made == 0) return;
  const vma = mmVma(made);
  vma.start = FIRST_PAGE + number * STRIDE;
  vma.end = vma.start + VMA_PAGES;
  spend(MmCost.STORE);
  attach(fresh, made);
  vma.seq = (fresh.seq - 1) & seqMask; // the loader's write lock is long gone
}
