// tlb_remove_table_rcu: the callback that frees a batch of page tables.
// [same: mm/mmu_gather.c:__tlb_remove_table_free, 7.2]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { vmaAt } from "../vma/record";
import { giveFrames } from "./gather";
import { MmPages, tablesOf } from "./mm-pages";
import { Migrate } from "./pcp";

export function freeTableBatch(cpu: Cpu, callback: u32): void {
  const mm = changetype<MmPages>(<usize>vmaAt(callback).lock);
  const tables = vmaAt(callback).group;
  cpu.now += cost(CostSlot.RCU_TABLE_BATCH) + <u64>tables * cost(CostSlot.TABLE_FREE);
  giveFrames(cpu, tablesOf(mm), tables, Migrate.UNMOVABLE);
  mm.tablesQueued -= tables;
}
