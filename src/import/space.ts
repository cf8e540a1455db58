// An address space as the simulation will have it: which VMAs there are where, so that each call of a
// trace can be said in operations of the workload mm that end with the same pages mapped. It follows the
// rules of assembly/mm/map.ts and munmap.ts, not those of a kernel.

/** A VMA; `end` is the page behind its last. */
export interface Vma {
  start: number;
  end: number;
  /** As operations have it: access, and behind it what keeps VMAs apart that a kernel never merges. */
  protection: number;
  /** Pages of it were touched on being mapped or made writable. */
  touched: boolean;
}

/** Bits of a protection that are access and sharing; above them a kind from 0 to 15. */
export const ACCESS = { READ: 1, WRITE: 2, EXEC: 4, SHARED: 8, BITS: 4 } as const;

/** VMAs that `exec` of the workload maps: four pages every eight, from page 1024 on (exec.ts). */
const EXEC = { first: 1024, stride: 8, pages: 4 };

/** Pages that one operation or VMA of the workload has at most (src/litmus/file.ts). */
const PORTION_PAGES_MAX = 2 ** 30;

/** Pages from `start` in as few portions as the workload takes: where each begins, and how many it has. */
export function* portions(start: number, pages: number): Generator<[number, number]> {
  for (let done = 0; done < pages; done += PORTION_PAGES_MAX) {
    yield [start + done, Math.min(PORTION_PAGES_MAX, pages - done)];
  }
}

export class Space {
  /** In ascending order. */
  readonly #vmas: Vma[] = [];

  get vma_count(): number {
    return this.#vmas.length;
  }

  /** What an exec leaves: `count` VMAs of protection 0. */
  static ofExec(count: number): Space {
    const space = new Space();
    for (let i = 0; i < count; i++) {
      const start = EXEC.first + i * EXEC.stride;
      space.place(start, start + EXEC.pages, 0);
    }
    return space;
  }

  copy(): Space {
    const space = new Space();
    for (const vma of this.#vmas) space.#vmas.push({ ...vma });
    return space;
  }

  /** VMAs that have pages in [start, end). */
  within(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    for (let i = this.#firstBehind(start); i < this.#vmas.length; i++) {
      const vma = this.#vmas[i]!;
      if (vma.start >= end) break;
      found.push(vma);
    }
    return found;
  }

  isFree(start: number, end: number): boolean {
    return (this.#vmas[this.#firstBehind(start)]?.start ?? end) >= end;
  }

  /** Parts of [start, end) that nothing is mapped in. */
  holes(start: number, end: number): [number, number][] {
    const holes: [number, number][] = [];
    let at = start;
    for (const vma of this.within(start, end)) {
      if (vma.start > at) holes.push([at, vma.start]);
      at = vma.end;
    }
    if (at < end) holes.push([at, end]);
    return holes;
  }

  /** The VMA that ends at `page`, the one that begins there. */
  below(page: number): Vma | undefined {
    const vma = this.#vmas[this.#firstBehind(page - 1)];
    return vma?.end === page ? vma : undefined;
  }

  above(page: number): Vma | undefined {
    const vma = this.#vmas[this.#firstBehind(page)];
    return vma?.start === page ? vma : undefined;
  }

  /** A VMA of its own, in the place of what was there. */
  place(start: number, end: number, protection: number): Vma {
    this.clear(start, end);
    const made = { start, end, protection, touched: false };
    this.#vmas.splice(this.#firstBehind(start), 0, made);
    return made;
  }

  /** A mapping in a free place: an equal VMA below grows. */
  map(start: number, end: number, protection: number): Vma {
    const below = this.below(start);
    if (below?.protection !== protection) return this.place(start, end, protection);
    below.end = end;
    return below;
  }

  clear(start: number, end: number): void {
    if (this.isFree(start, end)) return;
    this.#cut(start);
    this.#cut(end);
    const from = this.#firstBehind(start);
    let behind = from;
    while ((this.#vmas[behind]?.start ?? end) < end) behind++;
    this.#vmas.splice(from, behind - from);
  }

  /** Pages of one VMA get another protection; the VMA is split. */
  protect(start: number, end: number, protection: number): Vma {
    this.#cut(start);
    this.#cut(end);
    const vma = this.#vmas[this.#firstBehind(start)]!;
    vma.protection = protection;
    return vma;
  }

  #cut(page: number): void {
    const at = this.#firstBehind(page);
    const vma = this.#vmas[at];
    if (vma === undefined || vma.start >= page) return;
    this.#vmas.splice(at + 1, 0, { ...vma, start: page });
    vma.end = page;
  }

  /** Index of the first VMA that ends behind `page`. */
  #firstBehind(page: number): number {
    let low = 0;
    let high = this.#vmas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#vmas[middle]!.end > page) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
