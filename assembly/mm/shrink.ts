// What reclaim can ask of address spaces: their lists of dead VMAs, where these have a shrinker,
// and what waits for kvfree_rcu's monitor. reclaim/shrinkers.ts says how hard it asks.
// [as intended, in no kernel: a scan hands over whole lists, one mm after the other, until it has
//  as many as it was asked for]

import { Cpu } from "../sched/cpu";
import { drainMm, monitor } from "./later";
import { bulkWaiting } from "./bulk-list";
import { listedVmas } from "./oom";
import { mmAt, mmCount } from "./world";

export function mmListCount(): u64 {
  return listedVmas();
}

/** Hands over at least `batch` dead VMAs, if there are so many: how many it was. */
export function mmListScan(cpu: Cpu, batch: u64): u64 {
  let handed: u64 = 0;
  for (let id: u32 = 0; id < mmCount && handed < batch; id++) {
    const mm = mmAt(id);
    if (mm.listSize == 0) continue;
    handed += <u64>mm.listSize;
    drainMm(cpu, mm);
  }
  return handed;
}

export function mmBulkCount(): u64 {
  return <u64>bulkWaiting();
}

/** kfree_rcu_shrink_scan: the monitor runs at once. */
export function mmBulkScan(cpu: Cpu): u64 {
  const waiting = mmBulkCount();
  monitor(cpu);
  return waiting;
}
