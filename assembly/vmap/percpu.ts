// pcpu_alloc_test: objects of 1 to 1,024 bytes out of the chunks of the per-CPU allocator. A chunk
// is an area with a unit for every CPU, and three arrays that say what of a unit is taken.
//
// [same: mm/percpu.c:pcpu_build_alloc_info, pcpu_alloc_chunk, 6.12 and 7.2: size of a unit, and
//  what of a chunk is vmalloc memory; pcpu_balance_free: one free chunk is spared]
// [simplified: mm/percpu.c: sizes alone fill a chunk, as later objects fill the gaps that
//  alignments leave, so all chunks become free at the end; the thread makes and frees them, not
//  pcpu_balance_workfn; no chunk is made ahead; each thread fills its own]
// [simplified: mm/vmalloc.c:pcpu_get_vm_areas: from the bottom of the range, not from its top]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { Cpu, nrCpus } from "../sched/cpu";
import { areaAt, areaPages } from "./area";
import { alloc, arrayPages, free, taken } from "./calls";
import { draw } from "./draw";
import { GUARD_PAGES, OP_ZERO } from "./op";
import { heldArea, hold, TestThread } from "./thread";

const PAGE_BYTES: u64 = 4096;
/** PMD_SIZE: an allocation of the first chunk. */
const ALLOC_BYTES: u64 = 2 << 20;
/** Units of an allocation at most: the kernel's own per-CPU data take up to 128 KiB. */
const MOST_UNITS: u32 = 16;
/** PCPU_MIN_ALLOC_SIZE; and sizeof(struct pcpu_block_md), one a page of a unit. */
const LEAST_BYTES: u64 = 4;
const BLOCK_MD_BYTES: u64 = 32;
/** The area, alloc_map, bound_map, md_blocks. */
const PARTS: u32 = 4;

enum Stage {
  START,
  ARRAY,
  OBJECTS,
  PART,
  FREE_OBJECTS,
  FREE_AREAS,
  END,
}

/** Parts of the chunk that is spared; 0 where there is none. */
const SPARED: usize = memory.data(16, 4);
let units: u32 = 0;
let unitBytes: u64 = 0;
/** Parts of a chunk that are areas: up to a page kmalloc gives. */
let parts: u32 = 0;

export function percpuInit(): void {
  memory.fill(SPARED, 0, 16);
  const perAlloc = unitsOfAllocation(nrCpus());
  units = (nrCpus() + perAlloc - 1) / perAlloc * perAlloc;
  unitBytes = ALLOC_BYTES / perAlloc;
  parts = 1;
  while (parts < PARTS && partBytes(parts) > PAGE_BYTES) parts++;
}

/** As few allocations as waste no more than a third of the CPUs' number in units. */
function unitsOfAllocation(cpus: u32): u32 {
  let best: u32 = 1;
  let least = u32.MAX_VALUE;
  for (let each = MOST_UNITS; each != 0; each >>= 1) {
    const allocs = (cpus + each - 1) / each;
    if (allocs * each - cpus > cpus / 3) continue;
    if (allocs > least) break;
    least = allocs;
    best = each;
  }
  return best;
}

function partBytes(part: u32): u64 {
  const bits = unitBytes / LEAST_BYTES;
  switch (part) {
    case 0: return unitBytes * units - GUARD_PAGES * PAGE_BYTES; // it has no guard page
    case 1: return bits / 8;
    case 2: return bits / 8 + 8;
    default: return unitBytes / PAGE_BYTES * BLOCK_MD_BYTES;
  }
}

function partPages(part: u32): u32 {
  return <u32>((partBytes(part) + PAGE_BYTES - 1) / PAGE_BYTES);
}

function spared(part: u32): usize {
  return <usize>load<u32>(SPARED + (<usize>part << 2));
}

function spare(part: u32, area: usize): void {
  store<u32>(SPARED + (<usize>part << 2), <u32>area);
}

/** Pages of the chunk that is spared, which nobody frees. */
export function sparedPages(): u64 {
  let sum: u64 = 0;
  for (let part: u32 = 0; part < parts; part++) {
    if (spared(part) != 0) sum += areaPages(areaAt(spared(part))) - GUARD_PAGES;
  }
  return sum;
}

/** The next thing that the case does; false when it is over. */
export function perCpu(cpu: Cpu, thread: TestThread): bool {
  switch (thread.stage) {
    case Stage.START:
      alloc(thread, arrayPages(<u32>config(Config.TEST_PCPU_OBJECTS)), 1, 0);
      thread.stage = Stage.ARRAY;
      return true;
    case Stage.ARRAY:
    case Stage.PART:
      hold(thread, taken(thread));
      return nextPart(thread);
    case Stage.OBJECTS: return nextObject(cpu, thread);
    case Stage.FREE_OBJECTS: return freeObject(cpu, thread);
    case Stage.FREE_AREAS: return freeArea(thread);
    default: return false;
  }
}

/** The array of pointers is held first, then chunk after chunk. */
function nextPart(thread: TestThread): bool {
  const part = (thread.held - 1) % parts;
  if (thread.stage == Stage.PART && part == 0) {
    thread.stage = Stage.OBJECTS;
    return true;
  }
  thread.stage = Stage.PART;
  if (spared(part) == 0) {
    alloc(thread, partPages(part), 1, OP_ZERO);
    return true;
  }
  for (let at: u32 = 0; at < parts; at++) {
    hold(thread, spared(at));
    spare(at, 0);
  }
  thread.stage = Stage.OBJECTS;
  return true;
}

function nextObject(cpu: Cpu, thread: TestThread): bool {
  if (thread.loop == <u32>config(Config.TEST_PCPU_OBJECTS)) {
    thread.stage = Stage.FREE_OBJECTS;
    return true;
  }
  const bytes = draw(cpu, 1024) + 1;
  draw(cpu, 11); // its alignment
  cpu.now += cost(CostSlot.PCPU_ALLOC);
  thread.loop++;
  thread.filled += (bytes + LEAST_BYTES - 1) & ~(LEAST_BYTES - 1);
  if (thread.filled <= unitBytes) return true;
  thread.filled -= unitBytes;
  return nextPart(thread);
}

function freeObject(cpu: Cpu, thread: TestThread): bool {
  cpu.now += cost(CostSlot.PCPU_FREE);
  if (--thread.loop != 0) return true;
  // areas from here on; one chunk is spared, unless another thread's is
  thread.loop = 1;
  thread.stage = Stage.FREE_AREAS;
  if (spared(0) != 0) return true;
  for (let at: u32 = 0; at < parts; at++) {
    spare(at, changetype<usize>(heldArea(thread, thread.loop++)));
  }
  return true;
}

function freeArea(thread: TestThread): bool {
  const last = thread.loop == thread.held;
  if (last) thread.stage = Stage.END;
  free(thread, changetype<usize>(heldArea(thread, last ? 0 : thread.loop++)));
  return true;
}
