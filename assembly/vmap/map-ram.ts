// vm_map_ram_test: addresses for a few pages out of a block of 4 MiB, which goes when every page of
// it has been used once. The last block, partly used, stays for whoever maps next.
//
// [same: mm/vmalloc.c:vb_alloc, vb_free, new_vmap_block, 6.12 and 7.2: VMAP_BLOCK_SIZE, on a
//  multiple of itself, without a guard page; a mapping takes a power of two of its pages]
// [simplified: mm/vmalloc.c:vmap_block_queue: each thread has blocks of its own, not each CPU; the
//  record of a block and its place in an xarray have no price, 0.3 % of a loop of one page]
// [left out: mm/vmalloc.c:vm_map_ram of more than 64 pages, which takes an area each time;
//  purge_fragmented_blocks, of blocks that a purge finds half used]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { areaAt } from "./area";
import { alloc, loops, taken } from "./calls";
import { beginFree, GUARD_PAGES, OP_ADDRESS_ONLY } from "./op";
import { opOf, TestThread } from "./thread";

/** VMAP_BBMAP_BITS_MAX */
const BLOCK_PAGES: u64 = 1024;

enum Stage {
  MAP,
  BLOCK,
}

export function mapRam(cpu: Cpu, thread: TestThread): bool {
  if (thread.stage == Stage.BLOCK) {
    thread.block = taken(thread);
    thread.blockUsed = 0;
    thread.stage = Stage.MAP;
  }
  if (thread.loop == loops()) return false;
  if (thread.block == 0) {
    thread.stage = Stage.BLOCK;
    alloc(thread, <u32>(BLOCK_PAGES - GUARD_PAGES), BLOCK_PAGES, OP_ADDRESS_ONLY);
    return true;
  }
  thread.loop++;
  const pages = config(Config.TEST_NR_PAGES);
  cpu.now += cost(CostSlot.VM_MAP_RAM) + cost(CostSlot.VM_MAP_RAM_PAGE) * pages;
  thread.blockUsed += powerOfTwo(pages);
  if (thread.blockUsed < BLOCK_PAGES) return true;
  beginFree(opOf(thread), areaAt(thread.block), OP_ADDRESS_ONLY);
  thread.block = 0;
  return true;
}

/** The smallest one that is not below `pages`, up to a block. */
function powerOfTwo(pages: u64): u64 {
  const order = pages <= 1 ? 0 : 64 - clz<u64>(pages - 1);
  return min(<u64>1 << order, BLOCK_PAGES);
}
