// The one shape in which address spaces reach the engine, whether parsed, scaled or generated.

import { InputError } from "../errors.ts";

/**
 * VMAs in ascending address order, as columns of equal length.
 * Addresses are page numbers (address / 4096): exact in a double up to 2^53.
 */
export interface VmaColumns {
  readonly length: number;
  /** First page of each VMA. */
  readonly start_page: Float64Array;
  /** Length of each VMA in pages, at least 1. */
  readonly page_count: Float64Array;
  /** Bits of `VmaFlag`. */
  readonly flags: Uint32Array;
  /** How many huge pages of 2 MiB each has; none where the column is missing. */
  readonly huge_pages?: Uint32Array | undefined;
}

/** A source of VMAs that can be read any number of times, always with the same content. */
export interface AddressSpace {
  /** Where it comes from, for reports: "maps of a Node server, scaled from 1,234 VMAs". */
  readonly origin: string;
  /** Number of VMAs. */
  readonly vma_count: number;
  /** The part that an experiment is about, where not all VMAs are. */
  readonly area?: { readonly first_vma: number; readonly vma_count: number };
  /** The same VMAs with the pages that their source found resident, where it says so (smaps). */
  readonly found?: AddressSpace | undefined;
  /** Yields the VMAs in ascending address order in chunks of at most `chunk_vmas`. */
  chunks(chunk_vmas: number): Iterable<VmaColumns>;
}

/** No column is shorter than the columns say they are. Throws InputError. */
function checkLengths({ length, start_page, page_count, flags, huge_pages }: VmaColumns): void {
  if (!(Number.isSafeInteger(length) && length >= 0)) {
    const expected = "a whole number of VMAs";
    throw new InputError({ problem: "bad length of columns", found: String(length), expected });
  }
  const columns = { start_page, page_count, flags, ...(huge_pages && { huge_pages }) };
  for (const [name, column] of Object.entries(columns)) {
    if (column?.length >= length) continue;
    throw new InputError({
      problem: `too short a column ${name}`,
      found: `${column?.length ?? "no"} entries`,
      expected: `${length}: one a VMA`,
    });
  }
}

function badPages(column: string, index: number, found: number): InputError {
  const expected = "an integer below 2^53";
  return new InputError({
    problem: `bad ${column} at index ${index}`,
    found: `${found}`,
    expected,
  });
}

/** For columns that somebody else has made: `base` VMAs went before them. Throws InputError. */
export function checkColumns(columns: VmaColumns, base = 0): void {
  checkLengths(columns);
  const { length, start_page, page_count } = columns;
  for (let at = 0; at < length; at++) {
    const [start, pages] = [start_page[at]!, page_count[at]!];
    if (!Number.isSafeInteger(start)) throw badPages("start_page", base + at, start);
    if (!Number.isSafeInteger(pages)) throw badPages("page_count", base + at, pages);
  }
}

/**
 * Columns made on the fly: `vma_count` VMAs in chunks of at most `chunk_vmas`. `fill` writes the
 * next `columns.length` of them; it holds whatever it needs to go on from there. Only with
 * `has_huge` is there a column of huge pages.
 */
export function* filledChunks(
  vma_count: number,
  chunk_vmas: number,
  fill: (columns: VmaColumns) => void,
  has_huge = false,
): Iterable<VmaColumns> {
  for (let made = 0; made < vma_count; ) {
    const length = Math.min(chunk_vmas, vma_count - made);
    const columns = {
      length,
      start_page: new Float64Array(length),
      page_count: new Float64Array(length),
      flags: new Uint32Array(length),
      huge_pages: has_huge ? new Uint32Array(length) : undefined,
    };
    fill(columns);
    yield columns;
    made += length;
  }
}

/** VMAs a chunk holds where the caller has no wish of its own: 1 MiB of columns and a bit. */
export const CHUNK_VMAS = 65_536;
