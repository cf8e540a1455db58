// The memory of a process before its trace, from maps or smaps: the initial VMAs of the scenario.

import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { ParsedMaps } from "../input/maps.ts";
import type { Mm } from "./mm.ts";
import { ACCESS } from "./space.ts";
import { faultsOn, type Touch } from "./touch.ts";

/** Bits of VmaFlag that an access has as well. */
const ACCESS_BITS = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.EXEC | VmaFlag.SHARED;
const OWN = VmaFlag.FILE | VmaFlag.SHARED | VmaFlag.STACK | VmaFlag.SPECIAL | VmaFlag.GROWSDOWN;
const KIND = 1 << ACCESS.BITS;
/** Highest page that the workload has. */
const PAGES_END = 2 ** 35;

export function takeMaps(mm: Mm, maps: ParsedMaps, touch: Touch): void {
  for (let i = 0; i < maps.vma_count; i++) {
    const start = maps.start_page[i]!;
    const pages = maps.page_count[i]!;
    const flags = maps.flags[i]!;
    if (start + pages > PAGES_END) continue;
    const protection = (flags & ACCESS_BITS) + ((flags & OWN) === 0 ? 0 : KIND);
    const touched = maps.rss_pages?.[i] ?? touchedAsTold(touch, start, pages, protection);
    mm.addInitial(start, pages, protection, Math.min(touched, pages));
    if ((flags & VmaFlag.HEAP) === 0) continue;
    mm.heap = { start: start + pages, end: start + pages };
    mm.heap_told = start + pages;
  }
}

function touchedAsTold(touch: Touch, start: number, pages: number, protection: number): number {
  const writable = (protection & (ACCESS.WRITE | ACCESS.SHARED)) === ACCESS.WRITE;
  return writable ? (faultsOn(touch, start, pages, protection)?.count ?? 0) : 0;
}
