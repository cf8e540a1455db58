// The only file that knows how the engine's linear memory is spoken to: instantiation, the tables of
// u64 slots, and the staging area. Everything crosses as numbers and byte regions.

import { type ASUtil, instantiateSync } from "@assemblyscript/loader";
import { Config } from "../../assembly/abi/config.ts";
import { CostSlot } from "../../assembly/abi/cost.ts";
import { Metric } from "../../assembly/abi/metric.ts";
import { embeddedBytes } from "../embedded.ts";
import { engineWasm } from "../generated/engine.wasm.ts";
import type { VmaColumns } from "../input/address-space.ts";
import { giveBackMemory, takeMemory } from "./linear-memory.ts";

interface EngineExports extends Record<string, unknown> {
  memory: WebAssembly.Memory;
  abiSlots(): number;
  configAddress(): number;
  costsAddress(): number;
  metricsAddress(): number;
  workloadMetricsAddress(): number;
  loadConfigAddress(): number;
  loadMetricsAddress(): number;
  regionBytesAddress(): number;
  regionBaseAddress(): number;
  outgrownRegion(): number;
  stallsAddress(): number;
  stagingAddress(): number;
  stagingVmas(): number;
  plan(): void;
  init(): number;
  loadVmas(count: number): number;
  loadMunmapCalls(count: number): number;
  lookUpPages(count: number): number;
  mmCostsAddress(): number;
  mmSettingsAddress(): number;
  addMm(born: number, heap: bigint): number;
  addVma(mm: number, start: bigint, pages: bigint, protection: number, touched: number): number;
  addActor(mm: number, waits: number): number;
  addOp(actor: number, op: number, x: bigint, y: bigint, z: bigint, names_mm: number): void;
  breachesKept(): number;
  breachAt(index: number): number;
  begin(): void;
  run(budget: number): number;
}

/** Words of a staged VMA: first page and pages as low and high words, flags, huge pages. */
const STAGED_WORDS = 6;
/** Words of a staged munmap call: first page and pages. */
const CALL_WORDS = 4;
const WORD = 2 ** 32;
/** More slots than any table has; all tables lie in the first 64 KiB. */
const SLOTS_MAX = 1024;
/** Where the tables end: what an instance writes before `init`. */
const TABLES_BYTES = 65_536;

let compiled: WebAssembly.Module | undefined;

function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(embeddedBytes(engineWasm));
  return compiled;
}

/** One instance of the engine module, with its memory addressed by slots. */
export class EngineMemory {
  readonly #exports: ASUtil & EngineExports;
  #planned_bytes = TABLES_BYTES;
  #written_bytes = TABLES_BYTES;

  /** `module` stands in for the embedded release build, e.g. the debug build under test. */
  constructor(module: WebAssembly.Module = engineModule()) {
    const imports = { env: { memory: takeMemory() } };
    this.#exports = instantiateSync<EngineExports>(module, imports).exports;
    const slots = Config.COUNT | (CostSlot.COUNT << 10) | (Metric.COUNT << 20);
    if (this.#exports.abiSlots() !== slots) {
      throw new Error("the engine module is of another build than this code: build both again");
    }
  }

  writeConfig(slot: number, value: bigint): void {
    this.#slots(this.#exports.configAddress())[slot] = BigInt.asUintN(64, value);
  }

  readConfig(slot: number): bigint {
    return this.#slots(this.#exports.configAddress())[slot]!;
  }

  writeCost(slot: number, ps: bigint): void {
    this.#slots(this.#exports.costsAddress())[slot] = ps;
  }

  metric(slot: number): bigint {
    return this.#slots(this.#exports.metricsAddress())[slot]!;
  }

  /** A slot of the workload's own block, which its enum in assembly/abi/ names. */
  workloadMetric(slot: number): bigint {
    return this.#slots(this.#exports.workloadMetricsAddress())[slot]!;
  }

  /** Words of 64 bits in a region, from its word `from`. */
  regionWords(region: number, from: number, length: number): BigUint64Array {
    const base = Number(this.#slots(this.#exports.regionBaseAddress())[region]!);
    return new BigUint64Array(this.#exports.memory.buffer, base + 8 * from, length);
  }

  /** Words of the rows about stalls, see assembly/abi/stall.ts. */
  stallWords(from: number, length: number): BigUint64Array {
    const base = this.#exports.stallsAddress() >>> 0;
    return new BigUint64Array(this.#exports.memory.buffer, base + 8 * from, length);
  }

  /** Slots of the tables of bystanders, see assembly/abi/load.ts. */
  writeLoad(slot: number, value: bigint): void {
    this.#slots(this.#exports.loadConfigAddress())[slot] = value;
  }

  loadMetric(slot: number): bigint {
    return this.#slots(this.#exports.loadMetricsAddress())[slot]!;
  }

  /** The region that a run which trapped had outgrown, or -1 where it trapped for another reason. */
  outgrownRegion(): number {
    return this.#exports.outgrownRegion();
  }

  /** Computes the regions; answers the bytes of each. */
  plan(regions: number): number[] {
    this.#exports.plan();
    const slots = this.#slots(this.#exports.regionBytesAddress());
    const bytes = Array.from({ length: regions }, (_, region) => Number(slots[region]!));
    this.#planned_bytes = bytes.reduce((sum, size) => sum + size, 0);
    return bytes;
  }

  /** Reserves the memory and builds the machine; false when the host has no such memory. */
  init(): boolean {
    this.#written_bytes = Math.max(TABLES_BYTES, this.#planned_bytes);
    return this.#exports.init() !== 0;
  }

  /** VMAs that `load` takes at most at a time. */
  get staging_vmas(): number {
    return this.#exports.stagingVmas();
  }

  /** Hands over VMAs `from` to `to` of the columns; the answers are those of vma/load.ts. */
  load(
    { start_page, page_count, flags, huge_pages }: VmaColumns,
    from: number,
    to: number,
  ): number {
    const base = this.#exports.stagingAddress() >>> 0;
    const words = new Uint32Array(this.#exports.memory.buffer, base, (to - from) * STAGED_WORDS);
    for (let vma = from, at = 0; vma < to; vma++, at += STAGED_WORDS) {
      const start = start_page[vma]!;
      const pages = page_count[vma]!;
      words[at] = start; // a store to a Uint32Array keeps the low word
      words[at + 1] = Math.floor(start / WORD);
      words[at + 2] = pages;
      words[at + 3] = Math.floor(pages / WORD);
      words[at + 4] = flags[vma]!;
      words[at + 5] = huge_pages?.[vma] ?? 0;
    }
    return this.#exports.loadVmas(to - from);
  }

  /** Hands over the munmap calls `from` to `to` of the columns; the answers are those of `load`. */
  loadCalls(start_page: Float64Array, page_count: Float64Array, from: number, to: number): number {
    const base = this.#exports.stagingAddress() >>> 0;
    const words = new Uint32Array(this.#exports.memory.buffer, base, (to - from) * CALL_WORDS);
    for (let call = from, at = 0; call < to; call++, at += CALL_WORDS) {
      const start = start_page[call]!;
      const pages = page_count[call]!;
      words[at] = start;
      words[at + 1] = Math.floor(start / WORD);
      words[at + 2] = pages;
      words[at + 3] = Math.floor(pages / WORD);
    }
    return this.#exports.loadMunmapCalls(to - from);
  }

  /** How many of the pages lie in a VMA; at most `staging_vmas` pages at a time. */
  lookUp(pages: Float64Array): number {
    const base = this.#exports.stagingAddress() >>> 0;
    const words = new Uint32Array(this.#exports.memory.buffer, base, pages.length * 2);
    pages.forEach((page, index) => {
      words[2 * index] = page;
      words[2 * index + 1] = page / WORD;
    });
    return this.#exports.lookUpPages(pages.length);
  }

  begin(): void {
    this.#exports.begin();
  }

  /** Handles up to `budget` events; answers a RunState. */
  run(budget: number): number {
    return this.#exports.run(budget);
  }

  // The workload mm.

  writeMmSetting(slot: number, value: bigint): void {
    this.#slots(this.#exports.mmSettingsAddress())[slot] = BigInt.asUintN(64, value);
  }

  writeMmCost(slot: number, ps: bigint): void {
    this.#slots(this.#exports.mmCostsAddress())[slot] = ps;
  }

  /** Address spaces, threads and programs, before the run. */
  get mm_builder(): Pick<EngineExports, "addMm" | "addVma" | "addActor" | "addOp"> {
    return this.#exports;
  }

  /** What the lifetime oracle has kept; each of these is read at once. */
  breaches(): DataView[] {
    const { memory, breachAt, breachesKept } = this.#exports;
    return Array.from(
      { length: breachesKept() },
      (_, index) => new DataView(memory.buffer, breachAt(index) >>> 0, 48),
    );
  }

  /** The memory is for the next run from now on: this instance must not be asked for anything more. */
  release(): void {
    giveBackMemory(this.#exports.memory, this.#written_bytes);
  }

  /** Bytes of linear memory reserved now. */
  get reserved_bytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  // The buffer is replaced when the memory grows, so views are made anew: this is not a hot path.
  #slots(address: number): BigUint64Array {
    return new BigUint64Array(this.#exports.memory.buffer, address >>> 0, SLOTS_MAX);
  }
}
