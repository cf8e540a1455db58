// Page tables of the three levels below the top, as a walk over VMAs in address order meets them.
// [simplified: mm/memory.c:free_pgd_range, copy_page_range, 6.12 and 7.2: the tables of the first
//  page of each VMA that has pages; one that lies in several last-level blocks counts the first]

/** No VMA had a table yet. */
export const NO_TABLE: u64 = u64.MAX_VALUE;

/** Tables that a VMA with pages from `page` on is the first to need, behind one at `before`. */
export function newTables(page: u64, before: u64): u64 {
  let tables: u64 = 0;
  for (let shift: u64 = 9; shift <= 27; shift += 9) {
    if (before == NO_TABLE || page >> shift != before >> shift) tables++;
  }
  return tables;
}
