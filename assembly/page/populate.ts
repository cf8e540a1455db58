// Before the clock starts: the pages of an address space are touched, in the order of its
// addresses.
//
// [simplified: mm/memory.c:do_anonymous_page, mm/huge_memory.c:do_huge_pmd_anonymous_page: one
//  process after the other, on the CPU of the exit; faults have no cost here]

import { Config } from "../abi/config";
import { PageStat } from "../abi/page";
import { config } from "../memory/slots";
import { cursorInit, cursorNext } from "../index/tree";
import { Cpu } from "../sched/cpu";
import { vmaAt } from "../vma/record";
import { allocPages } from "./alloc";
import { makeChain } from "./chain-frames";
import { HUGE_ORDER, PAGES_PER_HUGE } from "./huge-vma";
import { hugeOf, MmPages, pagesOf, tablesOf } from "./mm-pages";
import { NO_BLOCK, pagesTaken, takeBlock, takePages } from "./buddy";
import { listIndex, listOf, Migrate } from "./pcp";
import { FrameList, pushTail } from "./runs";
import {
  hugePages,
  lastTableCounted,
  mapsFile,
  mapsShmem,
  residentPages,
  vmaTables,
} from "./resident";
import { mmPagesAddress, pcpOf, zoneAt, ZONES } from "./state";
import { addStat, setStat, statsInit } from "./stats";
import { buddyOf } from "./zone";

/** Page tables above the last level, and last-level ones of the program around the area. */
export const UPPER_TABLES: u32 = 6;

/** Gives the VMAs of a tree their pages and page tables. */
export function populate(cpu: Cpu, mm: MmPages, cursor: usize, tree: usize): void {
  get(cpu, Migrate.UNMOVABLE, UPPER_TABLES, tablesOf(mm));
  let lastBlock: u64 = 0;
  cursorInit(cursor, tree, 0);
  for (let at = cursorNext(cursor); at != 0; at = cursorNext(cursor)) {
    const vma = vmaAt(at);
    const pages = residentPages(vma);
    if (pages == 0) continue;
    const tables = vmaTables(vma, lastBlock, u64.MAX_VALUE);
    lastBlock = lastTableCounted;
    mm.rss += pages;
    if (mapsShmem(vma)) mm.rssShmem += pages;
    else if (mapsFile(vma)) mm.rssFile += pages;
    if (!mapsFile(vma)) makeChain(cpu);
    const huge = hugePages(vma);
    getHuge(cpu, huge, mm);
    // a table is allocated by the first fault below it, or deposited for a huge page; which pages
    // it lies between does not matter
    get(cpu, Migrate.UNMOVABLE, tables + huge, tablesOf(mm));
    const small = <u32>(pages - <u64>huge * PAGES_PER_HUGE);
    if (!mapsFile(vma)) get(cpu, Migrate.MOVABLE, small, pagesOf(mm));
  }
}

/** Huge pages, from the highest zone that has a block of them. */
function getHuge(cpu: Cpu, huge: u32, mm: MmPages): void {
  for (let got: u32 = 0; got < huge; got++) {
    let id = <i32>ZONES - 1;
    let page = takeBlock(buddyOf(zoneAt(id)), HUGE_ORDER);
    while (page == NO_BLOCK && --id >= 0) page = takeBlock(buddyOf(zoneAt(id)), HUGE_ORDER);
    assert(page != NO_BLOCK); // the host plans zones with whole blocks for all of them
    pushTail(hugeOf(mm), (zoneAt(id).firstFrame + page) >> HUGE_ORDER, 1, false);
  }
}

/** What all processes have, class by class: said once time has begun. */
function noteClasses(): void {
  let rss: u64 = 0;
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    const mm = changetype<MmPages>(mmPagesAddress(id));
    rss += mm.rss - mm.rssFile - mm.rssShmem;
    addStat(PageStat.RSS_FILE, mm.rssFile);
    addStat(PageStat.RSS_SHMEM, mm.rssShmem);
    addStat(PageStat.RSS_HUGE, <u64>hugeOf(mm).count * PAGES_PER_HUGE);
  }
  setStat(PageStat.RSS_ANON, rss);
}

function get(cpu: Cpu, migrate: Migrate, pages: u32, into: FrameList): void {
  const got = allocPages(cpu, migrate, pages, into);
  assert(got == pages); // the host plans zones that hold what is resident
}

/** A CPU's list of the zone that is used first, as it was found: so many free pages, so high. */
export function startList(cpu: Cpu, count: u32, high: u32): void {
  const zone = zoneAt(ZONES - 1);
  const pcp = pcpOf(cpu.id, zone);
  if (high != 0) pcp.high = max(pcp.highMin, min(high, pcp.highMax));
  while (pcp.count < count) {
    const page = takePages(buddyOf(zone), count - pcp.count);
    if (page == NO_BLOCK) return;
    pushTail(listOf(pcp, listIndex(Migrate.MOVABLE, 0)), zone.firstFrame + page, pagesTaken, false);
    pcp.count += pagesTaken;
  }
}

/** All processes have their pages: time begins, and with it the counters. */
export function populated(cpu: Cpu): void {
  cpu.now = 0;
  for (let id: u32 = 0; id < ZONES; id++) zoneAt(id).lockFreeAt = 0;
  statsInit();
  noteClasses();
}
