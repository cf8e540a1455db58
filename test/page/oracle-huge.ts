// Memory with huge pages, page by page: a map of pages, nothing counted in runs. Slow and plain.

/** [first page, pages, resident pages, huge pages] of an anonymous VMA. */
export type HugeVma = readonly [
  start_page: number,
  page_count: number,
  resident_pages: number,
  huge_pages: number,
];

export const BLOCK = 512;

/** What maps a page: an entry of its own, or one entry for its whole block. */
type Mapping = "small" | "huge";

/** The pages of a process. */
export class NaiveMemory {
  readonly #pages = new Map<number, Mapping>();

  constructor(vmas: readonly HugeVma[]) {
    for (const vma of vmas) this.#touch(vma);
  }

  /** The first whole blocks are huge; small pages come before them, then behind them. */
  #touch([start, count, resident, huge]: HugeVma): void {
    let first = start;
    while (first % BLOCK !== 0) first++;
    for (let page = first; page < first + huge * BLOCK; page++) this.#pages.set(page, "huge");
    let small = resident - huge * BLOCK;
    for (let page = start; page < start + count && small > 0; page++) {
      if (this.#pages.has(page)) continue;
      this.#pages.set(page, "small");
      small--;
    }
  }

  get resident(): number {
    return this.#pages.size;
  }

  /** Blocks that are huge pages. */
  get huge(): number {
    return this.#blocksOf("huge").size;
  }

  /** Blocks in which pages have entries of their own: each has a page table. */
  get tables(): number {
    return this.#blocksOf("small").size;
  }

  /** Entries of the gather that unmapping all of it takes. */
  get entries(): number {
    return [...this.#pages.values()].filter((mapping) => mapping === "small").length + this.huge;
  }

  #blocksOf(wanted: Mapping): Set<number> {
    const blocks = new Set<number>();
    for (const [page, mapping] of this.#pages)
      if (mapping === wanted) blocks.add(Math.floor(page / BLOCK));
    return blocks;
  }
}
