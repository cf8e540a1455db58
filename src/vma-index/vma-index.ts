// The VMA index as a library: an ordered map from ranges of byte addresses to numbers.

import { InputError } from "../errors.ts";
import type { Address } from "./addresses.ts";
import { addressOf, checkValue, pageBorder, pageCount, pageOf, pageRange } from "./addresses.ts";
import type { PageColumn } from "./columns.ts";
import { BatchWriter } from "./columns.ts";
import { EBUSY, EEXIST, ENOMEM, LAST_PAGE } from "./exports.ts";
import { compileIndexModule, IndexMemory, indexModule, NODES_MAX } from "./index-memory.ts";
import { layoutOf, pictureOf } from "./picture.ts";
import { PROBLEMS } from "./problems.ts";

/** A range of addresses and its value; `end` is the first byte behind it. */
export interface VmaRange {
  readonly start: bigint;
  readonly end: bigint;
  readonly value: number;
}

export interface VmaIndexOptions {
  /** Whose rules decide on the shape of the tree; answers never differ. Default "7.2". */
  readonly kernel?: "6.12" | "7.2";
  /** RCU mode: writes replace nodes instead of changing them. Default false. */
  readonly rcu?: boolean;
  /** Keep replaced nodes until `reclaim()`, as a grace period would. Default false. */
  readonly keep_replaced?: boolean;
  /** Most nodes (128 bytes) the index may grow to; default is what 4 GiB hold. */
  readonly max_nodes?: number;
}

export interface VmaIndexStats {
  readonly entries: number;
  readonly height: number;
  readonly nodes: number;
  readonly leaves: number;
  /** Items handed to RCU so far: replaced nodes, or whole subtrees. */
  readonly deferred: number;
  /** Bytes of the tree's nodes here. */
  readonly node_bytes: number;
  /** Bytes the kernel's nodes of this tree take. */
  readonly kernel_node_bytes: number;
}

/** Where `freeArea` looks. */
export interface FreeAreaOptions {
  /** Lowest address, default 0. */
  readonly low?: Address;
  /** First address behind the window, default 2^64. */
  readonly high?: Address;
  /** Power of two times the page size, default one page. */
  readonly align?: Address;
  /** Lowest place first (default) or highest. */
  readonly from?: "bottom" | "top";
}

const NODE_BYTES = 128;
const KERNEL_NODE_BYTES = 256;
const ITERATOR_ENTRIES = 256;

/** An option that is one of some words, or left out. Throws InputError. */
function oneOf(name: string, value: string | undefined, words: readonly string[]): void {
  if (value === undefined || words.includes(value)) return;
  const expected = words.map((word) => `"${word}"`).join(" or ");
  throw new InputError({ problem: `bad ${name}`, found: JSON.stringify(value), expected });
}

/**
 * Ranges of addresses in the kernel's maple tree. Everything is exact up to 2^64. Methods throw InputError where an
 * argument is none; those that write throw LimitError as well, where the tree would outgrow `max_nodes` or 4 GiB;
 * all throw Error after `dispose()`.
 */
export class VmaIndex implements Iterable<VmaRange> {
  readonly #memory: IndexMemory;
  readonly #options: VmaIndexOptions;
  #tree: number;

  /** Compiles the module if no one has yet; `create` does that without blocking. Throws InputError. */
  constructor(options?: VmaIndexOptions);
  /** @internal A fork: it lives in the memory of what it was made from. */
  constructor(options: VmaIndexOptions, memory: IndexMemory);
  constructor(options: VmaIndexOptions = {}, memory?: IndexMemory) {
    oneOf("kernel", options.kernel, ["6.12", "7.2"]);
    const max_nodes = options.max_nodes ?? NODES_MAX;
    if (!Number.isInteger(max_nodes) || max_nodes < 1 || max_nodes > NODES_MAX) {
      throw new InputError({
        problem: "bad max_nodes",
        found: String(max_nodes),
        expected: `an integer from 1 to ${NODES_MAX}`,
      });
    }
    this.#options = options;
    this.#memory = memory ?? new IndexMemory(max_nodes, indexModule());
    this.#tree = this.#memory.takeTree();
    const generation = options.kernel === "6.12" ? 0 : 1;
    this.#wasm.treeInit(this.#tree, this.#memory.pool, generation, options.rcu ? 1 : 0);
    this.#wasm.treeSetReclaimAtOnce(this.#tree, options.keep_replaced ? 0 : 1);
  }

  /** A new empty index; compiles the module in the background the first time. Rejects with InputError. */
  static async create(options: VmaIndexOptions = {}): Promise<VmaIndex> {
    await compileIndexModule();
    return new VmaIndex(options);
  }

  get #wasm() {
    return this.#memory.wasm;
  }

  /** Address of the tree record; throws after dispose(). */
  get #live(): number {
    if (this.#tree === 0) throw new Error("this index was disposed");
    return this.#tree;
  }

  /** Runs a write again with more memory when the pool is exhausted: it then changed nothing. */
  #write(run: () => number): number {
    let result = run();
    while (result === ENOMEM) {
      this.#memory.grow();
      result = run();
    }
    return result;
  }

  /** Stores a value over start..end (end exclusive), whatever was there. Throws InputError or LimitError. */
  store(start: Address, end: Address, value: number): void {
    const { first, last } = pageRange(start, end);
    checkValue(value, false);
    this.#write(() => this.#wasm.treeStore(this.#live, first, last, value));
  }

  /**
   * Stores a value over start..end if all of it is empty; says whether it did. Throws InputError or
   * LimitError.
   */
  insert(start: Address, end: Address, value: number): boolean {
    const { first, last } = pageRange(start, end);
    checkValue(value, false);
    const run = () => this.#wasm.treeInsert(this.#live, first, last, value);
    return this.#write(run) !== EEXIST;
  }

  /**
   * Empties start..end; ranges that reach beyond it keep their other part. Throws InputError or
   * LimitError.
   */
  clear(start: Address, end: Address): void {
    const { first, last } = pageRange(start, end);
    this.#write(() => this.#wasm.treeStore(this.#live, first, last, 0));
  }

  /**
   * Empties the whole range that holds an address. Returns its value, 0 if there was none. Throws
   * InputError or LimitError.
   */
  erase(address: Address): number {
    const page = pageOf(address, "address");
    const wasm = this.#wasm;
    const value = wasm.treeLoad(this.#live, page) >>> 0;
    if (value === 0) return 0;
    this.#write(() => (wasm.treeErase(this.#live, page) === 0 ? ENOMEM : 0));
    return value;
  }

  /** Value at an address, 0 where nothing is. Throws InputError. */
  get(address: Address): number {
    return this.#wasm.treeLoad(this.#live, pageOf(address, "address")) >>> 0;
  }

  /** The range that holds an address, else the next one that starts below `limit`. Throws InputError. */
  find(address: Address, limit?: Address): VmaRange | undefined {
    const page = pageOf(address, "address");
    const last = limit === undefined ? LAST_PAGE : pageBorder(limit, "limit", true) - 1n;
    const found = this.#wasm.treeFind(this.#live, this.#memory.cursor, page, last);
    return found === 0 ? undefined : this.#current(found);
  }

  /** The range that holds an address, else the nearest below that ends above `limit`. Throws InputError. */
  findBelow(address: Address, limit: Address = 0n): VmaRange | undefined {
    const page = pageOf(address, "address");
    const lowest = pageBorder(limit, "limit", false);
    const found = this.#wasm.treePrev(this.#live, this.#memory.cursor, page, lowest);
    return found === 0 ? undefined : this.#current(found);
  }

  #current(value: number): VmaRange {
    const cursor = this.#memory.cursor;
    const start = addressOf(this.#wasm.cursorFirst(cursor));
    return { start, end: addressOf(this.#wasm.cursorLast(cursor) + 1n), value: value >>> 0 };
  }

  /** Start of `bytes` empty bytes within a window, or undefined. Throws InputError. */
  freeArea(bytes: Address, options: FreeAreaOptions = {}): bigint | undefined {
    const pages = pageCount(bytes, "size");
    const low = pageBorder(options.low ?? 0n, "low", false);
    const high = pageBorder(options.high ?? 1n << 64n, "high", true) - 1n;
    const align = pageCount(options.align ?? 4096n, "align");
    if ((align & (align - 1n)) !== 0n) {
      const found = String(options.align);
      throw new InputError({ problem: "bad align", found, expected: "a power of two" });
    }
    const wasm = this.#wasm;
    oneOf("from", options.from, ["bottom", "top"]);
    const search = options.from === "top" ? wasm.treeEmptyAreaRev : wasm.treeEmptyArea;
    const page = high < low ? BigInt(EBUSY) : search(this.#live, low, high, pages, align);
    return page < 0n ? undefined : addressOf(page);
  }

  /**
   * Ranges in ascending order that end above `from`. The index may change in between. Throws InputError
   * when the first is asked for.
   */
  *entries(from: Address = 0n): IterableIterator<VmaRange> {
    const memory = this.#memory;
    let page = pageOf(from, "from");
    for (;;) {
      this.#wasm.cursorInit(memory.cursor, this.#live, page);
      const chunk = this.#readForward();
      yield* chunk;
      const last = chunk.at(-1);
      if (last === undefined || chunk.length < ITERATOR_ENTRIES) return;
      if (last.end > addressOf(LAST_PAGE)) return;
      page = last.end >> 12n;
    }
  }

  #readForward(): VmaRange[] {
    const { cursor, column_a, column_b, column_c } = this.#memory;
    const count = this.#wasm.cursorNextBatch(
      cursor,
      column_a,
      column_b,
      column_c,
      ITERATOR_ENTRIES,
    );
    const firsts = this.#memory.pages(column_a, count);
    const lasts = this.#memory.pages(column_b, count);
    const values = this.#memory.words(column_c, count);
    return Array.from(values, (value, i) => ({
      start: addressOf(firsts[i]!),
      end: addressOf(lasts[i]! + 1n),
      value,
    }));
  }

  /**
   * Ranges in descending order that start at or below `from`. The index may change in between. Throws
   * InputError when the first is asked for.
   */
  *entriesReversed(from: Address = (1n << 64n) - 1n): IterableIterator<VmaRange> {
    let address = BigInt(from);
    for (;;) {
      const range = this.findBelow(address);
      if (range === undefined) return;
      yield range;
      if (range.start === 0n) return;
      address = range.start - 1n;
    }
  }

  [Symbol.iterator](): IterableIterator<VmaRange> {
    return this.entries();
  }

  /**
   * Stores many ranges: first pages, page counts and values (from 1) as columns of equal length. Throws
   * InputError with the index of the first that is none, or LimitError; some of those before are stored
   * then.
   */
  storePages(first: PageColumn, count: PageColumn, values: Uint32Array): void {
    new BatchWriter(this.#memory, this.#live).ranges("treeStoreBatch", first, count, values);
  }

  /**
   * The same for ranges in ascending order behind all others: the fast way to build. Throws InputError as
   * well for one that does not begin behind the last.
   */
  appendPages(first: PageColumn, count: PageColumn, values: Uint32Array): void {
    new BatchWriter(this.#memory, this.#live).ranges("treeAppendBatch", first, count, values);
  }

  /**
   * Values of many pages, 0 where nothing is. Independent look-ups run four at a time. Throws InputError
   * with the index of the first that is no page.
   */
  getPages(pages: PageColumn): Uint32Array {
    return new BatchWriter(this.#memory, this.#live).load(pages);
  }

  /**
   * Erases the ranges that hold many pages; gives their values, 0 where there was none. Throws InputError
   * with the index of the first that is no page, or LimitError.
   */
  erasePages(pages: PageColumn): Uint32Array {
    return new BatchWriter(this.#memory, this.#live).erase(pages);
  }

  /**
   * A copy that shares the memory, as fork makes one. At most 256 trees share a memory, and the garbage
   * collector gives none back: call `dispose()` of a copy that is done with. Throws LimitError for one more.
   */
  fork(): VmaIndex {
    const copy = new VmaIndex(this.#options, this.#memory);
    this.#write(() => this.#wasm.treeDup(copy.#live, this.#live));
    return copy;
  }

  /** Takes everything out. In RCU mode all nodes become one deferred item. */
  destroy(): void {
    this.#wasm.treeDestroy(this.#live);
  }

  /** Gives replaced nodes that were kept back to the pool, as after a grace period. */
  reclaim(): number {
    return this.#wasm.treeReclaim(this.#live);
  }

  stats(): VmaIndexStats {
    const wasm = this.#wasm;
    const tree = this.#live;
    const nodes = wasm.treeNodes(tree);
    return {
      entries: wasm.treeEntries(tree),
      height: wasm.treeHeight(tree),
      nodes,
      leaves: wasm.treeLeaves(tree),
      deferred: Number(wasm.treeDeferred(tree)),
      node_bytes: nodes * NODE_BYTES,
      kernel_node_bytes: nodes * KERNEL_NODE_BYTES,
    };
  }

  /** Checks every rule of the tree's shape; throws the first that is broken. */
  validate(): void {
    const problem = this.#wasm.treeValidate(this.#live, this.#memory.audit);
    if (problem !== 0) throw new Error(`the tree is damaged: ${PROBLEMS[problem]}\n${this}`);
  }

  /** The tree drawn node by node, in pages. */
  toString(): string {
    return pictureOf(layoutOf(this.#memory.wasm, this.#live));
  }

  /** Gives the nodes back to the memory that forks share, and its place there. The index cannot be used afterwards. */
  dispose(): void {
    if (this.#tree === 0) return;
    this.#wasm.treeSetRcu(this.#tree, 0);
    this.#wasm.treeDestroy(this.#tree);
    this.#wasm.treeReclaim(this.#tree);
    this.#memory.returnTree(this.#tree);
    this.#tree = 0;
  }
}
