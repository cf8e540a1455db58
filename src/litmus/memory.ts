// One instance of the module of address spaces under load. The only file that knows its exports.

import { MmCount, type MmSetting } from "../../assembly/abi/mm.ts";
import { embeddedBytes, instantiate } from "../embedded.ts";
import { LimitError } from "../errors.ts";
import { mmWasm } from "../generated/mm.wasm.ts";

/** What the module exports, as far as worlds need it. */
export interface MmExports {
  readonly memory: WebAssembly.Memory;
  settingsAddress(): number;
  countsAddress(): number;
  bytesWanted(): bigint;
  build(): number;
  addMm(born: number, heap: bigint): number;
  addVma(mm: number, start: bigint, pages: bigint, protection: number, touched: number): number;
  addActor(mm: number, waits: number): number;
  addOp(actor: number, op: number, x: bigint, y: bigint, z: bigint, names_mm: number): void;
  run(): void;
  breachesKept(): number;
  breachAt(index: number): number;
  tracedSteps(): number;
  traceAddress(): number;
}

let compiled: WebAssembly.Module | undefined;

/** The embedded module, compiled when first wanted. */
function mmModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(embeddedBytes(mmWasm));
  return compiled;
}

/** Settings in, worlds built by calls, counters and breaches out. */
export class MmMemory {
  readonly exports: MmExports;

  constructor(module: WebAssembly.Module = mmModule()) {
    this.exports = instantiate<MmExports>(module);
  }

  write(setting: MmSetting, value: bigint): void {
    const words = new BigUint64Array(this.exports.memory.buffer, this.exports.settingsAddress());
    words[setting] = BigInt.asUintN(64, value);
  }

  /** An empty world with the settings as written. Throws LimitError when it does not fit. */
  build(): void {
    if (this.exports.build() !== 0) return;
    throw new LimitError({
      problem: "the host refused the memory that the world needs",
      needed: Number(this.exports.bytesWanted()),
      available: this.exports.memory.buffer.byteLength,
      unit: "bytes",
    });
  }

  counts(): BigUint64Array {
    const { memory, countsAddress } = this.exports;
    return new BigUint64Array(memory.buffer, countsAddress(), MmCount.COUNT).slice();
  }

  /** Who took the steps of the last run, and in which operation. */
  trace(): Uint8Array {
    const { memory, traceAddress, tracedSteps } = this.exports;
    return new Uint8Array(memory.buffer, traceAddress(), 2 * tracedSteps()).slice();
  }

  breach(index: number): DataView {
    return new DataView(this.exports.memory.buffer, this.exports.breachAt(index), 48);
  }
}
