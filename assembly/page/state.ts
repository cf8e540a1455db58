// Where the page records of a run lie, and the zones it begins with.
//
//  Region.PAGES
//  ┌────────┬────────────┬─────────────┬────────────┬────────────┬─────────┬──────┐
//  │zones[2]│pcps[CPU][2]│kfreepcp[CPU]│ mm pages[n]│table cbs[n]│ bitmaps │ runs │
//  └────────┴────────────┴─────────────┴────────────┴────────────┴─────────┴──────┘
//  ┌───────────┬────────┐
//  │ huge VMAs │ folios │
//  └───────────┴────────┘
//
// Frames are numbered through both zones: DMA32 from 0, NORMAL from the next multiple of 1,024.

import { Config } from "../abi/config";
import { Region } from "../abi/metric";
import { PcpGeneration } from "../abi/page";
import { regionBase, regionBytes } from "../memory/map";
import { config } from "../memory/slots";
import { bitmapBytes } from "./buddy";
import { chainsInit } from "./chain-frames";
import { KFREEPCP_BYTES } from "./kfreepcp-state";
import { MM_PAGES_BYTES } from "./mm-pages";
import { folioBytes, foliosInit } from "./folio";
import { hugeVmaBytes, hugeVmaInit } from "./huge-vma";
import { Pcp, PCP_BYTES, zoneBatch, zoneHigh } from "./pcp";
import { runPoolBytes, runPoolInit } from "./runs";
import { statsInit } from "./stats";
import { VMA_RECORD_BYTES } from "../vma/record";
import { reserveFor, Zone, ZONE_BYTES, zoneInit } from "./zone";

export const ZONES: u32 = 2;
const DMA32: u32 = 0;
const NORMAL: u32 = 1;

export let pcpGeneration: u32 = 0;
/** Who empties lists that are too long (Kfreepcp). */
export let kfreepcp: u32 = 0;
/** First frame of NORMAL. */
let normalFrame: u32 = 0;
let zones: usize = 0;
let pcps: usize = 0;
let kfreepcps: usize = 0;
let mms: usize = 0;
let tableCallbacks: u32 = 0;
let tableCallbacksUsed: u32 = 0;

/** Does the run have page frames at all? */
@inline
export function hasPages(): bool {
  return zones != 0;
}

function zonePages(id: u32): u32 {
  return <u32>config(id == DMA32 ? Config.ZONE_DMA32_PAGES : Config.ZONE_NORMAL_PAGES);
}

/** Up to so many pages (16 GiB) there is a record for each of them. */
const RUN_EACH_PAGES: u64 = 4_194_304;

/** Runs that can exist at once: beyond the first 16 GiB, as many as an eighth of the pages. */
function runsFor(pages: u64): u64 {
  return pages <= RUN_EACH_PAGES ? pages : RUN_EACH_PAGES + (pages - RUN_EACH_PAGES) / 8;
}

function fixedBytes(cpus: u32): u64 {
  const perCpu = <u64>(ZONES * PCP_BYTES + KFREEPCP_BYTES);
  const mmBytes = config(Config.MMS) * MM_PAGES_BYTES;
  const callbacks = config(Config.TABLE_CALLBACKS) * <u64>VMA_RECORD_BYTES;
  const bytes = <u64>(ZONES * ZONE_BYTES) + <u64>cpus * perCpu + mmBytes + callbacks;
  return (bytes + 63) & ~63;
}

/** Bytes of everything about pages; 0 in a run without page frames. */
export function pagesBytes(cpus: u32): u64 {
  const dma32 = zonePages(DMA32);
  const normal = zonePages(NORMAL);
  if (dma32 + normal == 0) return 0;
  const maps = bitmapBytes(dma32) + bitmapBytes(normal);
  const runs = runPoolBytes(runsFor(<u64>dma32 + <u64>normal));
  const huge = hugeVmaBytes(hugeVmas()) + folioBytes(hugeCuts());
  return fixedBytes(cpus) + maps + runs + huge;
}

/** Huge pages that can be cut: one by each split of a VMA. */
function hugeCuts(): u64 {
  return config(Config.HUGE_VMAS) == 0 ? 0 : config(Config.MUNMAP_SPLITS);
}

/** VMAs that can have huge pages, or pages of cut ones. */
function hugeVmas(): u64 {
  return config(Config.HUGE_VMAS) + hugeCuts();
}

@inline
export function zoneAt(id: u32): Zone {
  return changetype<Zone>(zones + <usize>(id * ZONE_BYTES));
}

@inline
export function zoneOfFrame(frame: u32): Zone {
  return zoneAt(frame >= normalFrame ? NORMAL : DMA32);
}

@inline
function zoneId(zone: Zone): u32 {
  return changetype<usize>(zone) == zones ? DMA32 : NORMAL;
}

@inline
export function pcpOf(cpu: u32, zone: Zone): Pcp {
  return changetype<Pcp>(pcps + <usize>((cpu * ZONES + zoneId(zone)) * PCP_BYTES));
}

/** Address of a CPU's kfreepcp record. */
@inline
export function kfreepcpAddress(cpu: u32): usize {
  return kfreepcps + <usize>(cpu * KFREEPCP_BYTES);
}

/** Address of the page records of an mm. */
@inline
export function mmPagesAddress(mm: u32): usize {
  return mms + <usize>mm * <usize>MM_PAGES_BYTES;
}

/** Address of the callback record of a batch of page tables. */
export function newTableCallback(): u32 {
  assert(<u64>tableCallbacksUsed < config(Config.TABLE_CALLBACKS)); // planned from the tables
  return tableCallbacks + tableCallbacksUsed++ * VMA_RECORD_BYTES;
}

/** Sets up zones and lists; all pages are free, all lists empty. */
export function pagesInit(): void {
  const cpus = <u32>config(Config.CPUS);
  zones = 0;
  statsInit();
  if (regionBytes(Region.PAGES) == 0) return;
  zones = regionBase(Region.PAGES);
  pcps = zones + <usize>(ZONES * ZONE_BYTES);
  kfreepcps = pcps + <usize>(cpus * ZONES * PCP_BYTES);
  mms = kfreepcps + <usize>(cpus * KFREEPCP_BYTES);
  tableCallbacks = <u32>(mms + <usize>(config(Config.MMS) * MM_PAGES_BYTES));
  tableCallbacksUsed = 0;
  const fixed = <usize>fixedBytes(cpus);
  memory.fill(zones, 0, fixed);
  pcpGeneration = <u32>config(Config.PCP_GENERATION);
  kfreepcp = <u32>config(Config.KFREEPCP);
  const dma32 = zonePages(DMA32);
  const normal = zonePages(NORMAL);
  normalFrame = (dma32 + 1023) & ~1023;
  const maps = zones + fixed;
  const after = maps + <usize>bitmapBytes(dma32);
  zoneInit(zoneAt(DMA32), 0, dma32, minOf(dma32), maps);
  zoneInit(zoneAt(NORMAL), normalFrame, normal, minOf(normal), after);
  reserveFor(zoneAt(DMA32), normal);
  const runs = after + <usize>bitmapBytes(normal);
  const runBytes = runPoolBytes(runsFor(<u64>dma32 + <u64>normal));
  runPoolInit(runs, runBytes);
  const huge = runs + <usize>runBytes;
  const hugeBytes = hugeVmaBytes(hugeVmas());
  hugeVmaInit(huge, hugeBytes);
  chainsInit();
  foliosInit(huge + <usize>hugeBytes, folioBytes(hugeCuts()));
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    for (let id: u32 = 0; id < ZONES; id++) pcpInit(pcpOf(cpu, zoneAt(id)), zoneAt(id), cpus);
  }
}

/** The zone's share of min_free_kbytes. */
function minOf(pages: u32): u32 {
  const all = <u64>zonePages(DMA32) + <u64>zonePages(NORMAL);
  return <u32>((config(Config.MIN_FREE_PAGES) * <u64>pages) / max<u64>(all, 1));
}

/** zone_set_pageset_high_and_batch */
function pcpInit(pcp: Pcp, zone: Zone, cpus: u32): void {
  const fraction = <u32>config(Config.PCP_HIGH_FRACTION);
  pcp.batch = zoneBatch(zone.managed, pcpGeneration == <u32>PcpGeneration.V7_2);
  pcp.highMin = zoneHigh(zone, pcp.batch, cpus, fraction);
  const tuned = fraction == 0 && pcpGeneration != <u32>PcpGeneration.V5_15;
  pcp.highMax = tuned ? zoneHigh(zone, pcp.batch, cpus, MIN_FRACTION) : pcp.highMin;
  pcp.high = pcp.highMin;
}

/** MIN_PERCPU_PAGELIST_HIGH_FRACTION: a tuned list may hold an eighth of the zone. */
const MIN_FRACTION: u32 = 8;
