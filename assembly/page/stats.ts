// What happened to pages, counted where it happens. Times in picoseconds. The counters lie in the
// workload's own block of metrics, where the host reads them (abi/page.ts).

import { PAGE_STATS_FIRST, PageStat } from "../abi/page";
import { workloadSlot } from "../memory/slots";

export function statsInit(): void {
  memory.fill(workloadSlot(PAGE_STATS_FIRST), 0, <usize>PageStat.COUNT * 8);
}

@inline
function at(stat: i32): usize {
  return workloadSlot(PAGE_STATS_FIRST + stat);
}

@inline
export function pageStat(stat: i32): u64 {
  return load<u64>(at(stat));
}

@inline
export function setStat(stat: i32, value: u64): void {
  store<u64>(at(stat), value);
}

@inline
export function addStat(stat: i32, value: u64): void {
  store<u64>(at(stat), load<u64>(at(stat)) + value);
}

@inline
export function maxStat(stat: i32, value: u64): void {
  if (value > load<u64>(at(stat))) store<u64>(at(stat), value);
}
