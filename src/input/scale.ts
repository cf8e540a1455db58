// An address space of any size in the likeness of another: its VMAs, gaps and flags, resampled.

import { VmaFlag } from "../../assembly/abi/vma.ts";
import { formatCount, InputError, LimitError } from "../errors.ts";
import { type AddressSpace, CHUNK_VMAS, filledChunks, type VmaColumns } from "./address-space.ts";
import { wholeBlocks } from "./populate.ts";
import { checkSeed, Random, type Seed, splitmix64 } from "./random.ts";
import { type Original, sampleBlocks, shuffleBlocks } from "./resample.ts";
import { markUntouched, residentOf } from "./resident.ts";

/** Sizes above 1 GiB become 1 GiB: reservations, of which a process has few and uses little. */
export const SIZE_PAGES_LIMIT = 2 ** 18;
/** Gaps above 1 GiB become 1 GiB: they come from address randomisation, not from the program. */
export const GAP_PAGES_LIMIT = 2 ** 18;
/** What gaps are limited to at the least: still more than 2 MiB, so that no clusters merge. */
export const GAP_PAGES_LIMIT_MIN = 2 ** 10;
/** Where the first VMA starts: 4 MiB, the traditional address of a program. */
export const SCALED_START_PAGE = 0x400;

/** VMAs that a process has once, whatever its size. */
const IDENTITY = VmaFlag.HEAP | VmaFlag.STACK | VmaFlag.SPECIAL;

export interface ScaleOptions {
  /** Decides which VMAs are drawn and the order of blocks. */
  readonly seed: Seed;
  /** Widest user addresses: 47 bits (four-level page tables) or 56 (five-level); 56 by default. */
  readonly address_bits?: 47 | 56;
}

/** A VMA that is kept once, before the VMA of the body that has the index `body_index`. */
interface Single {
  readonly body_index: number;
  readonly gap_pages: number;
  readonly page_count: number;
  readonly flags: number;
  readonly huge_pages: number;
}

/** Made on the fly: it holds the original and one order of its VMAs, whatever its own size. */
export class ScaledAddressSpace implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  /** Bits the addresses need: 47 or 56. */
  readonly address_bits: 47 | 56;
  /** Sizes and gaps above these were cut. */
  readonly size_pages_limit = SIZE_PAGES_LIMIT;
  readonly gap_pages_limit: number;
  readonly #body: Original;
  readonly #singles: readonly Single[];
  readonly #seed: bigint;
  /** Whole passes over the body, and the VMAs of the last, incomplete one. */
  readonly #tiles: number;
  readonly #sample: Uint32Array;

  constructor(space: AddressSpace, vma_count: number, options: ScaleOptions) {
    this.#seed = checkSeed(options.seed);
    const { body, singles } = split(space, vma_count);
    const body_count = vma_count - singles.length;
    this.#body = body;
    this.#singles = singles.map((single) => ({
      ...single,
      body_index: Math.floor((single.body_index * body_count) / body.length),
    }));
    this.#tiles = Math.floor(body_count / body.length);
    const rest = body_count - this.#tiles * body.length;
    this.#sample = sampleBlocks(body, rest, Random.fromSeed(this.#seed));
    this.vma_count = vma_count;
    this.origin = `${space.origin}, scaled from ${formatCount(space.vma_count)} VMAs`;
    const fit = this.#fit(options.address_bits ?? 56);
    this.address_bits = fit.address_bits;
    this.gap_pages_limit = fit.gap_pages_limit;
    // like the original, which has just been read
    if (residentOf(space).pages === 0) markUntouched(this);
  }

  /** The widest gaps that fit 47 bits; if none do, the same for 56 bits. */
  #fit(address_bits_max: 47 | 56): { address_bits: 47 | 56; gap_pages_limit: number } {
    let needed = 0;
    for (const address_bits of [47, 56] as const) {
      if (address_bits > address_bits_max) break;
      const available = 2 ** (address_bits - 12) - SCALED_START_PAGE;
      let limit = GAP_PAGES_LIMIT;
      for (; limit >= GAP_PAGES_LIMIT_MIN; limit /= 2) {
        needed = this.#span(limit);
        if (needed <= available) return { address_bits, gap_pages_limit: limit };
      }
    }
    throw new LimitError({
      problem: `${formatCount(this.vma_count)} VMAs like those of ${this.origin} do not fit`,
      needed,
      available: 2 ** (address_bits_max - 12) - SCALED_START_PAGE,
      unit: `pages of ${address_bits_max}-bit addresses`,
      hint:
        address_bits_max === 47
          ? "allow five-level page tables, or ask for fewer VMAs"
          : "ask for fewer VMAs",
    });
  }

  /** Pages from the first to the last address when gaps are limited to `gap_limit`. */
  #span(gap_limit: number): number {
    const { gap_pages, page_count, length } = this.#body;
    const cost = (gap: number, pages: number) =>
      Math.min(gap, gap_limit) + Math.min(pages, SIZE_PAGES_LIMIT);
    let tile = 0;
    for (let i = 0; i < length; i++) tile += cost(gap_pages[i]!, page_count[i]!);
    let total = tile * this.#tiles;
    for (const index of this.#sample) total += cost(gap_pages[index]!, page_count[index]!);
    for (const single of this.#singles) total += cost(single.gap_pages, single.page_count);
    // The gap before the very first VMA is not made.
    const first = this.#singles[0];
    const first_index = this.#tiles > 0 ? 0 : this.#sample[0]!;
    const first_gap = first?.body_index === 0 ? first.gap_pages : gap_pages[first_index]!;
    return total - Math.min(first_gap, gap_limit);
  }

  chunks(chunk_vmas: number): Iterable<VmaColumns> {
    const walker = new Walker(this.#body, this.#singles, this.#tiles, this.#sample, this.#seed);
    const fill = (columns: VmaColumns) => walker.fill(columns, this.gap_pages_limit);
    const singles_huge = this.#singles.some(({ huge_pages }) => huge_pages > 0);
    const has_huge = singles_huge || this.#body.huge_pages !== undefined;
    return filledChunks(this.vma_count, chunk_vmas, fill, has_huge);
  }
}

/**
 * An address space of exactly `vma_count` VMAs with the joint distribution of gaps, sizes and
 * flags of `space`: see docs/input.md. `space` itself when it has that many.
 * @throws InputError when there is nothing to scale; LimitError when the addresses do not suffice.
 */
export function scaleAddressSpace(
  space: AddressSpace,
  vma_count: number,
  options: ScaleOptions,
): AddressSpace {
  if (!(Number.isSafeInteger(vma_count) && vma_count >= 1)) {
    throw new InputError({
      problem: "bad number of VMAs",
      found: String(vma_count),
      expected: "a whole number of at least 1",
    });
  }
  if (space.vma_count === vma_count) return space;
  if (space.vma_count === 0) {
    throw new InputError({
      problem: `cannot scale ${space.origin}`,
      found: "no VMAs",
      expected: "at least one to resample",
      hint: "maps are empty for kernel threads and for processes that have ended",
    });
  }
  return new ScaledAddressSpace(space, vma_count, options);
}

/** Reads the original and sets apart what a process has once. */
function split(space: AddressSpace, vma_count: number): { body: Original; singles: Single[] } {
  const all = readOriginal(space);
  const single_count = all.flags.reduce((n, flags) => n + (flags & IDENTITY ? 1 : 0), 0);
  // Nothing but singles, or no room beside them: then all are treated alike.
  if (single_count === all.length || single_count >= vma_count) return { body: all, singles: [] };
  const singles: Single[] = [];
  const body_indices: number[] = [];
  for (let i = 0; i < all.length; i++) {
    if ((all.flags[i]! & IDENTITY) === 0) body_indices.push(i);
    else {
      singles.push({
        body_index: body_indices.length,
        gap_pages: all.gap_pages[i]!,
        page_count: all.page_count[i]!,
        flags: all.flags[i]!,
        huge_pages: all.huge_pages?.[i] ?? 0,
      });
    }
  }
  const body = {
    length: body_indices.length,
    gap_pages: Float64Array.from(body_indices, (i) => all.gap_pages[i]!),
    page_count: Float64Array.from(body_indices, (i) => all.page_count[i]!),
    flags: Uint32Array.from(body_indices, (i) => all.flags[i]!),
    huge_pages: all.huge_pages && Uint32Array.from(body_indices, (i) => all.huge_pages![i]!),
  };
  return { body, singles };
}

function readOriginal(space: AddressSpace): Original {
  const length = space.vma_count;
  const gap_pages = new Float64Array(length);
  const page_count = new Float64Array(length);
  const flags = new Uint32Array(length);
  const huge_pages = new Uint32Array(length);
  let at = 0;
  // The first VMA has no gap before it; where copies of it follow others they are kept apart.
  let previous_end = Number.NEGATIVE_INFINITY;
  for (const chunk of space.chunks(CHUNK_VMAS)) {
    page_count.set(chunk.page_count, at);
    flags.set(chunk.flags, at);
    if (chunk.huge_pages !== undefined) huge_pages.set(chunk.huge_pages, at);
    for (let i = 0; i < chunk.length; i++) {
      const start = chunk.start_page[i]!;
      gap_pages[at++] = Math.min(start - previous_end, 2 ** 52);
      previous_end = start + chunk.page_count[i]!;
    }
  }
  const has_huge = huge_pages.some((pages) => pages > 0);
  return { length, gap_pages, page_count, flags, ...(has_huge && { huge_pages }) };
}

/** Huge pages that are left to a VMA that lies elsewhere, or was cut: as many as it has blocks for. */
function hugeThere(huge_pages: number, start_page: number, page_count: number): number {
  return huge_pages === 0 ? 0 : Math.min(huge_pages, wholeBlocks(start_page, page_count));
}

/** One walk over a scaled address space, resumed chunk by chunk. */
class Walker {
  readonly #body: Original;
  readonly #singles: readonly Single[];
  readonly #tiles: number;
  readonly #sample: Uint32Array;
  readonly #random: Random;
  #order: Uint32Array;
  #order_at = 0;
  #tile = 0;
  #body_made = 0;
  #single_at = 0;
  #end_page = -1;

  constructor(
    body: Original,
    singles: readonly Single[],
    tiles: number,
    sample: Uint32Array,
    seed: bigint,
  ) {
    this.#body = body;
    this.#singles = singles;
    this.#tiles = tiles;
    this.#sample = sample;
    // A stream of its own: the seed itself has drawn the sample.
    this.#random = Random.fromSeed(splitmix64(seed, 3)[2]!);
    // The first pass keeps the order of the original.
    this.#order = tiles === 0 ? sample : Uint32Array.from({ length: body.length }, (_, i) => i);
  }

  fill(columns: VmaColumns, gap_limit: number): void {
    for (let at = 0; at < columns.length; ) {
      const single = this.#singles[this.#single_at];
      if (single !== undefined && single.body_index <= this.#body_made) {
        const start = this.#start(single.gap_pages, gap_limit);
        const pages = Math.min(single.page_count, SIZE_PAGES_LIMIT);
        columns.start_page[at] = start;
        columns.page_count[at] = pages;
        if (columns.huge_pages !== undefined) {
          columns.huge_pages[at] = hugeThere(single.huge_pages, start, pages);
        }
        columns.flags[at++] = single.flags;
        this.#end_page = start + pages;
        this.#single_at++;
        continue;
      }
      if (this.#order_at === this.#order.length) this.#nextTile();
      const before_single = (single?.body_index ?? Number.POSITIVE_INFINITY) - this.#body_made;
      const in_tile = this.#order.length - this.#order_at;
      const run = Math.min(columns.length - at, in_tile, before_single);
      this.#fillRun(columns, at, run, gap_limit);
      at += run;
    }
  }

  /** `count` VMAs of the current order. */
  #fillRun(columns: VmaColumns, from: number, count: number, gap_limit: number): void {
    const { gap_pages, page_count, flags, huge_pages } = this.#body;
    const { start_page: starts, page_count: sizes, flags: words } = columns;
    const order = this.#order;
    let order_at = this.#order_at;
    let end_page = this.#end_page;
    for (let at = from; at < from + count; at++) {
      const index = order[order_at++]!;
      const gap = Math.min(gap_pages[index]!, gap_limit);
      const pages = Math.min(page_count[index]!, SIZE_PAGES_LIMIT);
      const start = end_page < 0 ? SCALED_START_PAGE : end_page + gap;
      starts[at] = start;
      sizes[at] = pages;
      words[at] = flags[index]!;
      if (huge_pages !== undefined) {
        columns.huge_pages![at] = hugeThere(huge_pages[index]!, start, pages);
      }
      end_page = start + pages;
    }
    this.#order_at = order_at;
    this.#body_made += count;
    this.#end_page = end_page;
  }

  #start(gap_pages: number, gap_limit: number): number {
    if (this.#end_page < 0) return SCALED_START_PAGE;
    return this.#end_page + Math.min(gap_pages, gap_limit);
  }

  #nextTile(): void {
    this.#tile++;
    this.#order_at = 0;
    if (this.#tile >= this.#tiles) this.#order = this.#sample;
    else shuffleBlocks(this.#order, this.#random);
  }
}
