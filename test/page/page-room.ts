// The page room's exports, and machines of a given memory.

import { Config } from "../../assembly/abi/config.ts";
import { Kfreepcp, PcpGeneration } from "../../assembly/abi/page.ts";
import { type MachineRoom, machineRoom } from "../engine/rooms.ts";
import { spec } from "../engine/spec.ts";

export interface PageRoom extends MachineRoom {
  loadVmas(count: number): number;
  begin(): void;
  run(events: number): number;
  workloadMetricsAddress(): number;
  putHead(list: number, low: number, length: number, down: boolean): void;
  putTail(list: number, low: number, length: number, down: boolean): void;
  takeOne(list: number, head: boolean): number;
  takeMany(list: number, most: number, head: boolean): number;
  lastLow(): number;
  lastDown(): number;
  listCount(list: number): number;
  runs(): number;
  cutHugePage(cpu: number, huge: number): number;
  unmapPart(cpu: number, folio: number, count: number, huge: number): void;
  takeApart(cpu: number, most: number, mapped: number): number;
  queuedFolios(): number;
  toScan(freeable: bigint, deferred: bigint, priority: bigint): bigint;
  allocate(cpu: number, migrate: number, pages: number, list: number): number;
  freeFrom(cpu: number, migrate: number, pages: number, list: number): number;
  takeOrder(zone: number, order: number): number;
  freeOrder(cpu: number, migrate: number, order: number, frame: number): void;
  bulk(cpu: number, zone: number, pages: number, list: number): number;
  decay(cpu: number, zone: number): number;
  drainLists(): number;
  dropKeptSlabs(cpu: number): void;
  managedIn(zone: number): number;
  listLengthOf(cpu: number, zone: number, list: number): number;
  pcpField(cpu: number, zone: number, field: number): number;
  setPcpField(cpu: number, zone: number, field: number, value: number): void;
  setZoneFlags(zone: number, flags: number): void;
  freepcpFlag(cpu: number): number;
  freepcpSet(last: number): void;
  freepcpRound(owner: number): number;
  freeIn(zone: number): number;
  blocksIn(zone: number, order: number): number;
  whole(zone: number): number;
  stat(which: number): bigint;
}

/** Fields of a per-CPU list's record (assembly/page/pcp.ts), by number. */
export const PCP = {
  count: 0,
  high: 1,
  highMin: 2,
  highMax: 3,
  batch: 4,
  freeFactor: 5,
  freeCount: 6,
  allocFactor: 7,
} as const;

export const NORMAL = 1;
export const MOVABLE = 1;

export interface Memory {
  readonly generation?: PcpGeneration;
  readonly normal_pages?: number;
  readonly dma32_pages?: number;
  readonly min_free_pages?: number;
  readonly high_fraction?: number;
  readonly cpus?: number;
  readonly kfreepcp?: Kfreepcp;
  /** Huge pages that can be cut. */
  readonly huge_cuts?: number;
}

/** A machine with page frames and nothing else; `list` is memory for lists of the test's own. */
export function pages(memory: Memory = {}): { room: PageRoom; list: number } {
  const slots = {
    [Config.MMS]: 1,
    [Config.ZONE_DMA32_PAGES]: memory.dma32_pages ?? 0,
    [Config.ZONE_NORMAL_PAGES]: memory.normal_pages ?? 2 ** 18,
    [Config.MIN_FREE_PAGES]: memory.min_free_pages ?? 0,
    [Config.PCP_GENERATION]: memory.generation ?? PcpGeneration.V6_12,
    [Config.PCP_HIGH_FRACTION]: memory.high_fraction ?? 0,
    [Config.KFREEPCP]: memory.kfreepcp ?? Kfreepcp.INLINE,
    [Config.HUGE_VMAS]: memory.huge_cuts === undefined ? 0 : 1,
    [Config.MUNMAP_SPLITS]: memory.huge_cuts ?? 0,
  };
  const wanted = spec({ machine: { cpus: memory.cpus ?? 1 } });
  const { room, spare } = machineRoom<PageRoom>("page", wanted, slots);
  return { room, list: spare };
}
