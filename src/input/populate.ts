// Resident memory: how many pages of each VMA of an address space are touched before the run.

import { RESIDENT_MAX, RESIDENT_SHIFT } from "../../assembly/abi/page.ts";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { AddressSpace, VmaColumns } from "./address-space.ts";
import type { ParsedMaps } from "./maps-columns.ts";
import { PAGES_PER_HUGE, residentPages } from "./resident.ts";

/** Memory that no process touches by being there: its heap and stack, the kernel's mappings. */
const NEVER = VmaFlag.SPECIAL | VmaFlag.HEAP | VmaFlag.STACK | VmaFlag.HUGETLB;

/** How much of the memory of each class is resident, 0 to 1. */
export interface Populated {
  /** Of private anonymous memory. */
  readonly anonymous: number;
  /** Of private mappings of files. */
  readonly file: number;
  /** Of shared mappings: files, shared memory. */
  readonly shared: number;
  /** Of whole 2 MiB blocks of resident anonymous memory, those that are huge pages. */
  readonly huge: number;
}

/** A share of the private anonymous memory, shares by class, or what smaps says (`found`). */
export type PopulatedChoice = number | Populated | "found";

/** What smaps counts and zap_pte_range does not free as pages of the process. */
const NEVER_FOUND = VmaFlag.SPECIAL | VmaFlag.HUGETLB;

const NOTHING: Populated = { anonymous: 0, file: 0, shared: 0, huge: 0 };

/** The shares of a choice by class; nothing beyond what was found. */
function sharesOf(choice: PopulatedChoice): Populated {
  if (choice === "found") return NOTHING;
  return typeof choice === "number" ? { ...NOTHING, anonymous: choice } : choice;
}

/** The upper half of a VMA's flag word for so many resident pages of `page_count`. */
export function residentCode(page_count: number, resident_pages: number): number {
  const pages = Math.min(page_count, resident_pages);
  if (page_count <= RESIDENT_MAX) return (pages << RESIDENT_SHIFT) >>> 0;
  return (Math.floor((pages * RESIDENT_MAX) / page_count) << RESIDENT_SHIFT) >>> 0;
}

/** Whole 2 MiB blocks of `page_count` pages from `start_page` on. */
export function wholeBlocks(start_page: number, page_count: number): number {
  const first = Math.ceil(start_page / PAGES_PER_HUGE);
  return Math.max(Math.floor((start_page + page_count) / PAGES_PER_HUGE) - first, 0);
}

/** Memory that can have huge pages: private and anonymous. */
function isAnonymous(flags: number): boolean {
  return (flags & (VmaFlag.SHARED | VmaFlag.FILE)) === 0;
}

function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}

function inWords({ anonymous, file, shared, huge }: Populated): string {
  const files =
    file + shared === 0 ? "" : `, ${percent(file)} % of files, ${percent(shared)} % shared`;
  const pages = huge === 0 ? "" : `, ${percent(huge)} % of it in huge pages where they fit`;
  return `${percent(anonymous)} % of their memory touched${pages}${files}`;
}

/** The same VMAs, of which the first pages are resident, as many as the shares say. */
class PopulatedAddressSpace implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  readonly area?: { readonly first_vma: number; readonly vma_count: number };
  readonly #space: AddressSpace;
  readonly #shares: Populated;

  constructor(space: AddressSpace, shares: Populated) {
    this.#space = space;
    this.#shares = shares;
    this.vma_count = space.vma_count;
    if (space.area !== undefined) this.area = space.area;
    this.origin = `${space.origin}, ${inWords(shares)}`;
  }

  *chunks(chunk_vmas: number): Iterable<VmaColumns> {
    const first = this.#space.area?.first_vma ?? 0;
    let index = 0;
    for (const columns of this.#space.chunks(chunk_vmas)) {
      const { length, start_page, page_count } = columns;
      const flags = Uint32Array.from(columns.flags);
      const huge_pages = new Uint32Array(length);
      for (let at = 0; at < length; at++, index++) {
        if (index < first) continue;
        flags[at]! |= this.#touched(page_count[at]!, flags[at]!);
        huge_pages[at] = this.#hugePages(start_page[at]!, page_count[at]!, flags[at]!);
      }
      yield { ...columns, flags, huge_pages };
    }
  }

  /** The share of the whole blocks that are resident; in 65,535ths, as always. */
  #hugePages(start_page: number, page_count: number, flags: number): number {
    if (!isAnonymous(flags)) return 0;
    const blocks = wholeBlocks(start_page, residentPages(page_count, flags));
    return Math.floor((blocks * Math.round(this.#shares.huge * RESIDENT_MAX)) / RESIDENT_MAX);
  }

  /** What is to be added to a VMA's flag word. */
  #touched(pages: number, flags: number): number {
    if ((flags & NEVER) !== 0) return 0;
    const { anonymous, file, shared } = this.#shares;
    const backed = (flags & VmaFlag.FILE) !== 0 ? file : anonymous;
    const share = (flags & VmaFlag.SHARED) !== 0 ? shared : backed;
    return residentCode(pages, Math.ceil(pages * share));
  }
}

/** Touches shares, 0 to 1, of every VMA, of the area alone where there is one; a number is anonymous. */
export function populate(space: AddressSpace, choice: PopulatedChoice): AddressSpace {
  const shares = sharesOf(choice);
  const { anonymous, file, shared } = shares;
  return anonymous + file + shared === 0 ? space : new PopulatedAddressSpace(space, shares);
}

/** The VMAs of a process with the pages, small and huge, that its smaps found resident. */
export function residentAsFound(space: ParsedMaps, rss_pages: Float64Array): AddressSpace {
  const { page_count } = space;
  const huge_pages = space.huge_pages?.map((pages, at) => {
    const flags = space.flags[at]!;
    return isAnonymous(flags) && (flags & NEVER_FOUND) === 0 ? pages : 0;
  });
  const flags = space.flags.map((word, at) =>
    (word & NEVER_FOUND) === 0 ? word | residentCode(page_count[at]!, rss_pages[at]!) : word,
  );
  const { origin, vma_count, start_page } = space;
  return {
    origin: `${origin}, resident as found`,
    vma_count,
    *chunks(chunk_vmas: number) {
      for (let from = 0; from < vma_count; from += chunk_vmas) {
        const to = Math.min(from + chunk_vmas, vma_count);
        yield {
          length: to - from,
          start_page: start_page.subarray(from, to),
          page_count: page_count.subarray(from, to),
          flags: flags.subarray(from, to),
          huge_pages: huge_pages?.subarray(from, to),
        };
      }
    },
  };
}
