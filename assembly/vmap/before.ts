// What lies in the address space before a run begins, put there at no cost: kernel stacks, areas
// that boot has freed, and areas that are held.

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import {
  areaAlloc,
  areaAt,
  areaFree,
  areaPages,
  AreaState,
  changeState,
  objectsOf,
} from "./area";
import { clip, giveBack, lowestMatch, RANGE_START } from "./free-space";
import { linearSearch, noteInserted, noteRemoved } from "./linear";
import { busyTree, lazyTree, nodeAt, nodeOfAddress, pushPurging } from "./node";
import { freeGone, freeObject, ObjectKind, objectsTracked, takeObject } from "./objects";
import { findPlace, linkArea, linkUnlisted, unlinkArea, unlinkUnlisted } from "./rbtree";
import { addLazy, freeTree, isLinear, lazyMaxPages } from "./state";
import { resetSteps } from "./steps";
import { hold, heldArea, threadAt } from "./thread";

const STACK_PAGES: u64 = 4;
const GUARD: u64 = 1;

function place(pages: u64, align: u64): usize {
  let start: u64;
  if (isLinear()) {
    start = linearSearch(busyTree(nodeAt(0)), pages, align);
  } else {
    const block = lowestMatch(freeTree(), pages, align, RANGE_START);
    start = clip(freeTree(), block, pages, align, RANGE_START);
  }
  const at = areaAlloc(start);
  assert(at != 0); // the plan has a record for each
  const area = areaAt(at);
  if (objectsTracked()) {
    objectsOf(area).descriptor = takeObject(0, ObjectKind.DESCRIPTOR);
    objectsOf(area).record = takeObject(0, ObjectKind.RECORD);
    freeGone(0);
  }
  area.end = start + pages;
  const tree = busyTree(nodeOfAddress(start));
  findPlace(tree, area.start, area.end, 0);
  if (isLinear()) linkArea(tree, area, false);
  else linkUnlisted(tree, area);
  changeState(area, AreaState.IN_HAND, AreaState.BUSY);
  if (isLinear()) noteInserted(area);
  return at;
}

function takeAway(at: usize): void {
  const area = areaAt(at);
  if (isLinear()) noteRemoved(area);
  const tree = busyTree(nodeOfAddress(area.start));
  if (isLinear()) unlinkArea(tree, area, false);
  else unlinkUnlisted(tree, area);
  changeState(area, AreaState.BUSY, AreaState.IN_HAND);
  if (!objectsTracked()) return;
  freeObject(0, ObjectKind.DESCRIPTOR, objectsOf(area).descriptor);
  objectsOf(area).descriptor = 0;
}

/**
 * Stacks of the threads that run already: four pages and a guard page, on multiples of four.
 * Between two lie three pages that only small areas fit into.
 * [same: kernel/fork.c:alloc_thread_stack_node, 6.12 and 7.2, with VMAP_STACK]
 */
export function placeStacks(): void {
  const stacks = <u32>config(Config.VMAP_BOOT_STACKS);
  for (let i: u32 = 0; i < stacks; i++) place(STACK_PAGES + GUARD, STACK_PAGES);
  resetSteps();
}

/** Areas that somebody has freed and nobody has purged: the first of one page, the next of two. */
export function freeBefore(): void {
  const areas = config(Config.VMAP_BOOT_LAZY);
  for (let pages: u64 = 1; pages <= areas; pages++) {
    const area = areaAt(place(pages + GUARD, 1));
    if (isLinear()) {
      changeState(area, AreaState.BUSY, AreaState.LAZY);
      pushPurging(area);
    } else {
      takeAway(changetype<usize>(area));
      changeState(area, AreaState.IN_HAND, AreaState.LAZY);
      const tree = lazyTree(nodeOfAddress(area.start));
      findPlace(tree, area.start, area.end, 0);
      linkArea(tree, area, false);
    }
    addLazy(areaPages(area));
  }
  resetSteps();
}

/** Areas of one page that are held all the time; alternating with holes if that is asked for. */
export function holdAreas(): void {
  const wanted = <u32>config(Config.VMAP_HELD_AREAS);
  if (wanted == 0) return;
  const thread = threadAt(0);
  if (config(Config.VMAP_HELD_EVERY_SECOND) == 0) {
    for (let i: u32 = 0; i < wanted; i++) place(1 + GUARD, 1);
  } else {
    for (let i: u32 = 0; i < 2 * wanted; i++) hold(thread, place(1 + GUARD, 1));
    freeEverySecond(wanted);
    thread.held = 0;
  }
  resetSteps();
}

/** Freed one after the other; returned in groups as large as purges are, each from its end. */
function freeEverySecond(holes: u32): void {
  const thread = threadAt(0);
  const group = <u32>(lazyMaxPages() / 2) + 1;
  for (let first: u32 = 0; first < holes; first += group) {
    const end = min(first + group, holes);
    for (let i = first; i < end; i++) takeAway(changetype<usize>(heldArea(thread, 2 * i)));
    for (let i = end; i > first; i--) {
      const at = changetype<usize>(heldArea(thread, 2 * (i - 1)));
      if (isLinear()) areaFree(areaAt(at));
      else giveBack(freeTree(), areaAt(at));
      freeGone(0);
    }
  }
}
