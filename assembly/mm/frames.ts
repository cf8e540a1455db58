// The machine's frames behind address spaces: what a step wants more, its thread has to find before
// its next step; what a step leaves goes back at once.
//
//   step ─▶ wants more? ─ no ──────────────────────────────────────▶ next step
//                │ yes: the thread's debt
//                └─▶ a frame above low, else min, else direct reclaim, the OOM killer ─┘
//
// So a thread that waits for memory holds the locks that it held in its step, as in the kernel:
// mmap_lock in fork, munmap and mmap, a VMA's lock in a fault.
//
// [simplified: mm/page_alloc.c, 6.12 and 7.2: an allocation is made after the step that needs it
//  and never fails, as those of order 0 do not; who was killed does without, where the kernel gives
//  him memory reserves (__gfp_pfmemalloc_flags); slabs are of order 0; nodes lie packed, 16 to a
//  page, as in page/node-frames.ts]

import { poolNodesLive } from "../index/tree";
import { allocPages } from "../page/alloc";
import { checkPages } from "../page/audit";
import { giveFrames } from "../page/gather";
import { MmPages, pagesOf, tablesOf } from "../page/mm-pages";
import { nodeFrames } from "../page/node-frames";
import { Migrate } from "../page/pcp";
import { FRAME_LIST_BYTES, FrameList, popHead, pushTail, takenLow } from "../page/runs";
import { slabFrames } from "../page/slab-frames";
import { mmPagesAddress } from "../page/state";
import { giveUp, stepAlloc } from "../reclaim/slowpath";
import { takenFrames, Taker } from "../reclaim/taker";
import { Cpu } from "../sched/cpu";
import { cacheSlabsLive } from "../slab/slab";
import { checkTables, demandStart, tablesOfAll, takeChanged } from "./demand";
import { Actor, MmStruct } from "./records";
import { generation } from "./settings";
import { MmGeneration } from "../abi/mm";
import { actorCount, lockCache, mmAt, mmCount, mmOf, nodePool, vmaCache } from "./world";

const NODES_A_PAGE: u32 = 16;

//  0       40   44      48       52      56      60
//  ┌───────┬────┬───────┬────────┬───────┬───────┬─────┐
//  │ taker │ mm │ pages │ tables │ slabs │ nodes │ pad │
//  └───────┴────┴───────┴────────┴───────┴───────┴─────┘
/** What a thread is still to find frames for; it begins like a Taker. */
@unmanaged
class Debt extends Taker {
  /** Whose pages and tables. */
  mm: u32;
  pages: u32;
  tables: u32;
  slabs: u32;
  nodes: u32;
  pad2: u32;
}

export const DEBT_BYTES: u32 = 64;

let debts: usize = 0;
/** Slab and node pages that threads owe. */
let slabsOwed: u32 = 0;
let nodesOwed: u32 = 0;

@inline
function debtOf(id: u32): Debt {
  return changetype<Debt>(debts + <usize>(id * DEBT_BYTES));
}

@inline
function mmFrames(mm: MmStruct): MmPages {
  return changetype<MmPages>(mmPagesAddress(mm.id));
}

/** Gives everything that is there at time 0 its frames; the host has checked that they suffice. */
export function framesInit(cpu: Cpu, base: usize): void {
  assert(offsetof<Debt>() <= DEBT_BYTES); // the drawn size is the true one
  debts = base;
  memory.fill(debts, 0, <usize>(actorCount * DEBT_BYTES));
  slabsOwed = 0;
  nodesOwed = 0;
  memory.fill(changetype<usize>(slabFrames()), 0, <usize>FRAME_LIST_BYTES);
  memory.fill(changetype<usize>(nodeFrames()), 0, <usize>FRAME_LIST_BYTES);
  take(cpu, Migrate.UNMOVABLE, slabPages(), slabFrames());
  take(cpu, Migrate.UNMOVABLE, nodePages(), nodeFrames());
  for (let id: u32 = 0; id < mmCount; id++) {
    const mm = mmAt(id);
    if (mm.alive == 0) continue;
    mm.tables = tablesOfAll(mm);
    take(cpu, Migrate.MOVABLE, mm.rss, pagesOf(mmFrames(mm)));
    take(cpu, Migrate.UNMOVABLE, mm.tables, tablesOf(mmFrames(mm)));
  }
  demandStart();
}

function take(cpu: Cpu, migrate: Migrate, pages: u32, into: FrameList): void {
  const got = allocPages(cpu, migrate, pages, into);
  assert(got == pages); // the host checked it
}

function slabPages(): u32 {
  const locks: u32 = generation == <u32>MmGeneration.V6_12 ? cacheSlabsLive(lockCache) : 0;
  return cacheSlabsLive(vmaCache) + locks;
}

function nodePages(): u32 {
  return (poolNodesLive(nodePool) + NODES_A_PAGE - 1) / NODES_A_PAGE;
}

/** A step of a thread is over: what it wants more becomes its debt, the rest goes back. */
export function settleFrames(cpu: Cpu, id: u32): void {
  const debt = debtOf(id);
  const changed = takeChanged();
  if (changed != 0) settleMm(cpu, debt, mmOf(changed));
  const slabs = lack(cpu, slabPages(), slabFrames(), slabsOwed);
  debt.slabs += slabs;
  slabsOwed += slabs;
  const nodes = lack(cpu, nodePages(), nodeFrames(), nodesOwed);
  debt.nodes += nodes;
  nodesOwed += nodes;
}

/** Something was freed outside of threads. */
export function settleFreed(cpu: Cpu): void {
  lack(cpu, slabPages(), slabFrames(), slabsOwed);
}

function settleMm(cpu: Cpu, debt: Debt, mm: MmStruct): void {
  const pages = lackOf(cpu, mm.rss, pagesOf(mmFrames(mm)), mm.owed, Migrate.MOVABLE);
  const tables = lackOf(cpu, mm.tables, tablesOf(mmFrames(mm)), mm.tablesOwed, Migrate.UNMOVABLE);
  if (pages + tables == 0) return;
  // a thread is in one operation at a time, and pays before its next step
  assert(debt.pages + debt.tables == 0);
  debt.mm = <u32>changetype<usize>(mm);
  debt.pages = pages;
  debt.tables = tables;
  mm.owed += pages;
  mm.tablesOwed += tables;
}

@inline
function lack(cpu: Cpu, wanted: u32, held: FrameList, owed: u32): u32 {
  return lackOf(cpu, wanted, held, owed, Migrate.UNMOVABLE);
}

/** Frames missing that nobody owes yet; what is too much is given back. */
function lackOf(cpu: Cpu, wanted: u32, held: FrameList, owed: u32, migrate: Migrate): u32 {
  const count = held.count;
  if (count > wanted) giveFrames(cpu, held, count - wanted, migrate);
  return wanted > count + owed ? wanted - count - owed : 0;
}

/** Has the thread to find frames before it goes on? */
@inline
export function owes(id: u32): bool {
  const debt = debtOf(id);
  return (debt.pages | debt.tables | debt.slabs | debt.nodes) != 0;
}

/** One step of a thread towards the frames that it owes. */
export function payFrame(cpu: Cpu, actor: Actor): void {
  const debt = debtOf(actor.id);
  if (actor.killed != 0) return forgive(cpu, actor.id);
  if (debt.slabs != 0) {
    if (slabPages() <= slabFrames().count || pay(cpu, debt, Migrate.UNMOVABLE, slabFrames())) {
      debt.slabs--;
      slabsOwed--;
    }
  } else if (debt.nodes != 0) {
    if (nodePages() <= nodeFrames().count || pay(cpu, debt, Migrate.UNMOVABLE, nodeFrames())) {
      debt.nodes--;
      nodesOwed--;
    }
  } else payMm(cpu, debt, mmOf(debt.mm));
}

/** Pages and tables that went in the meantime need no frame any more. */
function payMm(cpu: Cpu, debt: Debt, mm: MmStruct): void {
  if (debt.tables != 0) {
    const tables = tablesOf(mmFrames(mm));
    if (mm.tables > tables.count && !pay(cpu, debt, Migrate.UNMOVABLE, tables)) return;
    debt.tables--;
    mm.tablesOwed--;
    return;
  }
  const pages = pagesOf(mmFrames(mm));
  if (mm.rss > pages.count && !pay(cpu, debt, Migrate.MOVABLE, pages)) return;
  debt.pages--;
  mm.owed--;
}

/** One step towards one frame for a list. */
function pay(cpu: Cpu, debt: Debt, migrate: Migrate, into: FrameList): bool {
  if (!stepAlloc(cpu, debt, migrate)) return false;
  const taken = popHead(takenFrames(debt), 1);
  assert(taken == 1); // it has just been put there
  pushTail(into, takenLow, 1, false);
  return true;
}

/** A killed thread does without, and so does one that is over. */
export function forgive(cpu: Cpu, id: u32): void {
  const debt = debtOf(id);
  giveUp(cpu, debt);
  slabsOwed -= debt.slabs;
  nodesOwed -= debt.nodes;
  if (debt.mm != 0) {
    mmOf(debt.mm).owed -= debt.pages;
    mmOf(debt.mm).tablesOwed -= debt.tables;
  }
  debt.slabs = 0;
  debt.nodes = 0;
  debt.pages = 0;
  debt.tables = 0;
}

/** Nothing is left to happen: no frame is lost, and none there twice. */
export function checkFrames(): void {
  for (let id: u32 = 0; id < mmCount; id++) {
    const mm = mmAt(id);
    assert(mm.owed == 0 && mm.tablesOwed == 0); // nobody waits for memory any more
    assert(pagesOf(mmFrames(mm)).count <= mm.rss && tablesOf(mmFrames(mm)).count <= mm.tables);
    if (mm.alive != 0) checkTables(mm);
  }
  assert(slabsOwed == 0 && nodesOwed == 0);
  checkPages();
}
