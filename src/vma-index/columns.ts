// Batches: typed arrays in, typed arrays out, a call into the module every BATCH_ITEMS items.

import { InputError } from "../errors.ts";
import { LAST_PAGE } from "./exports.ts";
import { BATCH_ITEMS, type IndexMemory } from "./index-memory.ts";

/** Page numbers (address / 4096): exact integers below 2^52. */
export type PageColumn = Float64Array | BigUint64Array;

const WORD = 4_294_967_296;
const PAGES_END = 2 ** 52;

function badPage(found: number | bigint, i: number): never {
  throw new InputError({
    problem: `bad page number at index ${i}`,
    found: String(found),
    expected: "an integer from 0 to 2^52 - 1",
  });
}

function badCount(found: number | bigint, i: number): never {
  throw new InputError({
    problem: `bad page count at index ${i}`,
    found: String(found),
    expected: "an integer from 1, ending at page 2^52 - 1 or before",
  });
}

function badOrder(found: number, i: number, behind: number): never {
  throw new InputError({
    problem: `bad page number at index ${i}`,
    found: String(found),
    expected: `one above ${behind}, the last page of the range before`,
    hint: "ranges are appended in ascending order, behind all others; storePages takes any",
  });
}

/** Copies pages from..from+n-1 of a column to the module as u64. */
function putPages(memory: IndexMemory, at: number, column: PageColumn, from: number, n: number) {
  const words = memory.words(at, 2 * n);
  for (let i = 0; i < n; i++) {
    const page = Number(column[from + i]!);
    if (!(page >= 0 && page < PAGES_END) || page % 1 !== 0) badPage(column[from + i]!, from + i);
    words[2 * i] = page;
    words[2 * i + 1] = page / WORD;
  }
}

/** Copies the last pages of ranges to the module as u64; ranges that are appended begin behind `behind`. */
function putLasts(
  memory: IndexMemory,
  first: PageColumn,
  count: PageColumn,
  from: number,
  n: number,
  behind?: number,
): void {
  const words = memory.words(memory.column_b, 2 * n);
  let before = behind ?? Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const pages = Number(count[from + i]!);
    const start = Number(first[from + i]!);
    const last = start + pages - 1;
    if (!(pages >= 1 && last < PAGES_END) || pages % 1 !== 0) badCount(count[from + i]!, from + i);
    if (start <= before) badOrder(start, from + i, before);
    if (behind !== undefined) before = last;
    words[2 * i] = last;
    words[2 * i + 1] = last / WORD;
  }
}

/** Copies values to the module; 0 would be an empty range. */
function putValues(memory: IndexMemory, values: Uint32Array, from: number, n: number): void {
  const part = values.subarray(from, from + n);
  const empty = part.indexOf(0);
  if (empty !== -1) {
    throw new InputError({
      problem: `bad value at index ${from + empty}`,
      found: "0",
      expected: "an integer from 1 to 2^32 - 1",
    });
  }
  memory.words(memory.column_c, n).set(part);
}

/** Runs whole columns against one tree. */
export class BatchWriter {
  readonly #memory: IndexMemory;
  readonly #tree: number;

  constructor(memory: IndexMemory, tree: number) {
    this.#memory = memory;
    this.#tree = tree;
  }

  /** Stores or appends ranges. Batches before that of a bad one are in the tree when it throws. */
  ranges(
    run: "treeStoreBatch" | "treeAppendBatch",
    first: PageColumn,
    count: PageColumn,
    values: Uint32Array,
  ): void {
    if (first.length !== count.length || first.length !== values.length) {
      throw new InputError({
        problem: "columns of different length",
        found: `${first.length}, ${count.length} and ${values.length} items`,
        expected: "the same length",
      });
    }
    const memory = this.#memory;
    const { column_a, column_b, column_c } = memory;
    const append = run === "treeAppendBatch";
    for (let from = 0; from < first.length; from += BATCH_ITEMS) {
      const n = Math.min(BATCH_ITEMS, first.length - from);
      putPages(memory, column_a, first, from, n);
      putLasts(memory, first, count, from, n, append ? this.#lastPage() : undefined);
      putValues(memory, values, from, n);
      this.#inParts(n, (i) =>
        memory.wasm[run](this.#tree, column_a + 8 * i, column_b + 8 * i, column_c + 4 * i, n - i),
      );
    }
  }

  /** The last page that holds a value; -1 in an empty tree. */
  #lastPage(): number {
    const { wasm, cursor } = this.#memory;
    const found = wasm.treePrev(this.#tree, cursor, LAST_PAGE, 0n);
    return found === 0 ? -1 : Number(wasm.cursorLast(cursor));
  }

  load(pages: PageColumn): Uint32Array {
    const memory = this.#memory;
    return this.#lookup(pages, (n) =>
      memory.wasm.treeLoadInterleaved(this.#tree, memory.column_a, memory.column_c, n),
    );
  }

  erase(pages: PageColumn): Uint32Array {
    const memory = this.#memory;
    const { column_a, column_c } = memory;
    return this.#lookup(pages, (n) =>
      this.#inParts(n, (i) =>
        memory.wasm.treeEraseBatch(this.#tree, column_a + 8 * i, column_c + 4 * i, n - i),
      ),
    );
  }

  #lookup(pages: PageColumn, run: (n: number) => void): Uint32Array {
    const memory = this.#memory;
    const results = new Uint32Array(pages.length);
    for (let from = 0; from < pages.length; from += BATCH_ITEMS) {
      const n = Math.min(BATCH_ITEMS, pages.length - from);
      putPages(memory, memory.column_a, pages, from, n);
      run(n);
      results.set(memory.words(memory.column_c, n), from);
    }
    return results;
  }

  /** Goes on with more memory where a batch stopped short. */
  #inParts(n: number, run: (done: number) => number): void {
    let done = run(0) >>> 0;
    while (done < n) {
      this.#memory.grow();
      done += run(done) >>> 0;
    }
  }
}
