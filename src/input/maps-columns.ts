// A parsed address space: one typed column a property, names in a table of their own.

import { VmaFlag } from "../../assembly/abi/vma.ts";
import { LimitError } from "../errors.ts";
import type { AddressSpace, VmaColumns } from "./address-space.ts";
import { NameTable, unescapeName } from "./name-table.ts";
import { residentAsFound } from "./populate.ts";

/** VMAs one parsed file may hold; 44 bytes each, 52 with resident pages, 56 with huge ones. */
const PARSED_VMAS_MAX = 100_000_000;

/** One line of maps, taken apart; the parser reuses one of these for all lines. */
export interface MapsLine {
  start_page: number;
  page_count: number;
  /** Bits of `VmaFlag`. */
  flags: number;
  /** Offset into the file, in pages. */
  offset_pages: number;
  /** Major number << 20 | minor number. */
  dev: number;
  inode_low: number;
  inode_high: number;
  name_id: number;
}

/** One VMA in full, for descriptions. */
export interface VmaDescription {
  readonly start_page: number;
  readonly page_count: number;
  /** Bits of `VmaFlag`. */
  readonly flags: number;
  /** As in the file: "rw-p". */
  readonly perms: string;
  /** Offset into the file, in pages. */
  readonly offset_pages: number;
  /** As in the file: "fe:00". */
  readonly dev: string;
  readonly inode: bigint;
  /** As in the file, newlines escaped as \012. */
  readonly name: string;
  /** The name with its newlines restored. */
  readonly path: string;
  /** Resident pages; undefined unless the source is smaps. */
  readonly rss_pages: number | undefined;
  /** Huge pages of 2 MiB among them (AnonHugePages); undefined unless the source is smaps. */
  readonly huge_pages: number | undefined;
}

type Column = Float64Array | Uint32Array;

function grow<T extends Column>(column: T, capacity: number): T {
  const grown = new (column.constructor as new (length: number) => T)(capacity);
  grown.set(column);
  return grown;
}

/** Collects lines into columns that double when they are full. */
export class MapsColumns {
  vma_count = 0;
  readonly names = new NameTable();
  start_page = new Float64Array(1024);
  page_count = new Float64Array(1024);
  flags = new Uint32Array(1024);
  offset_pages = new Float64Array(1024);
  dev = new Uint32Array(1024);
  inode_low = new Uint32Array(1024);
  inode_high = new Uint32Array(1024);
  name_id = new Uint32Array(1024);
  /** Absent until the first resident count arrives. */
  rss_pages: Float64Array | undefined;
  /** Absent until a VMA has huge pages. */
  huge_pages: Uint32Array | undefined;

  /** Appends a VMA and returns its index. */
  append(line: MapsLine): number {
    const index = this.vma_count;
    if (index === this.start_page.length) this.#double();
    this.start_page[index] = line.start_page;
    this.page_count[index] = line.page_count;
    this.flags[index] = line.flags;
    this.offset_pages[index] = line.offset_pages;
    this.dev[index] = line.dev;
    this.inode_low[index] = line.inode_low;
    this.inode_high[index] = line.inode_high;
    this.name_id[index] = line.name_id;
    this.vma_count = index + 1;
    return index;
  }

  setRss(index: number, rss_pages: number): void {
    this.rss_pages ??= new Float64Array(this.start_page.length);
    this.rss_pages[index] = rss_pages;
  }

  setHuge(index: number, huge_pages: number): void {
    if (huge_pages === 0) return;
    this.huge_pages ??= new Uint32Array(this.start_page.length);
    this.huge_pages[index] = huge_pages;
  }

  #double(): void {
    const capacity = Math.min(this.start_page.length * 2, PARSED_VMAS_MAX);
    if (capacity === this.start_page.length) {
      throw new LimitError({
        problem: "too many mappings in one maps file",
        needed: capacity + 1,
        available: PARSED_VMAS_MAX,
        unit: "VMAs",
      });
    }
    this.start_page = grow(this.start_page, capacity);
    this.page_count = grow(this.page_count, capacity);
    this.flags = grow(this.flags, capacity);
    this.offset_pages = grow(this.offset_pages, capacity);
    this.dev = grow(this.dev, capacity);
    this.inode_low = grow(this.inode_low, capacity);
    this.inode_high = grow(this.inode_high, capacity);
    this.name_id = grow(this.name_id, capacity);
    if (this.rss_pages !== undefined) this.rss_pages = grow(this.rss_pages, capacity);
    if (this.huge_pages !== undefined) this.huge_pages = grow(this.huge_pages, capacity);
  }
}

/** What the parser knows besides the columns. */
export interface ParsedMapsFacts {
  readonly origin: string;
  readonly format: "maps" | "smaps";
  /** The [vsyscall] line as it stood in the file, or undefined. */
  readonly gate_line: string | undefined;
}

/** The VMAs of one maps or smaps file, the vsyscall page left out. */
export class ParsedMaps implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  /** What the source was; smaps gives ACCOUNT, GROWSDOWN and HUGETLB as the kernel has them. */
  readonly format: "maps" | "smaps";
  /**
   * 1 when the file had a [vsyscall] line. That page is the same in all processes and no VMA of
   * any mm (arch/x86/entry/vsyscall/vsyscall_64.c:get_gate_vma), so exit does not remove it and
   * `vma_count` does not count it.
   */
  readonly gate_vmas: 0 | 1;
  readonly gate_line: string | undefined;
  /** Columns of `vma_count` entries; shared with the chunks, not to be written to. */
  readonly start_page: Float64Array;
  readonly page_count: Float64Array;
  readonly flags: Uint32Array;
  readonly rss_pages: Float64Array | undefined;
  readonly huge_pages: Uint32Array | undefined;
  readonly #columns: MapsColumns;

  constructor(columns: MapsColumns, facts: ParsedMapsFacts) {
    const { vma_count } = columns;
    this.#columns = columns;
    this.vma_count = vma_count;
    this.origin = facts.origin;
    this.format = facts.format;
    this.gate_line = facts.gate_line;
    this.gate_vmas = facts.gate_line === undefined ? 0 : 1;
    this.start_page = columns.start_page.subarray(0, vma_count);
    this.page_count = columns.page_count.subarray(0, vma_count);
    this.flags = columns.flags.subarray(0, vma_count);
    this.rss_pages = columns.rss_pages?.subarray(0, vma_count);
    this.huge_pages = columns.huge_pages?.subarray(0, vma_count);
  }

  /** Views of the columns: nothing is copied. */
  *chunks(chunk_vmas: number): Iterable<VmaColumns> {
    for (let from = 0; from < this.vma_count; from += chunk_vmas) {
      const to = Math.min(from + chunk_vmas, this.vma_count);
      yield {
        length: to - from,
        start_page: this.start_page.subarray(from, to),
        page_count: this.page_count.subarray(from, to),
        flags: this.flags.subarray(from, to),
      };
    }
  }

  /** The same VMAs with the pages that smaps found resident. */
  get found(): AddressSpace | undefined {
    return this.rss_pages === undefined ? undefined : residentAsFound(this, this.rss_pages);
  }

  /** Distinct names, the empty one included. */
  get name_count(): number {
    return this.#columns.names.length;
  }

  /** @throws RangeError when there is no such VMA. */
  vma(index: number): VmaDescription {
    const columns = this.#columns;
    if (!(Number.isInteger(index) && index >= 0 && index < this.vma_count)) {
      throw new RangeError(`no VMA ${index}: there are ${this.vma_count}`);
    }
    const flags = this.flags[index]!;
    const name = columns.names.text(columns.name_id[index]!);
    return {
      start_page: this.start_page[index]!,
      page_count: this.page_count[index]!,
      flags,
      perms: permsText(flags),
      offset_pages: columns.offset_pages[index]!,
      dev: devText(columns.dev[index]!),
      inode: (BigInt(columns.inode_high[index]!) << 32n) | BigInt(columns.inode_low[index]!),
      name,
      path: unescapeName(name),
      rss_pages: this.rss_pages?.[index],
      huge_pages: this.rss_pages && (this.huge_pages?.[index] ?? 0),
    };
  }
}

/** "rw-p" from the flag bits. */
function permsText(flags: number): string {
  return (
    (flags & VmaFlag.READ ? "r" : "-") +
    (flags & VmaFlag.WRITE ? "w" : "-") +
    (flags & VmaFlag.EXEC ? "x" : "-") +
    (flags & VmaFlag.SHARED ? "s" : "p")
  );
}

function devText(dev: number): string {
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return `${hex(dev >>> 20)}:${hex(dev & 0xfffff)}`;
}
