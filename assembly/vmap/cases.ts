// The cases of the kernel's test module: what a thread does next in each.
//
// [same: lib/test_vmalloc.c, 7.2: sizes, alignments, orders and counts of all calls]
// [simplified: lib/test_vmalloc.c:pcpu_alloc_test: objects fill chunks of 32 KiB a CPU, one after
//  the other, each chunk an area from the bottom of the range; the kernel takes them from the top]
// [simplified: lib/test_vmalloc.c:vm_map_ram_test: one price a call; every 1,024 pages a new block]
// [simplified: lib/test_vmalloc.c:vrealloc_test: growing is an allocation and a free, shrinking in
//  place is free of charge]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { TestCase } from "../abi/vmalloc";
import { config, cost } from "../memory/slots";
import { Cpu, nrCpus } from "../sched/cpu";
import { areaAt } from "./area";
import { beginAlloc, beginFree, OP_ADDRESS_ONLY, OP_ZERO } from "./op";
import { deferFree } from "./deferred";
import { lazyMaxPages } from "./state";
import { heldArea, hold, opOf, randomBelow, TestThread } from "./thread";

const LONG_BUSY_HOLDERS: u32 = 15000;
const POINTERS_A_PAGE: u32 = 512;
/** Pages of an area of 32 KiB alignment: twice THREAD_ALIGN. */
const TWO_STACKS: u64 = 8;
const PCPU_UNIT_BYTES: u64 = 32768;
const PCPU_UNIT_PAGES: u32 = 8;
const MAP_RAM_BLOCK_PAGES: u32 = 1024;
/** Stages that all cases with a loop have: an operation, and what follows it. */
const ALLOC: u32 = 0;

function alloc(thread: TestThread, pages: u32, align: u64, flags: u8): void {
  beginAlloc(opOf(thread), pages, align, flags);
}

function free(thread: TestThread, area: usize): void {
  beginFree(opOf(thread), areaAt(area), 0);
}

@inline
function loops(): u32 {
  return <u32>config(Config.TEST_LOOPS);
}

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

/** What the last allocation gave; remembered where the case holds it. */
function taken(thread: TestThread): usize {
  return opOf(thread).area;
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

/** Pages of an array of pointers, which the cases take by vmalloc as well. */
function arrayPages(pointers: u32): u32 {
  return (pointers + POINTERS_A_PAGE - 1) / POINTERS_A_PAGE;
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

function drawBits(cpu: Cpu, bits: u64): u64 {
  cpu.now += cost(CostSlot.TEST_RANDOM);
  return randomBelow(<u64>1 << bits);
}

/**
 * A number below `bound` from as few bytes as hold it; who draws one of those that are left over
 * draws again.
 * [same: include/linux/random.h:get_random_u32_below, 6.12 and 7.2]
 */
function draw(cpu: Cpu, bound: u64): u64 {
  const bits: u64 = bound <= 256 ? 8 : 16;
  const over = (<u64>1 << bits) % bound;
  while (true) {
    const product = bound * drawBits(cpu, bits);
    if ((product & ((<u64>1 << bits) - 1)) >= over) return product >> bits;
  }
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

function perCpu(cpu: Cpu, thread: TestThread): bool {
  if (thread.stage == 1) {
    hold(thread, taken(thread));
    thread.stage = 0;
  }
  while (thread.stage == 0 && thread.loop < <u32>config(Config.TEST_PCPU_OBJECTS)) {
    const bytes = draw(cpu, 1024) + 1;
    const align = <u64>1 << (draw(cpu, 11) + 1);
    cpu.now += cost(CostSlot.PCPU_ALLOC);
    thread.loop++;
    const start = (thread.filled + align - 1) & ~(align - 1);
    thread.filled = start + bytes;
    if (thread.held != 0 && thread.filled <= PCPU_UNIT_BYTES) continue;
    thread.filled = bytes;
    thread.stage = 1;
    alloc(thread, PCPU_UNIT_PAGES * nrCpus(), 1, OP_ZERO);
    return true;
  }
  if (thread.stage == 0) {
    cpu.now += cost(CostSlot.PCPU_ALLOC) * config(Config.TEST_PCPU_OBJECTS);
    thread.stage = 2;
  }
  if (thread.held == 0) return false;
  thread.held--;
  beginFree(opOf(thread), heldArea(thread, thread.held), 0);
  return true;
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

function mapRam(cpu: Cpu, thread: TestThread): bool {
  const pages = <u64>config(Config.TEST_NR_PAGES);
  if (thread.stage == 1) thread.first = taken(thread);
  if (thread.stage == 3) {
    thread.stage = 1;
    thread.first = 0;
    alloc(thread, MAP_RAM_BLOCK_PAGES - 1, 1, OP_ADDRESS_ONLY);
    return true;
  }
  if (thread.stage == 0) {
    thread.stage = 1;
    thread.filled = 0;
    alloc(thread, MAP_RAM_BLOCK_PAGES - 1, 1, OP_ADDRESS_ONLY);
    return true;
  }
  if (thread.stage == 4) return false;
  while (thread.loop < loops()) {
    thread.loop++;
    cpu.now += cost(CostSlot.VM_MAP_RAM);
    thread.filled += pages;
    if (thread.filled < <u64>MAP_RAM_BLOCK_PAGES) continue;
    thread.filled = 0;
    thread.stage = 3;
    beginFree(opOf(thread), areaAt(thread.first), OP_ADDRESS_ONLY);
    return true;
  }
  thread.stage = 4;
  beginFree(opOf(thread), areaAt(thread.first), OP_ADDRESS_ONLY);
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
