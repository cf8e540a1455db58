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
/** Stages that all cases with a loop have: an operation, and what follows it. */
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

/**
 * Pairs of one page, the junk between them freed: holes that fit exactly. Two arrays of pointers
 * come first and go last.
 */
function fullFit(thread: TestThread): bool {
  const pairs = <u32>lazyMaxPages();
  if (thread.stage == 0) {
    if (thread.loop != 0) hold(thread, taken(thread));
    if (thread.loop < 2 * pairs + 2) {
      alloc(thread, thread.loop++ < 2 ? arrayPages(pairs) : 1, 1, 0);
      return true;
    }
    thread.stage = 1;
    thread.loop = 0;
  }
  if (thread.stage == 1) {
    if (thread.loop < pairs) {
      beginFree(opOf(thread), heldArea(thread, 2 * thread.loop++ + 3), 0);
      return true;
    }
    thread.stage = 2;
    thread.loop = 0;
  }
  if (thread.stage == 2 && thread.loop == loops()) {
    thread.stage = 4;
    thread.loop = 0;
  }
  if (thread.stage == 2) {
    thread.stage = 3;
    alloc(thread, 1, 1, 0);
    return true;
  }
  if (thread.stage == 3) {
    thread.stage = 2;
    thread.loop++;
    free(thread, taken(thread));
    return true;
  }
  if (thread.loop == pairs + 2) return false;
  const which = thread.loop < pairs ? 2 * thread.loop + 2 : thread.loop - pairs;
  thread.loop++;
  beginFree(opOf(thread), heldArea(thread, which), 0);
  return true;
}

function longBusyList(thread: TestThread): bool {
  if (thread.stage == 0) {
    if (thread.loop != 0) hold(thread, taken(thread));
    if (thread.loop <= LONG_BUSY_HOLDERS) {
      alloc(thread, thread.loop++ == 0 ? arrayPages(LONG_BUSY_HOLDERS) : 1, 1, 0);
      return true;
    }
    thread.stage = 1;
    thread.loop = 0;
  }
  if (thread.stage == 1 && thread.loop == loops()) {
    thread.stage = 5;
    thread.loop = 0;
  }
  switch (thread.stage) {
    case 1: alloc(thread, 100, 1, 0); break;
    case 2:
      thread.first = taken(thread);
      alloc(thread, 1, 1, 0);
      break;
    case 3:
      thread.second = taken(thread);
      free(thread, thread.first);
      break;
    case 4:
      free(thread, thread.second);
      thread.loop++;
      thread.stage = 1;
      return true;
    default:
      if (thread.loop > LONG_BUSY_HOLDERS) return false;
      thread.loop++;
      beginFree(opOf(thread), heldArea(thread, thread.loop % (LONG_BUSY_HOLDERS + 1)), 0);
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
