// __alloc_pages_slowpath for one page that a process must have: direct reclaim, the OOM killer.
//
// [same: mm/page_alloc.c:__alloc_pages_slowpath, __alloc_pages_direct_reclaim,
//  should_reclaim_retry, __alloc_pages_may_oom; mm/vmscan.c:do_try_to_free_pages, 6.12 and 7.2: a
//  try at the min watermark, passes of priority 12 to 0, twice as nothing is reclaimed
//  (memcg_full_walk); lists of other CPUs are drained only after progress; without pages to reclaim
//  it is tried again only when free ones are above min; a last try at the high watermark; then
//  somebody is killed and all begins anew]
// [simplified: a pass is one step; nothing is throttled, as nothing is written back]

import { PageStat } from "../abi/page";
import { Span } from "../abi/timeline";
import { timelineSpan } from "../metrics/timeline";
import { Migrate } from "../page/pcp";
import { allocPages } from "../page/alloc";
import { pagesInBuddy } from "../page/audit";
import { zoneAt, ZONES } from "../page/state";
import { addStat, maxStat, pageStat, setStat } from "../page/stats";
import { isAbove } from "../page/zone";
import { Cpu } from "../sched/cpu";
import { DEF_PRIORITY, reclaimPass, wakeKswapd } from "./kswapd";
import { outOfMemory } from "./oom";
import { takenFrames, Taker } from "./taker";

/** Passes of one round of direct reclaim: 13 priorities, twice. */
const PASSES: u32 = 2 * (<u32>DEF_PRIORITY + 1);

/** What Taker.passes says after a round, and after a kill. */
const ROUND_OVER: u32 = PASSES + 1;
const AFTER_KILL: u32 = PASSES + 2;

/** Is the OOM killer the next step of this allocation? */
export function facesOom(it: Taker): bool {
  return it.passes == ROUND_OVER && !anyAboveMin();
}

/** A step towards one more page for a task: true once it has it. */
export function stepAlloc(cpu: Cpu, it: Taker, migrate: Migrate = Migrate.MOVABLE): bool {
  if (facesOom(it)) {
    outOfMemory(cpu);
    it.passes = AFTER_KILL;
    return false;
  }
  if (it.passes == 0 || it.passes > PASSES) return tryOnce(cpu, it, migrate);
  reclaimPass(cpu, DEF_PRIORITY - <u64>((it.passes - 1) % (<u32>DEF_PRIORITY + 1)));
  it.passes++;
  return false;
}

function tryOnce(cpu: Cpu, it: Taker, migrate: Migrate): bool {
  const got = allocPages(cpu, migrate, 1, takenFrames(it));
  wakeKswapd(cpu);
  if (got == 0) {
    if (it.passes == 0) it.began = cpu.now;
    it.passes = 1;
    return false;
  }
  if (it.passes != 0) noteStall(cpu, it);
  it.passes = 0;
  const free = pagesInBuddy();
  const least = pageStat(PageStat.FREE_MIN);
  if (least == 0 || free < least) setStat(PageStat.FREE_MIN, free);
  return true;
}

/** should_reclaim_retry: could a zone give a page? */
function anyAboveMin(): bool {
  for (let id: u32 = 0; id < ZONES; id++) {
    const zone = zoneAt(id);
    if (isAbove(zone, zone.min)) return true;
  }
  return false;
}

/** The task dies without the page in hand. */
export function giveUp(cpu: Cpu, it: Taker): void {
  if (it.passes != 0) noteStall(cpu, it);
  it.passes = 0;
}

/** The task has its page, or dies without it. */
function noteStall(cpu: Cpu, it: Taker): void {
  const stall = cpu.now - it.began;
  timelineSpan(cpu, Span.DIRECT_RECLAIM, it.began, 0);
  addStat(PageStat.ALLOC_STALLS, 1);
  addStat(PageStat.ALLOC_STALL, stall);
  maxStat(PageStat.ALLOC_STALL_MAX, stall);
}
