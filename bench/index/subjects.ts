// What is measured: this index with its columns in linear memory, and npm sorted-btree, which
// maps starts to numbers (no range ends, no gaps) and so does strictly less.

import BTreeModule from "sorted-btree";
import type { IndexExports } from "../../src/vma-index/exports.ts";
import { LAST_PAGE } from "../../src/vma-index/exports.ts";
import { indexModule, instantiateIndex } from "../../src/vma-index/index-memory.ts";
import type { Operation } from "./kernel-rows.ts";
import type { Workload } from "./workload.ts";

/** V8 replaces baseline code of wasm between calls only: long loops are cut into slices. */
const SLICE = 8192;
const SOME = 200_000;

/** One operation: `prepare` is not timed, `run` is; `count` operations a run. */
export interface Task {
  readonly operation: Operation;
  readonly count: number;
  prepare(): void;
  run(): void;
}

const PAGE_BYTES = 65_536;
const TREE = PAGE_BYTES;
const CURSOR = TREE + 1024;
const COLUMNS = TREE + 8192;

/** The index over columns that lie in its own memory, as in the engine. */
export class IndexSubject {
  readonly wasm: IndexExports = instantiateIndex(indexModule());
  readonly #n: number;
  readonly #workload: Workload;
  readonly #generation: number;
  readonly #rcu: number;
  readonly #first = COLUMNS;
  readonly #last: number;
  readonly #pages: number;
  readonly #values: number;
  readonly #results: number;
  readonly #pool: number;
  readonly #nodes: number;

  constructor(workload: Workload, kernel: "6.12" | "7.2", rcu: boolean) {
    const n = workload.length;
    this.#n = n;
    this.#workload = workload;
    this.#generation = kernel === "7.2" ? 1 : 0;
    this.#rcu = rcu ? 1 : 0;
    this.#last = this.#first + 8 * n;
    this.#pages = this.#last + 8 * n;
    this.#values = this.#pages + 8 * n;
    this.#results = this.#values + 4 * n + 4096;
    this.#pool = (this.#results + 8 * Math.max(SLICE, n) + 4095) & ~4095;
    this.#nodes = Math.ceil(n / 3) + 4096;
    const bytes = this.#pool + Number(this.wasm.poolBytes(this.#nodes));
    const missing = Math.ceil(bytes / PAGE_BYTES) - this.wasm.memory.buffer.byteLength / PAGE_BYTES;
    if (missing > 0) this.wasm.memory.grow(missing);
    // touch the pool once: no first-touch page faults in any figure
    new Uint8Array(this.wasm.memory.buffer, this.#pool).fill(0);
  }

  #fill(order: (i: number) => number): void {
    const { first, last } = this.#workload;
    const buffer = this.wasm.memory.buffer;
    const put = (words: Uint32Array, i: number, page: number): void => {
      words[2 * i] = page;
      words[2 * i + 1] = page / 2 ** 32;
    };
    const firsts = new Uint32Array(buffer, this.#first, 2 * this.#n);
    const lasts = new Uint32Array(buffer, this.#last, 2 * this.#n);
    const pages = new Uint32Array(buffer, this.#pages, 2 * this.#n);
    const values = new Uint32Array(buffer, this.#values, this.#n);
    for (let i = 0; i < this.#n; i++) {
      const vma = order(i);
      put(firsts, i, first[vma]!);
      put(lasts, i, last[vma]!);
      put(pages, i, Math.floor((first[vma]! + last[vma]!) / 2));
      values[i] = vma + 1;
    }
  }

  #fresh(): void {
    const { wasm } = this;
    wasm.poolInit(this.#pool, this.#nodes);
    wasm.treeInit(TREE, this.#pool, this.#generation, this.#rcu);
    wasm.treeSetReclaimAtOnce(TREE, 1);
  }

  #slices(count: number, run: (from: number, n: number) => number, slice = SLICE): void {
    for (let from = 0; from < count; from += slice) {
      const n = Math.min(slice, count - from);
      if (run(from, n) !== n) throw new Error("an operation failed");
    }
  }

  #store(from: number, n: number): number {
    const { wasm } = this;
    const [first, last] = [this.#first + 8 * from, this.#last + 8 * from];
    return wasm.treeStoreBatch(TREE, first, last, this.#values + 4 * from, n);
  }

  #erase(from: number, n: number): number {
    return this.wasm.treeEraseBatch(TREE, this.#pages + 8 * from, this.#results, n);
  }

  #inOrder = (): void => {
    this.#fill((i) => i);
    this.#fresh();
  };

  #shuffled = (): void => {
    this.#fill((i) => this.#workload.order[i]!);
    this.#fresh();
  };

  #built = (): void => {
    this.#shuffled();
    this.#slices(this.#n, (from, n) => this.#store(from, n));
  };

  bytesPerVma(): number {
    return (this.wasm.treeNodes(TREE) * 128) / this.#n;
  }

  #check(): void {
    const results = new Uint32Array(this.wasm.memory.buffer, this.#results, this.#n);
    const values = new Uint32Array(this.wasm.memory.buffer, this.#values, this.#n);
    if (results.some((value, i) => value !== values[i])) throw new Error("a find went wrong");
  }

  #find(from: number, n: number, four: boolean): number {
    const find = four ? this.wasm.treeLoadInterleaved : this.wasm.treeLoadBatch;
    find(TREE, this.#pages + 8 * from, this.#results + 4 * from, n);
    return n;
  }

  #gap(from: number, n: number, pages: bigint): number {
    const lows = this.#pages + 8 * from;
    this.wasm.treeEmptyAreaBatch(TREE, lows, LAST_PAGE, pages, 1n, this.#results, n);
    return n;
  }

  #iterate(): void {
    this.wasm.cursorInit(CURSOR, TREE, 0n);
    let seen = 0;
    for (let n = SLICE; n === SLICE; seen += n) {
      n = this.wasm.cursorValuesBatch(CURSOR, this.#results, SLICE);
    }
    if (seen !== this.#n) throw new Error(`iterated ${seen} of ${this.#n}`);
  }

  tasks(gaps: boolean): Task[] {
    const all = this.#n;
    const some = Math.min(all, SOME);
    let built = false;
    const once = (): void => {
      if (!built) this.#built();
      built = true;
    };
    const each = (prepare: () => void) => (): void => {
      built = false;
      prepare();
    };
    const task = (operation: Operation, count: number, prepare: () => void, run: () => void) => ({
      ...{ operation, count, prepare, run },
    });
    const sliced =
      (count: number, run: (from: number, n: number) => number, slice?: number) => () =>
        this.#slices(count, run, slice);
    const append = sliced(all, (from, n) => {
      const [first, last] = [this.#first + 8 * from, this.#last + 8 * from];
      return this.wasm.treeAppendBatch(TREE, first, last, this.#values + 4 * from, n);
    });
    const store = sliced(all, (from, n) => this.#store(from, n));
    const destroy = each(() => {
      this.#inOrder();
      store();
    });
    const churn = sliced(
      some,
      (from, n) => Math.min(this.#erase(from, n), this.#store(from, n)),
      64,
    );
    const checked = (): void => {
      once();
      this.#find(0, 1, false);
    };
    const find = (four: boolean) => () => {
      sliced(all, (from, n) => this.#find(from, n, four))();
    };
    const list = [
      task("append", all, each(this.#inOrder), append),
      task("sequential store", all, each(this.#inOrder), store),
      task("destroy", all, destroy, () => void this.wasm.treeDestroy(TREE)),
      task("random store", all, each(this.#shuffled), store),
      task("random find", all, checked, find(false)),
      task("find, 4 interleaved", all, checked, find(true)),
      task("iterate", all, once, () => this.#iterate()),
      task(
        "gap search 16 pages",
        some,
        once,
        sliced(some, (i, n) => this.#gap(i, n, 16n)),
      ),
      task(
        "gap search 1000 pages",
        some,
        once,
        sliced(some, (i, n) => this.#gap(i, n, 1000n)),
      ),
      task("churn pair", some, once, churn),
      task(
        "random erase",
        all,
        each(this.#built),
        sliced(all, (from, n) => this.#erase(from, n)),
      ),
    ];
    return gaps ? list : list.filter(({ operation }) => !operation.startsWith("gap"));
  }

  /** Finds every VMA once and compares; throws when the index is wrong. */
  verify(): void {
    this.#built();
    this.#slices(this.#n, (from, n) => this.#find(from, n, true));
    this.#check();
  }
}

type BTree = InstanceType<typeof import("sorted-btree").default<number, number>>;
// the package is CommonJS: what Node gives as default depends on the loader
const BTreeClass = ((BTreeModule as unknown as { default?: unknown }).default ??
  BTreeModule) as unknown as new () => BTree;

/** npm sorted-btree with the same keys in the same order. */
export function sortedBtreeTasks({ length, first, order }: Workload): Task[] {
  let tree = new BTreeClass();
  let full = false;
  const store = (shuffled: boolean): void => {
    for (let i = 0; i < length; i++) {
      const vma = shuffled ? order[i]! : i;
      tree.set(first[vma]!, vma + 1);
    }
  };
  const empty = (): void => {
    tree = new BTreeClass();
    full = false;
  };
  const once = (): void => {
    if (full) return;
    empty();
    store(true);
    full = true;
  };
  const some = Math.min(length, SOME);
  const erase = (): void => {
    full = false;
    for (let i = 0; i < length; i++) tree.delete(first[order[i]!]!);
  };
  const find = (): void => {
    for (let i = 0; i < length; i++) {
      if (tree.get(first[order[i]!]!) !== order[i]! + 1) throw new Error("a find went wrong");
    }
  };
  const churn = (): void => {
    for (let i = 0; i < some; i++) {
      const vma = order[i]!;
      tree.delete(first[vma]!);
      tree.set(first[vma]!, vma + 1);
    }
  };
  let sum = 0;
  const iterate = (): void => {
    tree.forEachPair((_start: number, value: number) => {
      sum += value;
    });
    if (sum === 0) throw new Error("nothing to iterate");
  };
  return [
    { operation: "sequential store", count: length, prepare: empty, run: () => store(false) },
    { operation: "random store", count: length, prepare: empty, run: () => store(true) },
    { operation: "random find", count: length, prepare: once, run: find },
    { operation: "iterate", count: length, prepare: once, run: iterate },
    { operation: "churn pair", count: some, prepare: once, run: churn },
    { operation: "random erase", count: length, prepare: once, run: erase },
  ];
}
