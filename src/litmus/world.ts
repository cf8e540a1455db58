// A litmus test in the engine: built anew for every seed, run, and read out.

import { FreeWay, MmCount, MmSetting, Op } from "../../assembly/abi/mm.ts";
import { type BreachReport, fillWorld, happenedWords, readBreach, vmaObjects } from "./fill.ts";
import { GENERATION_NUMBER } from "./generation.ts";
import { MmMemory } from "./memory.ts";
import type { LitmusSpec } from "./spec.ts";
import { FREE_WAYS, OPS, TWINS, wordOf } from "./words.ts";

export type { BreachReport } from "./fill.ts";

const STEPS_MAX = 100_000n;

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
    fillWorld(this.#memory.exports, spec);
    this.#memory.exports.run();
    const counts = this.#memory.counts();
    const outcome = counts[MmCount.OUTCOME]!;
    const happened = happenedWords(outcome);
    const { exports } = this.#memory;
    const breaches = Array.from({ length: exports.breachesKept() }, (_, index) =>
      readBreach(this.#memory.breach(index), spec.threads),
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
      const op = trace[at + 1]!;
      const operation = who === RCU ? "" : op === Op.NONE ? "ends" : wordOf(OPS, op);
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
}
