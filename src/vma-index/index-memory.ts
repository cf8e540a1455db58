// One instance of the index module and the plan of its memory. The only file that knows both.
//
//   0        module's own data
//   64 KiB   tree records, 64 bytes each
//   80 KiB   cursor, audit record
//   96 KiB   columns a, b (u64) and c (u32) of one batch, and column d (u64) for results
//   324 KiB  node pool, to the end of memory: it grows with the trees

import { embeddedBytes, instantiate } from "../embedded.ts";
import { LimitError } from "../errors.ts";
import { indexWasm } from "../generated/index.wasm.ts";
import type { IndexExports } from "./exports.ts";

/** Items of one batch: long enough to hide a call, short enough for V8 to swap in better code. */
export const BATCH_ITEMS = 8192;

const TREES = 65_536;
const TREE_BYTES = 64;
const TREES_MAX = 256;
const CURSOR = TREES + TREE_BYTES * TREES_MAX;
const AUDIT = CURSOR + 1024;
const COLUMN_A = 98_304;
const COLUMN_B = COLUMN_A + 8 * BATCH_ITEMS;
const COLUMN_C = COLUMN_B + 8 * BATCH_ITEMS;
const COLUMN_D = COLUMN_C + 4 * BATCH_ITEMS;
const POOL = COLUMN_D + 8 * BATCH_ITEMS;

const PAGE_BYTES = 65_536;
const WASM_PAGES_MAX = 65_535;
const NODES_FIRST = 1024;
/** Nodes for which 4 GiB have room, the reserve for wide nodes taken off. */
export const NODES_MAX = 33_400_000;

let compiled: WebAssembly.Module | undefined;

/** Compiles the embedded module without blocking; later instances reuse it. */
export async function compileIndexModule(): Promise<WebAssembly.Module> {
  compiled ??= await WebAssembly.compile(embeddedBytes(indexWasm));
  return compiled;
}

/** The embedded module, compiled now if need be. */
export function indexModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(embeddedBytes(indexWasm));
  return compiled;
}

/** Instantiates a build of the index module. */
export function instantiateIndex(module: WebAssembly.Module): IndexExports {
  return instantiate<IndexExports>(module);
}

/** Trees that share one pool of nodes in one linear memory. */
export class IndexMemory {
  readonly wasm: IndexExports;
  readonly pool = POOL;
  readonly cursor = CURSOR;
  readonly audit = AUDIT;
  readonly column_a = COLUMN_A;
  readonly column_b = COLUMN_B;
  readonly column_c = COLUMN_C;
  readonly column_d = COLUMN_D;
  readonly #max_nodes: number;
  readonly #free_trees: number[] = [];
  #nodes = 0;
  #trees = 0;
  #live_trees = 0;

  /** `max_nodes` is the most the pool may grow to; nothing near it is taken at first. */
  constructor(max_nodes: number = NODES_MAX, module: WebAssembly.Module = indexModule()) {
    this.wasm = instantiateIndex(module);
    this.#max_nodes = max_nodes;
    const first = Math.min(NODES_FIRST, max_nodes);
    this.#reserve(first);
    this.wasm.poolInit(POOL, first);
    this.#nodes = first;
  }

  /** Address of a new tree's record. */
  takeTree(): number {
    const tree = this.#free_trees.pop() ?? TREES + TREE_BYTES * this.#trees++;
    if (tree >= CURSOR) {
      this.#trees--;
      throw new LimitError({
        problem: "too many trees share one index memory",
        needed: TREES_MAX + 1,
        available: TREES_MAX,
        unit: "trees",
        hint: "dispose forks that are no longer needed",
      });
    }
    this.#live_trees++;
    return tree;
  }

  returnTree(tree: number): void {
    this.#free_trees.push(tree);
    this.#live_trees--;
  }

  get live_trees(): number {
    return this.#live_trees;
  }

  /** Makes room for more nodes after an operation found none. */
  grow(): void {
    if (this.#nodes >= this.#max_nodes) {
      throw new LimitError({
        problem: "the index is full",
        needed: this.#nodes + 1,
        available: this.#max_nodes,
        unit: "nodes",
        hint: "allow more with max_nodes",
      });
    }
    const wanted = Math.min(this.#max_nodes, this.#nodes * 2);
    this.#reserve(wanted);
    this.wasm.poolExtend(POOL, wanted);
    this.#nodes = wanted;
  }

  #reserve(max_nodes: number): void {
    const bytes = POOL + Number(this.wasm.poolBytes(max_nodes));
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const missing = pages - this.wasm.memory.buffer.byteLength / PAGE_BYTES;
    if (pages > WASM_PAGES_MAX) {
      throw new LimitError({
        problem: "the index does not fit one WebAssembly memory",
        needed: bytes,
        available: WASM_PAGES_MAX * PAGE_BYTES,
        unit: "bytes",
      });
    }
    if (missing > 0) this.wasm.memory.grow(missing);
  }

  /** Words of a column from its start: two per page number, one per value. */
  words(column: number, count: number): Uint32Array {
    return new Uint32Array(this.wasm.memory.buffer, column, count);
  }

  /** Page numbers of a column. */
  pages(column: number, count: number): BigUint64Array {
    return new BigUint64Array(this.wasm.memory.buffer, column, count);
  }
}
