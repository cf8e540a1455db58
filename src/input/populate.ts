// Resident memory: how many pages of each VMA of an address space are touched before the run.

import { RESIDENT_MAX, RESIDENT_SHIFT } from "../../assembly/abi/page.ts";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { AddressSpace, VmaColumns } from "./address-space.ts";

/** Memory that no process touches by being there: its own program, the kernel's mappings. */
const NEVER =
  VmaFlag.FILE | VmaFlag.SHARED | VmaFlag.SPECIAL | VmaFlag.HEAP | VmaFlag.STACK | VmaFlag.HUGETLB;

/** The upper half of a VMA's flag word for so many resident pages of `page_count`. */
export function residentCode(page_count: number, resident_pages: number): number {
  const pages = Math.min(page_count, resident_pages);
  if (page_count <= RESIDENT_MAX) return (pages << RESIDENT_SHIFT) >>> 0;
  return (Math.floor((pages * RESIDENT_MAX) / page_count) << RESIDENT_SHIFT) >>> 0;
}

/** Resident pages of a VMA, as the engine reads its flag word. */
export function residentPages(page_count: number, flags: number): number {
  const code = flags >>> RESIDENT_SHIFT;
  if (page_count <= RESIDENT_MAX) return code;
  return Math.ceil((page_count * code) / RESIDENT_MAX);
}

/** The same VMAs, of which the private anonymous ones have their first pages resident. */
class PopulatedAddressSpace implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  readonly area?: { readonly first_vma: number; readonly vma_count: number };
  readonly #space: AddressSpace;
  readonly #share: number;

  constructor(space: AddressSpace, share: number) {
    this.#space = space;
    this.#share = share;
    this.vma_count = space.vma_count;
    if (space.area !== undefined) this.area = space.area;
    const percent = Math.round(share * 1000) / 10;
    this.origin = `${space.origin}, ${percent} % of their memory touched`;
  }

  *chunks(chunk_vmas: number): Iterable<VmaColumns> {
    const first = this.#space.area?.first_vma ?? 0;
    let index = 0;
    for (const columns of this.#space.chunks(chunk_vmas)) {
      const flags = Uint32Array.from(columns.flags);
      for (let at = 0; at < columns.length; at++, index++) {
        if (index < first || (flags[at]! & NEVER) !== 0) continue;
        const pages = columns.page_count[at]!;
        flags[at]! |= residentCode(pages, Math.ceil(pages * this.#share));
      }
      yield { ...columns, flags };
    }
  }
}

/** Touches a share, 0 to 1, of every private anonymous VMA, of the area alone where there is one. */
export function populate(space: AddressSpace, share: number): AddressSpace {
  return share === 0 ? space : new PopulatedAddressSpace(space, share);
}

/** Pages of an address space that are resident, and page tables that they can take. */
export interface Resident {
  readonly pages: number;
  readonly tables_max: number;
}

const counted = new WeakMap<AddressSpace, Resident>();
const PAGES_PER_TABLE = 512;

/** Counts them; an address space is read once for it. */
export function residentOf(space: AddressSpace): Resident {
  let known = counted.get(space);
  if (known === undefined) {
    known = countResident(space);
    counted.set(space, known);
  }
  return known;
}

function countResident(space: AddressSpace): Resident {
  let pages = 0;
  let tables_max = 0;
  for (const { length, page_count, flags } of space.chunks(65_536)) {
    for (let at = 0; at < length; at++) {
      const resident = residentPages(page_count[at]!, flags[at]!);
      if (resident === 0) continue;
      pages += resident;
      tables_max += Math.ceil(resident / PAGES_PER_TABLE) + 1;
    }
  }
  return { pages, tables_max };
}
