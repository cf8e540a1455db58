// Building the address space before the clock starts: VMAs come from the host in ascending order.

import { Config } from "../abi/config";
import { Metric, Region } from "../abi/metric";
import { VmaFlag } from "../abi/vma";
import { config, metric, setMetric } from "../memory/slots";
import { regionBase } from "../memory/map";
import { treeAppend, treeInit } from "../index/tree";
import { slabAlloc } from "../slab/slab";
import { MM_TREE, theMm } from "./mm";
import { changeState, vmaAt, VmaState } from "./record";

/** Bytes of a staged VMA: first page and pages as two words each, flags. */
export const STAGED_BYTES: u32 = 20;

/** `engineLoad` answers: all right, ranges not ascending, or more VMAs than planned. */
export const LOAD_OK: i32 = 0;
export const LOAD_NOT_ASCENDING: i32 = 1;
export const LOAD_TOO_MANY: i32 = 2;

let lastPage: u64 = 0;
let loaded: u32 = 0;

export function loadInit(): void {
  treeInit(MM_TREE, regionBase(Region.INDEX), 0, false); // exit_mmap leaves RCU mode anyway
  lastPage = 0;
  loaded = 0;
}

/** Takes `count` VMAs from the staging area. */
export function loadStaged(count: u32): i32 {
  let at = regionBase(Region.STAGING);
  for (let i: u32 = 0; i < count; i++, at += STAGED_BYTES) {
    const first = load<u64>(at);
    const pages = load<u64>(at, 8);
    if (pages == 0 || (loaded > 0 && first <= lastPage)) return LOAD_NOT_ASCENDING;
    if (!attachVma(first, pages, load<u32>(at, 16))) return LOAD_TOO_MANY;
    lastPage = first + pages - 1;
  }
  setMetric(Metric.PROGRESS, <u64>loaded);
  return LOAD_OK;
}

function attachVma(first: u64, pages: u64, flags: u32): bool {
  if (<u64>loaded == config(Config.VMAS)) return false;
  const cpu = <u32>config(Config.EXIT_CPU);
  const address = slabAlloc(regionBase(Region.VMA_CACHE), cpu);
  const lock = slabAlloc(regionBase(Region.LOCK_CACHE), cpu);
  if (address == 0 || lock == 0) return false;
  const vma = vmaAt(address);
  vma.lock = lock;
  vma.startLo = <u32>first;
  vma.startHi = <u16>(first >> 32);
  vma.lengthLo = <u32>pages;
  vma.lengthHi = <u16>(pages >> 32);
  vma.flags = <u16>flags;
  vma.group = 0;
  vma.life++;
  changeState(vma, VmaState.FREE, VmaState.ATTACHED);
  if (treeAppend(MM_TREE, first, first + pages - 1, address) != 0) return false;
  const mm = theMm();
  mm.mapCount++;
  if ((flags & <u32>VmaFlag.ACCOUNT) != 0) mm.chargedPages += pages;
  loaded++;
  setMetric(Metric.N_VMA, metric(Metric.N_VMA) + 1);
  return true;
}
