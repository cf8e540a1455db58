// Memory with huge pages, page by page: a map of pages, nothing counted in runs. Slow and plain.

/** [first page, pages, resident pages, huge pages] of an anonymous VMA. */
export type HugeVma = readonly [
  start_page: number,
  page_count: number,
  resident_pages: number,
  huge_pages: number,
];

export const BLOCK = 512;

/** A huge page; cut, as soon as its pages have entries of their own. */
interface Folio {
  readonly mapped: Set<number>;
  cut: boolean;
  queued: boolean;
}

/** A mapped page: one of a folio, or a small one. */
type Page = Folio | "small";

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What happened to pages. */
export interface NaiveCounts {
  /** Entries of the gather, page tables included. */
  entries: number;
  freed_pages: number;
  freed_huge: number;
  freed_tables: number;
  cut: number;
  queued: number;
  /** Pages that nobody maps and that folios hold: now, and at most. */
  held: number;
  held_max: number;
}

const blockOf = (page: number) => Math.floor(page / BLOCK);

/** The pages of a process, which unmaps ranges of them. */
export class NaiveMemory {
  readonly #pages = new Map<number, Page>();
  /** Blocks that have a page table, one deposited for a huge page included. */
  readonly #tables = new Set<number>();
  #vmas: Range[] = [];
  readonly counts: NaiveCounts = {
    entries: 0,
    freed_pages: 0,
    freed_huge: 0,
    freed_tables: 0,
    cut: 0,
    queued: 0,
    held: 0,
    held_max: 0,
  };

  constructor(vmas: readonly HugeVma[]) {
    for (const vma of vmas) this.#touch(vma);
  }

  /** The first whole blocks are huge; small pages come before them, then behind them. */
  #touch([start, count, resident, huge]: HugeVma): void {
    this.#vmas.push({ start, end: start + count });
    let first = start;
    while (first % BLOCK !== 0) first++;
    for (let block = 0; block < huge; block++) {
      const from = first + block * BLOCK;
      const pages = Array.from({ length: BLOCK }, (_, at) => from + at);
      const folio: Folio = { mapped: new Set(pages), cut: false, queued: false };
      for (const page of pages) this.#pages.set(page, folio);
    }
    let small = resident - huge * BLOCK;
    for (let page = start; page < start + count && small > 0; page++) {
      if (this.#pages.has(page)) continue;
      this.#pages.set(page, "small");
      small--;
    }
    for (const page of this.#pages.keys()) this.#tables.add(blockOf(page));
  }

  get resident(): number {
    return this.#pages.size;
  }

  /** Huge pages that are mapped as such. */
  get huge(): number {
    const folios = new Set([...this.#pages.values()].filter((page) => page !== "small"));
    return [...folios].filter((folio) => !(folio as Folio).cut).length;
  }

  get tables(): number {
    return this.#tables.size;
  }

  /** munmap: the VMAs at its borders are cut, then what lies between goes from below. */
  unmap(start: number, page_count: number): void {
    this.#cutAt(start);
    this.#cutAt(start + page_count);
    const gone = this.#vmas.filter((vma) => vma.start >= start && vma.end <= start + page_count);
    this.#vmas = this.#vmas.filter((vma) => !gone.includes(vma));
    for (const vma of gone) this.#zap(vma);
    const blocks = new Set(this.#vmas.flatMap((vma) => [blockOf(vma.start), blockOf(vma.end - 1)]));
    for (const block of this.#tables) {
      const still = blocks.has(block) || this.#vmas.some((vma) => this.#holds(vma, block));
      if (!still) this.#freeTable(block);
    }
  }

  exit(): void {
    for (const vma of this.#vmas) this.#zap(vma);
    for (const block of this.#tables) this.#freeTable(block);
    this.#vmas = [];
  }

  #holds({ start, end }: Range, block: number): boolean {
    return start < (block + 1) * BLOCK && end > block * BLOCK;
  }

  #freeTable(block: number): void {
    this.#tables.delete(block);
    this.counts.freed_tables++;
    this.counts.entries++;
  }

  #cutAt(border: number): void {
    const at = this.#vmas.findIndex(({ start, end }) => start < border && border < end);
    if (at === -1) return;
    const { start, end } = this.#vmas[at]!;
    this.#vmas.splice(at, 1, { start, end: border }, { start: border, end });
    const page = this.#pages.get(border);
    if (page === undefined || page === "small" || page.cut || border % BLOCK === 0) return;
    page.cut = true;
    this.counts.cut++;
  }

  #zap({ start, end }: Range): void {
    for (let page = start; page < end; page++) {
      const found = this.#pages.get(page);
      if (found === undefined) continue;
      if (found === "small") {
        this.#pages.delete(page);
        this.counts.entries++;
        this.counts.freed_pages++;
      } else page = this.#zapFolio(found, page, end) - 1;
    }
  }

  /** Pages of one folio that follow each other; answers the first page behind them. */
  #zapFolio(folio: Folio, from: number, end: number): number {
    let page = from;
    while (page < end && this.#pages.get(page) === folio) {
      this.#pages.delete(page);
      folio.mapped.delete(page);
      page++;
    }
    const { counts } = this;
    const pages = page - from;
    if (!folio.cut) {
      // its page table goes past the gather
      this.#tables.delete(blockOf(from));
      counts.freed_tables++;
    }
    counts.entries += folio.cut && pages > 1 ? 2 : 1;
    counts.held += pages;
    if (folio.mapped.size === 0) {
      counts.held -= BLOCK;
      counts.freed_pages += BLOCK;
      counts.freed_huge++;
    } else if (!folio.queued) {
      folio.queued = true;
      counts.queued++;
    }
    counts.held_max = Math.max(counts.held_max, counts.held);
    return page;
  }
}
