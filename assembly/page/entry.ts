// Page frames alone, for their tests: zones, per-CPU lists and the buddy allocator, moved by hand.

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { cpuAt } from "../sched/cpu";
import { allocPages, drainAllPages } from "./alloc";
import { bulkFree, drainChunks } from "./bulk";
import { freeBlocks, NO_BLOCK, takeBlock } from "./buddy";
import { chainFrames } from "./chain-frames";
import { deferredLength, splitDeferred, splitHugePmd, unmapApart, unmapFolio } from "./folio";
import { freeUnits } from "./free";
import { decayHigh } from "./high";
import { kfreepcpRound } from "./kfreepcp";
import { freepcpOf } from "./kfreepcp-state";
import { giveFrames } from "./gather";
import { nodeFrames } from "./node-frames";
import { listIndex, listOf, Migrate } from "./pcp";
import {
  FrameList,
  popHead,
  popTail,
  pushHead,
  pushTail,
  runsLive,
  takenDown,
  takenLow,
} from "./runs";
import { pcpGeneration, pcpOf, zoneAt } from "./state";
import { slabFrames } from "./slab-frames";
import { pageStat } from "./stats";
import { buddyOf, freePages, zoneWhole } from "./zone";

export * from "../index";
export { toScan } from "../reclaim/shrinkers";

// A list of frames, at an address of the test's own.

export function putHead(list: usize, low: u32, length: u32, down: bool): void {
  pushHead(changetype<FrameList>(list), low, length, down);
}

export function putTail(list: usize, low: u32, length: u32, down: bool): void {
  pushTail(changetype<FrameList>(list), low, length, down);
}

/** Takes one frame from either end; all bits set from an empty list. */
export function takeOne(list: usize, head: bool): u32 {
  const frames = changetype<FrameList>(list);
  const taken = head ? popHead(frames, 1) : popTail(frames, 1);
  return taken == 0 ? NO_BLOCK : takenLow;
}

/** Takes up to `most`; their number, and which they were with `lastLow` and `lastDown`. */
export function takeMany(list: usize, most: u32, head: bool): u32 {
  const frames = changetype<FrameList>(list);
  return head ? popHead(frames, most) : popTail(frames, most);
}

export function lastLow(): u32 {
  return takenLow;
}

export function lastDown(): bool {
  return takenDown;
}

export function listCount(list: usize): u32 {
  return changetype<FrameList>(list).count;
}

export function runs(): u32 {
  return runsLive();
}

// kfreepcp: its flag, and what sets and clears it, without its threads.

export function freepcpFlag(cpu: u32): u32 {
  return freepcpOf(cpu).shouldRun;
}

/** kfreepcp_set_run for CPU `last`, without the wake-up. */
export function freepcpSet(last: u32): void {
  freepcpOf(last).shouldRun = 1;
}

/** A look of the thread at all lists of its CPU; true while one is still too long. */
export function freepcpRound(owner: u32): bool {
  return kfreepcpRound(cpuAt(owner), owner);
}

// Cut huge pages; `huge` is a list of whole ones, by their blocks.

/** The first whole one is cut; its folio. */
export function cutHugePage(cpu: u32, huge: usize): u32 {
  return splitHugePmd(cpuAt(cpu), changetype<FrameList>(huge));
}

/** Pages of a cut one are unmapped; it is the first of `huge` again when they were the last. */
export function unmapPart(cpu: u32, folio: u32, count: u32, huge: usize): void {
  if (unmapApart(folio, count)) return;
  unmapFolio(cpuAt(cpu), folio, count, changetype<FrameList>(huge));
}

/** The shrinker's scan; what is still mapped comes to the tail of `mapped`. */
export function takeApart(cpu: u32, most: u32, mapped: usize): u32 {
  return splitDeferred(cpuAt(cpu), most, changetype<FrameList>(mapped));
}

export function queuedFolios(): u32 {
  return deferredLength();
}

// Zones and lists.

export function allocate(cpu: u32, migrate: u32, pages: u32, list: usize): u32 {
  return allocPages(cpuAt(cpu), migrate, pages, changetype<FrameList>(list));
}

/** Frees a list of single pages from its head, as the gather does. */
export function freeFrom(cpu: u32, migrate: u32, pages: u32, list: usize): u32 {
  let left = pages;
  while (left != 0) {
    const taken = popHead(changetype<FrameList>(list), left);
    if (taken == 0) break;
    freeUnits(cpuAt(cpu), listIndex(migrate, 0), takenLow, taken, takenDown);
    left -= taken;
  }
  return pages - left;
}

/** Allocates one block of an order straight from a zone; its frame. */
export function takeOrder(zone: u32, order: u32): u32 {
  const page = takeBlock(buddyOf(zoneAt(zone)), order);
  return page == NO_BLOCK ? page : page + zoneAt(zone).firstFrame;
}

/** Frees a block of an order, 0 to 3 or 9, through the per-CPU list. */
export function freeOrder(cpu: u32, migrate: u32, order: u32, frame: u32): void {
  freeUnits(cpuAt(cpu), listIndex(migrate, order), frame >> order, 1, false);
}

export function bulk(cpu: u32, zone: u32, pages: u32, list: u32): u32 {
  const at = zoneAt(zone);
  return bulkFree(cpuAt(cpu), at, pcpOf(cpu, at), pages, list, pcpGeneration);
}

/** The periodic decay of a list; the pages it gave back. */
export function decay(cpu: u32, zone: u32): u32 {
  const at = zoneAt(zone);
  const pcp = pcpOf(cpu, at);
  return drainChunks(cpuAt(cpu), at, pcp, decayHigh(pcp), pcpGeneration);
}

export function drainLists(): u32 {
  return drainAllPages(cpuAt(<u32>config(Config.EXIT_CPU)));
}

/** Slabs that their caches keep go as well: after a run nothing else holds a frame. */
export function dropKeptSlabs(cpu: u32): void {
  giveAll(cpu, slabFrames());
  giveAll(cpu, chainFrames());
  giveAll(cpu, nodeFrames());
}

function giveAll(cpu: u32, frames: FrameList): void {
  giveFrames(cpuAt(cpu), frames, frames.count, Migrate.UNMOVABLE);
}

export function managedIn(zone: u32): u32 {
  return zoneAt(zone).managed;
}

export function listLengthOf(cpu: u32, zone: u32, list: u32): u32 {
  return listOf(pcpOf(cpu, zoneAt(zone)), list).count;
}

/** A field of a per-CPU list's record, by its number there. */
export function pcpField(cpu: u32, zone: u32, field: u32): u32 {
  return load<u32>(changetype<usize>(pcpOf(cpu, zoneAt(zone))) + <usize>(field << 2));
}

export function setPcpField(cpu: u32, zone: u32, field: u32, value: u32): void {
  store<u32>(changetype<usize>(pcpOf(cpu, zoneAt(zone))) + <usize>(field << 2), value);
}

export function setZoneFlags(zone: u32, flags: u32): void {
  zoneAt(zone).flags = flags;
}

export function freeIn(zone: u32): u32 {
  return freePages(zoneAt(zone));
}

export function blocksIn(zone: u32, order: u32): u32 {
  return freeBlocks(buddyOf(zoneAt(zone)), order);
}

export function whole(zone: u32): bool {
  return zoneWhole(zoneAt(zone));
}

export function stat(which: u32): u64 {
  return pageStat(which);
}
