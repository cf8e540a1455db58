// A litmus test in the engine: built anew for every seed, run, and read out.

import { FreeWay, MmCount, MmSetting } from "../../assembly/abi/mm.ts";
import { GENERATION_NUMBER } from "./generation.ts";
import { MmMemory } from "./memory.ts";
import type { LitmusSpec, LitmusThread } from "./spec.ts";
import { ACCESSES, BREACHES, FREE_WAYS, HAPPENED, MISSING, OPS, TWINS, wordOf } from "./words.ts";

const NO_MM = 0xffff_ffff;
const FREED_BY_NOBODY = 0xffff;
/** VMAs that operations may make beside those that are there at first. */
const VMAS_PER_OP = 6;
const STEPS_MAX = 100_000n;

/** What the lifetime oracle says about one access. Times are steps. */
export interface BreachReport {
  readonly kind: string;
  readonly access: string;
  readonly missing: string;
  /** Who, in which operation, at which page. */
  readonly reader: string;
  readonly operation: string;
  readonly page: bigint;
  /** Which VMA object: its number, the life that the reader had looked up, and the one it met. */
  readonly object: number;
  readonly life_seen: number;
  readonly life_now: number;
  readonly state: string;
  readonly freed_by: string | undefined;
  readonly freed_by_callback: boolean;
  readonly freed_at: number | undefined;
  readonly time: number;
}

export interface LitmusRun {
  readonly seed: bigint;
  /** Words of what happened. */
  readonly happened: readonly string[];
  readonly breaches: readonly BreachReport[];
  readonly counts: BigUint64Array;
}

/** Who took some steps in a row, doing what. */
export interface Turn {
  readonly thread: string;
  readonly operation: string;
  readonly steps: number;
}

const RCU = 255;

const STATES = ["free", "allocated", "attached", "detached", "waiting", "queued"] as const;

function vmaObjects({ mms, threads }: LitmusSpec): number {
  const first = mms.reduce((sum, { vmas }) => sum + vmas.length, 0);
  const ops = threads.reduce((sum, thread) => sum + thread.ops.length, 0);
  const made = threads.reduce(
    (sum, thread) => sum + thread.ops.filter(({ op }) => op === "exec").length * 16,
    0,
  );
  // every fork may copy all there is
  const forks = threads.reduce(
    (sum, thread) => sum + thread.ops.filter(({ op }) => op === "fork").length,
    0,
  );
  return (first + ops * VMAS_PER_OP) * (forks + 1) + made + 64;
}

/** An engine that runs litmus tests, one after the other. */
export class LitmusWorld {
  readonly #memory: MmMemory;

  constructor(module?: WebAssembly.Module) {
    this.#memory = new MmMemory(module);
  }

  /** Runs one schedule. `oracle` false switches the lifetime oracle off. */
  run(spec: LitmusSpec, seed: bigint, oracle = true): LitmusRun {
    this.#writeSettings(spec, seed, oracle);
    this.#memory.build();
    this.#fill(spec);
    this.#memory.exports.run();
    const counts = this.#memory.counts();
    const outcome = counts[MmCount.OUTCOME]!;
    const happened = [...HAPPENED]
      .filter(([, bit]) => ((outcome >> BigInt(bit)) & 1n) === 1n)
      .map(([word]) => word);
    const { exports } = this.#memory;
    const breaches = Array.from({ length: exports.breachesKept() }, (_, index) =>
      this.#breach(spec.threads, index),
    );
    return { seed, happened, breaches, counts };
  }

  /** The schedule of the last run; long ones are cut off. */
  schedule({ threads }: LitmusSpec): Turn[] {
    const turns: { thread: string; operation: string; steps: number }[] = [];
    const trace = this.#memory.trace();
    for (let at = 0; at < trace.length; at += 2) {
      const who = trace[at]!;
      const thread = who === RCU ? "RCU" : (threads[who]?.name ?? `thread ${who}`);
      const operation = who === RCU ? "" : wordOf(OPS, trace[at + 1]!);
      const last = turns.at(-1);
      if (last?.thread === thread && last.operation === operation) last.steps++;
      else turns.push({ thread, operation, steps: 1 });
    }
    return turns;
  }

  #writeSettings(spec: LitmusSpec, seed: bigint, oracle: boolean): void {
    const memory = this.#memory;
    const twins = spec.without.reduce((bits, word) => bits | (TWINS.get(word) ?? 0), 0);
    const ops = spec.threads.reduce((sum, { ops }) => sum + ops.length, 0);
    memory.write(MmSetting.GENERATION, BigInt(GENERATION_NUMBER[spec.generation]));
    memory.write(MmSetting.CPUS, BigInt(spec.cpus));
    memory.write(MmSetting.ACTORS, BigInt(spec.threads.length));
    memory.write(MmSetting.MMS, BigInt(spec.mms.length));
    memory.write(MmSetting.VMAS, BigInt(vmaObjects(spec)));
    memory.write(MmSetting.OPS, BigInt(ops));
    memory.write(MmSetting.SEED, seed);
    memory.write(MmSetting.TWINS, BigInt(twins));
    memory.write(MmSetting.MUNMAP_FREE, BigInt(FREE_WAYS.get(spec.munmap) ?? FreeWay.DIRECT));
    memory.write(MmSetting.EXIT_FREE, BigInt(FREE_WAYS.get(spec.exit) ?? FreeWay.DIRECT));
    memory.write(MmSetting.LIST_MAX, BigInt(spec.list_max));
    memory.write(MmSetting.MAX_MAP_COUNT, BigInt(spec.max_map_count));
    memory.write(MmSetting.SEQ_BITS, BigInt(spec.seq_bits));
    memory.write(MmSetting.ORACLE, oracle ? 1n : 0n);
    memory.write(MmSetting.MEMORY_PAGES, BigInt(spec.memory_pages));
    memory.write(MmSetting.OBJECTS_PER_SLAB, BigInt(spec.objects_per_slab));
    memory.write(MmSetting.STEPS_MAX, STEPS_MAX);
  }

  #fill({ mms, threads }: LitmusSpec): void {
    const { exports } = this.#memory;
    const numbers = new Map(
      mms.map(({ name, later, heap }) => [name, exports.addMm(later ? 0 : 1, BigInt(heap))]),
    );
    const numberOf = (name: string | undefined): number =>
      name === undefined ? NO_MM : (numbers.get(name) ?? NO_MM);
    for (const { name, vmas } of mms) {
      for (const { start, pages, protection, touched } of vmas) {
        exports.addVma(numberOf(name), BigInt(start), BigInt(pages), protection, touched);
      }
    }
    for (const { mm, born, ops } of threads) {
      const actor = exports.addActor(numberOf(mm), born === true ? 1 : 0);
      for (const { op, mm: named, x, y, z } of ops) {
        const first = named === undefined ? x : BigInt(numberOf(named));
        exports.addOp(actor, OPS.get(op) ?? 0, first, y, z, named === undefined ? 0 : 1);
      }
    }
  }

  #breach(threads: readonly LitmusThread[], index: number): BreachReport {
    const at = this.#memory.breach(index);
    const u16 = (offset: number): number => at.getUint16(offset, true);
    const freer = u16(6);
    const thread = (id: number): string => threads[id]?.name ?? `thread ${id}`;
    const freed = freer !== FREED_BY_NOBODY;
    return {
      kind: wordOf(BREACHES, at.getUint8(0)),
      access: wordOf(ACCESSES, at.getUint8(1)),
      missing: wordOf(MISSING, at.getUint8(2)),
      operation: wordOf(OPS, at.getUint8(3)),
      reader: thread(u16(4)),
      object: at.getUint32(8, true),
      life_seen: u16(12),
      life_now: u16(14),
      page: at.getBigUint64(16, true),
      freed_at: freed ? Number(at.getBigUint64(24, true)) : undefined,
      time: Number(at.getBigUint64(32, true)),
      state: STATES[at.getUint8(40)] ?? "unknown",
      freed_by: freed ? thread(freer) : undefined,
      freed_by_callback: at.getUint8(41) !== 0,
    };
  }
}
