// kswapd: woken when an allocation finds no zone above its low watermark, works until one is above
// its high watermark, or gives up.
//
// [same: mm/vmscan.c:wakeup_kswapd, balance_pgdat, kswapd_try_to_sleep, 6.12: passes of priority 12
//  down to 1; a run that reclaims nothing is a failure; after 16 failures it sleeps until direct
//  reclaim makes progress, which it cannot here]
// [same: mm/vmscan.c:kswapd_try_clear_hopeless, 7.2: the same with the failures forgotten once the
//  node is balanced]
// [simplified: LRU lists are empty: memory is anonymous without swap, so a pass asks shrinkers
//  only; all its passes cost the same. It never wakes for a smaller order, nor for its 100 ms look]

import { Config, Generation } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { PageStat } from "../abi/page";
import { config, cost } from "../memory/slots";
import { belowLow } from "../page/alloc";
import { zoneAt, ZONES } from "../page/state";
import { addStat } from "../page/stats";
import { isAbove } from "../page/zone";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { newTask } from "../sched/extra";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task, TaskKind } from "../sched/task";
import { shrinkersInit, shrinkSlab } from "./shrinkers";

export const DEF_PRIORITY: u64 = 12;
const MAX_RECLAIM_RETRIES: u32 = 16;

let kswapd: usize = 0;
let priority: u64 = 0;
let failures: u32 = 0;

/** Makes the thread where a bystander takes memory; the host has planned it. */
export function kswapdInit(): void {
  kswapd = 0;
  priority = DEF_PRIORITY;
  failures = 0;
  shrinkersInit();
  if (config(Config.RECLAIM) == 0) return;
  const task = newTask(TaskKind.KSWAPD, 0);
  task.cpu = <u32>config(Config.EXIT_CPU);
  kswapd = changetype<usize>(task);
}

/** pgdat_balanced: a zone has more free than its high watermark. */
function balanced(): bool {
  for (let id: u32 = 0; id < ZONES; id++) {
    const zone = zoneAt(id);
    if (zone.managed != 0 && isAbove(zone, zone.high)) return true;
  }
  return false;
}

/** wake_all_kswapds after an allocation that found no zone above its low watermark. */
export function wakeKswapd(cpu: Cpu): void {
  if (!belowLow || failures >= MAX_RECLAIM_RETRIES || balanced()) return;
  wakeTask(cpu, changetype<Task>(kswapd));
}

/** Its program, see sched/programs.ts: a pass a step. */
export function stepKswapd(cpu: Cpu): u64 {
  while (cpu.now <= horizon) {
    if (balanced()) {
      if (config(Config.GENERATION) == <u64>Generation.V7_2) failures = 0;
      priority = DEF_PRIORITY;
      return SLEEPS;
    }
    if (failures >= MAX_RECLAIM_RETRIES) return SLEEPS;
    reclaimPass(cpu, priority);
    priority--;
    if (priority == 0) {
      failures++;
      priority = DEF_PRIORITY;
    }
    if (resched(cpu)) return GOES_ON;
  }
  return GOES_ON;
}

/** shrink_node: nothing on the LRU lists, then the shrinkers. */
export function reclaimPass(cpu: Cpu, at: u64): void {
  cpu.now += cost(CostSlot.RECLAIM_PASS);
  addStat(PageStat.RECLAIM_PASSES, 1);
  shrinkSlab(cpu, at);
}
