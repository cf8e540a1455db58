// The cases of the kernel's test module: what a thread does next in each.
//
// [same: lib/test_vmalloc.c, 7.2: sizes, alignments, orders and counts of all calls]
// [simplified: lib/test_vmalloc.c:vrealloc_test: growing is an allocation and a free, shrinking in
//  place is free of charge]

import { Config } from "../abi/config";
import { TestCase } from "../abi/vmalloc";
import { config } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { alloc, arrayPages, free, loops, taken } from "./calls";
import { deferFree } from "./deferred";
import { draw, drawBits } from "./draw";
import { mapRam } from "./map-ram";
import { beginFree, OP_ZERO } from "./op";
import { perCpu } from "./percpu";
import { lazyMaxPages } from "./state";
import { heldArea, hold, opOf, TestThread } from "./thread";

const LONG_BUSY_HOLDERS: u32 = 15000;
/** Pages of an area of 32 KiB alignment: twice THREAD_ALIGN. */
const TWO_STACKS: u64 = 8;
/** The first stage of all cases with a loop. */
const ALLOC: u32 = 0;

/** Begins the next operation of a case; false when the case is over. */
export function nextOperation(cpu: Cpu, thread: TestThread, which: TestCase): bool {
  switch (which) {
    case TestCase.FIX_SIZE_ALLOC:
      return allocFree(thread, <u32>config(Config.TEST_NR_PAGES), 1, 0, loops());
    case TestCase.FULL_FIT_ALLOC: return fullFit(thread);
    case TestCase.LONG_BUSY_LIST_ALLOC: return longBusyList(thread);
    case TestCase.RANDOM_SIZE_ALLOC: return randomSize(cpu, thread);
    case TestCase.FIX_ALIGN_ALLOC: return allocFree(thread, 5, TWO_STACKS, OP_ZERO, loops());
    case TestCase.RANDOM_SIZE_ALIGN_ALLOC: return randomAlign(cpu, thread);
    case TestCase.ALIGN_SHIFT_ALLOC: return alignShift(thread);
    case TestCase.PCPU_ALLOC: return perCpu(cpu, thread);
    case TestCase.KVFREE_RCU_1_ARG_VMALLOC:
    case TestCase.KVFREE_RCU_2_ARG_VMALLOC: return kvfreeRcu(cpu, thread);
    case TestCase.VM_MAP_RAM: return mapRam(cpu, thread);
    case TestCase.NO_BLOCK_ALLOC: return noBlock(cpu, thread);
    default: return vrealloc(thread);
  }
}

function allocFree(thread: TestThread, pages: u32, align: u64, flags: u8, count: u32): bool {
  if (thread.stage == ALLOC) {
    if (thread.loop == count) return false;
    thread.stage = 1;
    alloc(thread, pages, align, flags);
    return true;
  }
  thread.stage = ALLOC;
  thread.loop++;
  free(thread, taken(thread));
  return true;
}

/** Stages of full_fit_alloc_test. */
enum FullFit {
  /** Two arrays of pointers, then pairs of one page. */
  FILL,
  /** The junk of each pair goes: holes that fit exactly. */
  HOLES,
  FIT,
  FITTED,
  /** The other of each pair goes, and the arrays last. */
  EMPTY,
}

function fullFit(thread: TestThread): bool {
  const pairs = <u32>lazyMaxPages();
  if (thread.stage == FullFit.FILL) {
    if (thread.loop != 0) hold(thread, taken(thread));
    if (thread.loop < 2 * pairs + 2) {
      alloc(thread, thread.loop++ < 2 ? arrayPages(pairs) : 1, 1, 0);
      return true;
    }
    goOn(thread, FullFit.HOLES);
  }
  if (thread.stage == FullFit.HOLES) {
    if (thread.loop < pairs) {
      freeHeld(thread, 2 * thread.loop++ + 3);
      return true;
    }
    goOn(thread, FullFit.FIT);
  }
  if (thread.stage == FullFit.FIT && thread.loop == loops()) goOn(thread, FullFit.EMPTY);
  switch (thread.stage) {
    case FullFit.FIT:
      thread.stage = FullFit.FITTED;
      alloc(thread, 1, 1, 0);
      return true;
    case FullFit.FITTED:
      thread.stage = FullFit.FIT;
      thread.loop++;
      free(thread, taken(thread));
      return true;
    default:
      if (thread.loop == pairs + 2) return false;
      freeHeld(thread, thread.loop < pairs ? 2 * thread.loop + 2 : thread.loop - pairs);
      thread.loop++;
      return true;
  }
}

/** The next stage of a case, whose loops count anew. */
function goOn(thread: TestThread, stage: u32): void {
  thread.stage = stage;
  thread.loop = 0;
}

function freeHeld(thread: TestThread, which: u32): void {
  beginFree(opOf(thread), heldArea(thread, which), 0);
}

/** Stages of long_busy_list_alloc_test. */
enum LongBusy {
  /** An array of pointers, then what is held all the time. */
  FILL,
  HUNDRED,
  ONE,
  FREE_HUNDRED,
  FREE_ONE,
  /** What is held goes, the array last. */
  EMPTY,
}

function longBusyList(thread: TestThread): bool {
  if (thread.stage == LongBusy.FILL) {
    if (thread.loop != 0) hold(thread, taken(thread));
    if (thread.loop <= LONG_BUSY_HOLDERS) {
      alloc(thread, thread.loop++ == 0 ? arrayPages(LONG_BUSY_HOLDERS) : 1, 1, 0);
      return true;
    }
    goOn(thread, LongBusy.HUNDRED);
  }
  if (thread.stage == LongBusy.HUNDRED && thread.loop == loops()) goOn(thread, LongBusy.EMPTY);
  switch (thread.stage) {
    case LongBusy.HUNDRED: alloc(thread, 100, 1, 0); break;
    case LongBusy.ONE:
      thread.first = taken(thread);
      alloc(thread, 1, 1, 0);
      break;
    case LongBusy.FREE_HUNDRED:
      thread.second = taken(thread);
      free(thread, thread.first);
      break;
    case LongBusy.FREE_ONE:
      free(thread, thread.second);
      thread.loop++;
      thread.stage = LongBusy.HUNDRED;
      return true;
    default:
      if (thread.loop > LONG_BUSY_HOLDERS) return false;
      thread.loop++;
      freeHeld(thread, thread.loop % (LONG_BUSY_HOLDERS + 1));
      return true;
  }
  thread.stage++;
  return true;
}

function randomSize(cpu: Cpu, thread: TestThread): bool {
  if (thread.stage == ALLOC && thread.loop < loops()) thread.drawn = draw(cpu, 100) + 1;
  return allocFree(thread, <u32>thread.drawn, 1, 0, loops());
}

function randomAlign(cpu: Cpu, thread: TestThread): bool {
  if (thread.stage == ALLOC && thread.loop < loops()) thread.drawn = drawBits(cpu, 8);
  const shift = thread.drawn % 23;
  const align = shift > 12 ? <u64>1 << (shift - 12) : 1;
  return allocFree(thread, <u32>(thread.drawn % 10) + 1, align, OP_ZERO, loops());
}

/**
 * Alignments up to 1 << 63: the last ones have no place in any address space, so the case fails.
 */
function alignShift(thread: TestThread): bool {
  if (thread.stage != ALLOC && opOf(thread).failed != 0) return false;
  const shift = <u64>thread.loop;
  const align = shift > 12 ? <u64>1 << (shift - 12) : 1;
  return allocFree(thread, 1, align, OP_ZERO, 64);
}

function kvfreeRcu(cpu: Cpu, thread: TestThread): bool {
  if (thread.stage != ALLOC) {
    deferFree(cpu, thread, taken(thread));
    thread.loop++;
  }
  thread.stage = 1;
  if (thread.loop == loops()) return false;
  alloc(thread, 1, 1, 0);
  return true;
}

function noBlock(cpu: Cpu, thread: TestThread): bool {
  if (thread.stage == ALLOC && thread.loop < loops()) drawBits(cpu, 8);
  return allocFree(thread, 1, 1, 0, loops());
}

/** One page, four, back to one: the second is a new allocation, the rest stays where it is. */
function vrealloc(thread: TestThread): bool {
  switch (thread.stage) {
    case 0:
      if (thread.loop == loops()) return false;
      alloc(thread, 1, 1, OP_ZERO);
      break;
    case 1:
      thread.first = taken(thread);
      alloc(thread, 4, 1, OP_ZERO);
      break;
    case 2:
      thread.second = taken(thread);
      free(thread, thread.first);
      break;
    default:
      free(thread, thread.second);
      thread.loop++;
      thread.stage = 0;
      return true;
  }
  thread.stage++;
  return true;
}
