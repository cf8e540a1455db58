// Maps as the kernel prints them, made the naive way from what was parsed.

import type { ParsedMaps } from "../../src/input/maps.ts";

/** Column at which the kernel begins names (seq_pad to 25 + 6 * 8 - 1, then one space). */
const NAME_COLUMN = 73;

/** What the kernel prints for a path. */
export function escapeName(path: string): string {
  return path.replaceAll("\n", "\\012");
}

const digits = (page: number): string => (BigInt(page) << 12n).toString(16).padStart(8, "0");

/** The lines of plain maps, each with its newline. */
export function* formatMaps(maps: ParsedMaps): Iterable<string> {
  for (let i = 0; i < maps.vma_count; i++) {
    const vma = maps.vma(i);
    const head =
      `${digits(vma.start_page)}-${digits(vma.start_page + vma.page_count)} ` +
      `${vma.perms} ${digits(vma.offset_pages)} ${vma.dev} ${vma.inode} `;
    yield vma.name === "" ? `${head}\n` : `${head.padEnd(NAME_COLUMN - 1)} ${vma.name}\n`;
  }
  if (maps.gate_line !== undefined) yield `${maps.gate_line}\n`;
}
