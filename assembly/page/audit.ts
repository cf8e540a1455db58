// What must hold of pages when a run is over, and what it left where.

import { Config, Workload } from "../abi/config";
import { PageStat } from "../abi/page";
import { config } from "../memory/slots";
import { nrCpus } from "../sched/cpu";
import { bystanderAt, framesOf } from "../workload/load";
import { restartPages } from "../workload/restart";
import { chainFrames } from "./chain-frames";
import { deferredLength, folioFrames } from "./folio";
import { framesLeft } from "./gather";
import { MmPages } from "./mm-pages";
import { nodeFrames, nodeFramesBack } from "./node-frames";
import { slabFrames } from "./slab-frames";
import { mmPagesAddress, pcpOf, zoneAt, ZONES } from "./state";
import { setStat } from "./stats";
import { freePages } from "./zone";

/** Pages on all per-CPU lists. */
export function pagesOnLists(): u64 {
  let sum: u64 = 0;
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    for (let zone: u32 = 0; zone < ZONES; zone++) sum += <u64>pcpOf(cpu, zoneAt(zone)).count;
  }
  return sum;
}

/** Pages of both buddy allocators. */
export function pagesInBuddy(): u64 {
  let sum: u64 = 0;
  for (let zone: u32 = 0; zone < ZONES; zone++) sum += <u64>freePages(zoneAt(zone));
  return sum;
}

/** Frames of bystanders that take memory. */
function bystanderFrames(): u64 {
  let sum: u64 = 0;
  for (let index: u32 = 0; index < <u32>config(Config.LOAD_TASKS); index++) {
    sum += <u64>framesOf(bystanderAt(index)).count;
  }
  return sum;
}

/** Frames of a process that was started anew. */
function restarted(): u64 {
  return config(Config.WORKLOAD) == <u64>Workload.EXITS ? restartPages() : 0;
}

/** Every page is free, on a list, or in an mm: none is lost, none is twice. */
export function checkPages(): void {
  let held = <u64>slabFrames().count + <u64>nodeFrames().count + bystanderFrames() + restarted();
  held += <u64>chainFrames().count + folioFrames();
  for (let mm: u32 = 0; mm < <u32>config(Config.MMS); mm++) {
    held += <u64>framesLeft(changetype<MmPages>(mmPagesAddress(mm)));
  }
  let managed: u64 = 0;
  for (let zone: u32 = 0; zone < ZONES; zone++) managed += <u64>zoneAt(zone).managed;
  setStat(PageStat.ON_LISTS, pagesOnLists());
  setStat(PageStat.FREE, pagesInBuddy());
  assert(pagesOnLists() + pagesInBuddy() + held == managed); // pages in = pages out
}

/** All processes are gone: no page is held by one. */
export function checkAllBack(): void {
  for (let mm: u32 = 0; mm < <u32>config(Config.MMS); mm++) {
    const pages = changetype<MmPages>(mmPagesAddress(mm));
    assert(framesLeft(pages) == 0);
    assert(pages.rss == 0 && pages.rssFile == 0 && pages.rssShmem == 0); // check_mm, every class
  }
  assert(folioFrames() == 0 && deferredLength() == 0); // nor a huge page by a part that is gone
  assert(bystanderFrames() == 0 && nodeFramesBack()); // nor by one beside it, nor the index
  assert(restarted() == 0); // nor by one that was started anew
}
