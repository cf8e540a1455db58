// The settings of a world, read once into plain variables, and its counters.

import { FreeWay, Happened, MmCount, MmGeneration, MmSetting } from "../abi/mm";

export const SETTINGS: usize = memory.data(<i32>MmSetting.COUNT * 8, 16);
export const COUNTS: usize = memory.data(<i32>MmCount.COUNT * 8, 16);

export let generation: u32 = 0;
export let twins: u32 = 0;
export let munmapFree: u32 = 0;
export let exitFree: u32 = 0;
export let listMax: u32 = 0;
export let listInterval: u64 = 0;
export let listTimer: bool = false;
export let maxMapCount: u32 = 0;
/** Sequence numbers count within this mask. */
export let seqMask: u32 = 0;
export let oracleOn: bool = false;
export let worldCpus: u32 = 1;

@inline
export function setting(slot: i32): u64 {
  return load<u64>(SETTINGS + (<usize>slot << 3));
}

export function settingsInit(): void {
  generation = <u32>setting(MmSetting.GENERATION);
  twins = <u32>setting(MmSetting.TWINS);
  munmapFree = <u32>setting(MmSetting.MUNMAP_FREE);
  exitFree = <u32>setting(MmSetting.EXIT_FREE);
  listMax = <u32>setting(MmSetting.LIST_MAX);
  listInterval = setting(MmSetting.LIST_INTERVAL);
  listTimer = setting(MmSetting.LIST_TIMER) != 0;
  maxMapCount = <u32>setting(MmSetting.MAX_MAP_COUNT);
  oracleOn = setting(MmSetting.ORACLE) != 0;
  worldCpus = <u32>setting(MmSetting.CPUS);
  const bits = <u32>setting(MmSetting.SEQ_BITS);
  assert(bits >= 1 && bits <= 32); // sequence numbers are words
  seqMask = bits == 32 ? u32.MAX_VALUE : (1 << bits) - 1;
  assert(generation <= <u32>MmGeneration.V7_2); // the host writes only known ones
  assert(munmapFree <= <u32>FreeWay.BULK && exitFree <= <u32>FreeWay.BULK);
  memory.fill(COUNTS, 0, <usize>MmCount.COUNT * 8);
}

/** Is this rule left out? */
@inline
export function without(twin: u32): bool {
  return (twins & twin) != 0;
}

@inline
export function count(slot: i32): u64 {
  return load<u64>(COUNTS + (<usize>slot << 3));
}

@inline
export function add(slot: i32, value: u64): void {
  const at = COUNTS + (<usize>slot << 3);
  store<u64>(at, load<u64>(at) + value);
}

@inline
export function raise(slot: i32, value: u64): void {
  const at = COUNTS + (<usize>slot << 3);
  if (value > load<u64>(at)) store<u64>(at, value);
}

/** Keeps the lowest value but 0. */
export function lower(slot: i32, value: u64): void {
  const at = COUNTS + (<usize>slot << 3);
  const before = load<u64>(at);
  if (before == 0 || value < before) store<u64>(at, value);
}

/** Notes that something happened in this run. */
@inline
export function happened(what: Happened): void {
  const at = COUNTS + (<usize>MmCount.OUTCOME << 3);
  store<u64>(at, load<u64>(at) | ((<u64>1) << (<u64>what)));
}
