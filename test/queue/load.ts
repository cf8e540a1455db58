// Loads one room's wasm alone. A trap becomes an error that names file and line of the assert.

import { readFileSync } from "node:fs";

export const TARGETS = ["release", "debug"] as const;
export type Target = (typeof TARGETS)[number];

function text(memory: WebAssembly.Memory, pointer: number): string {
  const bytes = new DataView(memory.buffer);
  const length = bytes.getUint32(pointer - 4, true);
  return new TextDecoder("utf-16le").decode(new Uint8Array(memory.buffer, pointer, length));
}

/** Instantiates build/<room>.<target>.wasm with at least `pages` wasm pages. */
export function loadRoom<Exports>(room: string, target: Target, pages: number): Exports {
  const module = new WebAssembly.Module(readFileSync(`build/${room}.${target}.wasm`));
  const instance = new WebAssembly.Instance(module, {
    env: {
      abort(_message: number, file: number, line: number, column: number): never {
        const memory = instance.exports.memory as WebAssembly.Memory;
        throw new Error(`assert failed at ${text(memory, file >>> 0)}:${line}:${column}`);
      },
    },
  });
  const memory = instance.exports.memory as WebAssembly.Memory;
  const missing = pages - memory.buffer.byteLength / 65536;
  if (missing > 0) memory.grow(missing);
  return instance.exports as Exports;
}

/**
 * Options of a property: a failure prints its seed and path; FC_SEED and FC_PATH run exactly that
 * case again, FC_RUNS changes the number of cases.
 */
export function propertyOptions(runs: number): {
  numRuns: number;
  seed?: number;
  path?: string;
} {
  const { FC_SEED, FC_PATH, FC_RUNS } = process.env;
  return {
    numRuns: FC_RUNS === undefined ? runs : Number(FC_RUNS),
    ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
    ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
  };
}
