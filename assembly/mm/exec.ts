// exec: a task replaces its mm, tears the old one down, and maps its new program.
//
//   bprm_mm_init, arguments ─▶ exec_mmap: tsk->mm, mmput(old) ─▶ elf_map, one by one, some cut
//
// [same: fs/exec.c:alloc_bprm, bprm_mm_init, copy_strings, exec_mmap, begin_new_exec, 6.1, 6.12,
//  7.2: files are opened and arguments copied into the new stack, then the calling task itself runs
//  exit_mmap of the old mm, before the first VMA of the new program but its stack is there: so what
//  is freed at once is at hand for them, what waits for RCU is not]
// [same: fs/binfmt_elf.c:elf_map, 6.1, 6.12, 7.2: the first segment of the program and that of its
//  interpreter are mapped as long as all of it, and cut by a munmap: one VMA more, freed by munmap]
// [simplified: fs/binfmt_elf.c:load_elf_binary: VMAs of 4 pages with gaps, each an mmap without
//  gap search; setup_arg_pages moves the stack by a cost only; nobody else runs in this mm, so its
//  mmap_lock is not taken: threads of the program begin when all is mapped. de_thread has nobody to
//  wait for, as exec of one thread among many is left out]

import { MmCost, MmCount } from "../abi/mm";
import { treeSetRcu } from "../index/tree";
import { allocVma, attach, eraseAt, initTree, takePages } from "./attach";
import { startBorn } from "./born";
import { spend } from "./charge";
import { wantTables } from "./demand";
import { mmput } from "./exit";
import { drainPrivate, vmAreaFree } from "./free";
import { Actor, Life, MmStruct, mmTree, mmVma, VmaBit } from "./records";
import { add, munmapFree, seqMask } from "./settings";
import { markDetached } from "./vma-lock";
import { mmOf } from "./world";

const BEGIN: u8 = 0;
const PUTTING: u8 = 1;
const MAPPING: u8 = 2;
const CUTTING: u8 = 3;
const FREEING: u8 = 4;

const FIRST_PAGE: u64 = 1024;
/** From one VMA to the next, and what of it is mapped. */
const STRIDE: u64 = 8;
const VMA_PAGES: u64 = 4;

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

/** One step of exec: the mm actor.x, with actor.y VMAs, in place of the thread's own. */
export function stepExec(actor: Actor): bool {
  if (!stepProgram(actor)) return false;
  startBorn(mmOf(<u32>actor.x), actor.startsWith);
  return true;
}

function stepProgram(actor: Actor): bool {
  const fresh = mmOf(<u32>actor.x);
  switch (actor.pc) {
    case BEGIN:
      begin(actor, fresh);
      actor.at = <u64>actor.mm;
      actor.mm = <u32>actor.x;
      actor.target = <u32>actor.at;
      actor.putPc = 0;
      actor.tries = 0;
      add(MmCount.EXECS, 1);
      return go(actor, PUTTING);
    case PUTTING:
      if (!mmput(actor, mmOf(<u32>actor.at))) return false;
      actor.target = actor.mm;
      spend(MmCost.EXEC_AFTER);
      if (actor.y == 1) return true;
      return go(actor, MAPPING);
    case MAPPING: {
      spend(MmCost.EXEC_MAP);
      const made = mapOne(actor, <u64>actor.tries);
      const whole = made == 0 || <u64>actor.tries >= actor.z;
      actor.tries++;
      return whole ? <u64>actor.tries + 1 == actor.y : mapTail(actor, made);
    }
    case CUTTING:
      if (!markDetached(actor, actor.vma)) return false;
      spend(MmCost.EXEC_CUT);
      eraseAt(fresh, mmVma(actor.vma).start);
      fresh.mapCount--;
      actor.other = 0;
      return go(actor, FREEING);
    default:
      assert(actor.pc == FREEING); // no other step is left
      if (!vmAreaFree(actor, fresh, actor.vma, munmapFree, Life.DETACHED)) return false;
      if (!drainPrivate(actor)) return false;
      return <u64>actor.tries + 1 == actor.y || go(actor, MAPPING);
  }
}

/** The new mm with its stack, above all others, and in it the page with the arguments. */
function begin(actor: Actor, fresh: MmStruct): void {
  initTree(fresh);
  treeSetRcu(mmTree(fresh), true);
  fresh.alive = 1;
  fresh.refs++;
  fresh.users = 1;
  spend(MmCost.EXEC_BEFORE);
  const stack = mapOne(actor, actor.y - 1);
  if (stack == 0 || !takePages(fresh, 1)) return;
  wantTables(fresh, stack);
  const vma = mmVma(stack);
  vma.touched = 1;
  vma.flags |= <u16>VmaBit.ANON_VMA;
  fresh.anonVmas++;
}

/** A VMA of the new program; 0 if memory has a limit and that is reached. */
function mapOne(actor: Actor, number: u64): u32 {
  const first = FIRST_PAGE + number * STRIDE;
  return map(actor, first, first + VMA_PAGES);
}

/** The part of a mapping behind its segment, which elf_map cuts off. */
function mapTail(actor: Actor, made: u32): bool {
  const end = mmVma(made).end;
  const tail = map(actor, end, end + 1);
  if (tail == 0) return <u64>actor.tries + 1 == actor.y;
  actor.vma = tail;
  actor.vmaLife = mmVma(tail).life;
  return go(actor, CUTTING);
}

function map(actor: Actor, start: u64, end: u64): u32 {
  const fresh = mmOf(<u32>actor.x);
  const made = allocVma(actor.cpu, fresh);
  if (made == 0) return 0;
  const vma = mmVma(made);
  vma.start = start;
  vma.end = end;
  spend(MmCost.STORE);
  attach(fresh, made);
  vma.seq = (fresh.seq - 1) & seqMask; // the loader's write lock is long gone
  return made;
}
