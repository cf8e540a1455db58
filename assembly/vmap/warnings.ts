// What the kernel prints of an allocation that finds no address: a line of the range, then a report
// with the task's stack and all of the machine's memory, which costs as much as three hundred
// allocations. Each has a limit of its own.
//
// [same: mm/vmalloc.c:alloc_vmap_area (printk_ratelimit), mm/page_alloc.c:warn_alloc,
//  lib/ratelimit.c:___ratelimit, 5.0 to 7.2: 10 lines each 5 s; one report each 10 s, in 5.0 ten
//  each 5 s]
// [simplified: kernel/printk/printk.c: one price each, of a console on a serial line that is never
//  busy]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { jiffiesAt } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { isLinear } from "./state";

//  0       8         12
//  ┌───────┬─────────┐
//  │ begin │ printed │
//  └───────┴─────────┘
/** struct ratelimit_state */
@unmanaged
class Limit {
  /** In jiffies; 0 before the first. */
  begin: u64;
  printed: u32;
}

const LIMITS: usize = memory.data(32, 8);
const REPORTS: usize = LIMITS + 16;

export function warningsInit(): void {
  memory.fill(LIMITS, 0, 32);
}

function mayPrint(at: usize, now: u64, seconds: u64, burst: u32): bool {
  const limit = changetype<Limit>(at);
  const jiffies = jiffiesAt(now);
  if (limit.begin == 0 || limit.begin + seconds * config(Config.HZ) < jiffies) {
    limit.begin = jiffies;
    limit.printed = 0;
  }
  if (limit.printed == burst) return false;
  limit.printed++;
  return true;
}

export function saysRangeIsFull(cpu: Cpu): void {
  if (mayPrint(LIMITS, cpu.now, 5, 10)) cpu.now += cost(CostSlot.VMAP_RANGE_FULL);
}

export function warnsOfFailure(cpu: Cpu): void {
  const old = isLinear();
  if (mayPrint(REPORTS, cpu.now, old ? 5 : 10, old ? 10 : 1)) cpu.now += cost(CostSlot.WARN_ALLOC);
}
