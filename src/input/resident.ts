// How much of an address space is resident: counted once, and not at all where nothing can be.

import { RESIDENT_MAX, RESIDENT_SHIFT } from "../../assembly/abi/page.ts";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { type AddressSpace, CHUNK_VMAS, checkColumns, type VmaColumns } from "./address-space.ts";
import { RepeatedAddressSpace } from "./repeat.ts";

/** Pages of a huge page, and of what a last-level page table maps. */
export const PAGES_PER_HUGE = 512;

/** Pages of an address space that are resident, and page tables that they can take. */
export interface Resident {
  /** Of any class. */
  readonly pages: number;
  /** Of these, frames that the processes own: no pages of files. */
  readonly owned_pages: number;
  readonly tables_max: number;
  /** VMAs that have huge pages. */
  readonly huge_vmas: number;
}

const NOTHING: Resident = { pages: 0, owned_pages: 0, tables_max: 0, huge_vmas: 0 };

const counted = new WeakMap<AddressSpace, Resident>();
const bare_spaces = new WeakSet<AddressSpace>();

/** Nothing of this address space is resident, as whoever makes its VMAs knows: nobody has to count. */
export function markUntouched(space: AddressSpace): void {
  counted.set(space, NOTHING);
}

/** Whether `residentOf` answers at once; else it reads all VMAs, which takes seconds for millions. */
export function isCounted(space: AddressSpace): boolean {
  return space instanceof RepeatedAddressSpace ? isCounted(space.original) : counted.has(space);
}

/** Counts them; an address space is read once for it. */
export function residentOf(space: AddressSpace): Resident {
  if (space instanceof RepeatedAddressSpace) return times(residentOf(space.original), space.times);
  if (!counted.has(space)) for (const _ of countResident(space));
  return counted.get(space)!;
}

/** The same in pieces: `residentOf` knows when it is over. */
export function* countResident(space: AddressSpace): Generator<void> {
  let sum = NOTHING;
  let vmas = 0;
  for (const columns of space.chunks(CHUNK_VMAS)) {
    checkColumns(columns, vmas);
    vmas += columns.length;
    sum = withChunk(sum, columns);
    yield;
  }
  counted.set(space, sum);
}

/** The VMAs of an address space without their pages, whose plan is the least that one with them needs. */
export function withoutPages(space: AddressSpace): AddressSpace {
  const { origin, vma_count, area } = space;
  const chunks = (chunk_vmas: number) => space.chunks(chunk_vmas);
  const bare = { origin, vma_count, ...(area && { area }), chunks };
  markUntouched(bare);
  bare_spaces.add(bare);
  return bare;
}

/** Is it one that `withoutPages` made? */
export function isBare(space: AddressSpace): boolean {
  return bare_spaces.has(space);
}

/** Resident pages of a VMA, as the engine reads its flag word and its number of huge pages. */
export function residentPages(page_count: number, flags: number, huge_pages = 0): number {
  const code = flags >>> RESIDENT_SHIFT;
  const said = page_count <= RESIDENT_MAX ? code : Math.ceil((page_count * code) / RESIDENT_MAX);
  return Math.max(said, huge_pages * PAGES_PER_HUGE);
}

function times(resident: Resident, processes: number): Resident {
  return {
    pages: resident.pages * processes,
    owned_pages: resident.owned_pages * processes,
    tables_max: resident.tables_max * processes,
    huge_vmas: resident.huge_vmas * processes,
  };
}

function withChunk(before: Resident, columns: VmaColumns): Resident {
  const { length, page_count, flags, huge_pages } = columns;
  let { pages, owned_pages, tables_max, huge_vmas } = before;
  for (let at = 0; at < length; at++) {
    const huge = huge_pages?.[at] ?? 0;
    if (huge !== 0) huge_vmas++;
    const resident = residentPages(page_count[at]!, flags[at]!, huge);
    if (resident === 0) continue;
    pages += resident;
    if ((flags[at]! & (VmaFlag.FILE | VmaFlag.SHARED)) === 0) owned_pages += resident;
    tables_max += Math.ceil(resident / PAGES_PER_HUGE) + 1;
  }
  return { pages, owned_pages, tables_max, huge_vmas };
}
