// One line of /proc/PID/maps (fs/proc/task_mmu.c:show_vma_header_prefix), byte by byte:
//
//   7f3a5c200000-7f3a5c228000 r-xp 00028000 fe:00 339380           /usr/lib/libc.so.6
//   start        end          perms offset  dev   inode            name, if any

import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { MapsLine } from "./maps-columns.ts";
import { type LineContext, type LineProblem, lineError } from "./maps-error.ts";

/** First page above 57 bits, the widest virtual address there is (five-level page tables). */
const ADDRESS_PAGES_END = 2 ** 45;
/** The page of the vsyscall: the one mapping above 57 bits, and no VMA of the mm. */
const VSYSCALL_PAGE = 0xf_ffff_ffff_f600;

const SPACE = 0x20;
const DASH = 0x2d;
const COLON = 0x3a;
const ZERO = 0x30;
const TWO_32 = 0x1_0000_0000;
/** Below this, ten times a number plus a digit is still exact. */
const EXACT_DECIMAL_MAX = 900_719_925_474_098;
const INODE_MAX = 0xffff_ffff_ffff_ffffn;

/** The value of a lower-case hexadecimal digit, or -1. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}

function isCapitalHex(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x46;
}

/** Parses lines into its own fields; one object serves all lines of a file. */
export class MapsLineParser implements MapsLine {
  start_page = 0;
  page_count = 0;
  flags = 0;
  offset_pages = 0;
  dev = 0;
  inode_low = 0;
  inode_high = 0;
  name_id = 0;
  /** Where the name begins; equal to the end of the line when there is none. */
  name_from = 0;
  /** This line is the vsyscall page. */
  is_gate = false;

  readonly #context: LineContext;
  #bytes: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #at = 0;
  /** End of the mapping before, and the line it stood on. */
  #previous_end_page = 0;
  #previous_start_page = 0;
  #previous_line = 0;

  constructor(context: LineContext) {
    this.#context = context;
  }

  /**
   * Parses `bytes[from, to)`, a line without its end, all but the flags that depend on the name.
   * @throws InputError at the first byte that is wrong.
   */
  parse(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#at = from;
    this.#parseRange();
    this.#parsePerms();
    this.#expectByte(SPACE, "a space", "permissions");
    this.offset_pages = this.#parseHexPages("file offset", SPACE, "a space");
    this.#parseDev();
    this.#expectByte(SPACE, "a space", "device");
    this.#parseInode();
    this.#findName();
  }

  #fail(at: number, what: LineProblem): never {
    throw lineError(this.#context, this.#bytes, this.#from, this.#to, at, what);
  }

  #parseRange(): void {
    const from = this.#at;
    const start_page = this.#parseHexPages("start address", DASH, "a dash");
    const end_at = this.#at;
    const end_page = this.#parseHexPages("end address", SPACE, "a space");
    this.is_gate = start_page === VSYSCALL_PAGE && end_page === VSYSCALL_PAGE + 1;
    if (!this.is_gate && end_page > ADDRESS_PAGES_END) {
      const above = start_page >= ADDRESS_PAGES_END;
      this.#fail(above ? from : end_at, {
        problem: "address above 57 bits",
        found: addressText(above ? start_page : end_page),
        expected: `at most ${addressText(ADDRESS_PAGES_END)}`,
        hint: "maps of x86-64, arm64 and riscv64 processes fit; those of ia64 and s390x need not",
      });
    }
    if (end_page <= start_page) {
      this.#fail(from, {
        problem: end_page === start_page ? "empty mapping" : "reversed range",
        found: rangeText(start_page, end_page),
        expected: "an end above the start",
      });
    }
    if (start_page < this.#previous_end_page) this.#failOrder(from, start_page, end_page);
    this.start_page = start_page;
    this.page_count = end_page - start_page;
    this.#previous_start_page = start_page;
    this.#previous_end_page = end_page;
    this.#previous_line = this.#context.line;
  }

  #failOrder(from: number, start_page: number, end_page: number): never {
    const overlap = end_page > this.#previous_start_page;
    const same = start_page === this.#previous_start_page && end_page === this.#previous_end_page;
    this.#fail(from, {
      problem: same ? "repeated mapping" : overlap ? "overlapping mapping" : "mapping out of order",
      found: rangeText(start_page, end_page),
      expected: `a start at or above ${addressText(this.#previous_end_page)}, the end of line ${this.#previous_line}`,
      hint: "one file holds the maps of one process, in ascending order",
    });
  }

  /** A hexadecimal multiple of 0x1000, of at most 16 digits, in pages, and the byte behind it. */
  #parseHexPages(what: string, behind: number, behind_text: string): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let pages = 0;
    let low = 0; // the last three digits so far: the offset in the page
    let digit = hexDigit(bytes[at]);
    while (digit >= 0 && at < this.#to) {
      pages = pages * 16 + (low >> 8);
      low = ((low & 0xff) << 4) | digit;
      at++;
      digit = hexDigit(bytes[at]);
    }
    this.#at = at;
    if (at === from || (at < this.#to && isCapitalHex(bytes[at]))) this.#failHex(at, what);
    this.#expectByte(behind, behind_text, what);
    if (at - from > 16) {
      this.#fail(from, { problem: `${what} too long`, expected: "at most 16 hexadecimal digits" });
    }
    if (low !== 0) {
      this.#fail(from, {
        problem: `unaligned ${what}`,
        found: `0x${String.fromCharCode(...bytes.subarray(from, at))}`,
        expected: "a multiple of the page size, 0x1000",
      });
    }
    return pages;
  }

  #failHex(at: number, what: string): never {
    this.#fail(at, {
      problem: `bad ${what}`,
      expected: "lower-case hexadecimal digits",
      ...(at < this.#to &&
        isCapitalHex(this.#bytes[at]) && { hint: "the kernel prints addresses in lower case" }),
    });
  }

  #parsePerms(): void {
    const at = this.#at;
    const bytes = this.#bytes;
    let flags = 0;
    if (this.#perm(0, "r")) flags |= VmaFlag.READ;
    if (this.#perm(1, "w")) flags |= VmaFlag.WRITE;
    if (this.#perm(2, "x")) flags |= VmaFlag.EXEC;
    const sharing = at + 3 < this.#to ? bytes[at + 3] : 0;
    if (sharing === 0x73) flags |= VmaFlag.SHARED;
    else if (sharing !== 0x70) {
      this.#fail(at + 3, { problem: "bad permissions", expected: '"p" (private) or "s" (shared)' });
    }
    this.flags = flags;
    this.#at = at + 4;
  }

  #perm(index: number, letter: "r" | "w" | "x"): boolean {
    const at = this.#at + index;
    const byte = at < this.#to ? this.#bytes[at] : 0;
    if (byte === letter.charCodeAt(0)) return true;
    if (byte === DASH) return false;
    this.#fail(at, { problem: "bad permissions", expected: `"${letter}" or "-"` });
  }

  #parseDev(): void {
    const major = this.#parseDevPart("major device number", 0xfff);
    this.#expectByte(COLON, "a colon", "major device number");
    this.dev = (major << 20) | this.#parseDevPart("minor device number", 0xfffff);
  }

  #parseDevPart(what: string, max: number): number {
    const from = this.#at;
    let value = 0;
    let digit = hexDigit(this.#bytes[this.#at]);
    while (digit >= 0 && this.#at < this.#to && value <= max) {
      value = value * 16 + digit;
      digit = hexDigit(this.#bytes[++this.#at]);
    }
    if (this.#at === from) this.#failHex(from, what);
    if (value > max) {
      this.#fail(from, { problem: `${what} too large`, expected: `at most ${max.toString(16)}` });
    }
    return value;
  }

  #parseInode(): void {
    const from = this.#at;
    const bytes = this.#bytes;
    let at = from;
    let value = 0;
    while (at < this.#to && bytes[at]! >= ZERO && bytes[at]! <= 0x39) {
      if (value > EXACT_DECIMAL_MAX) {
        this.#parseLongInode(from);
        return;
      }
      value = value * 10 + (bytes[at++]! - ZERO);
    }
    if (at === from) {
      this.#fail(from, { problem: "bad inode number", expected: "decimal digits" });
    }
    this.#at = at;
    this.inode_low = value % TWO_32;
    this.inode_high = Math.floor(value / TWO_32);
  }

  /** Network and overlay file systems use all 64 bits. */
  #parseLongInode(from: number): void {
    let digits = "";
    let at = from;
    while (at < this.#to && this.#bytes[at]! >= ZERO && this.#bytes[at]! <= 0x39) {
      digits += String.fromCharCode(this.#bytes[at++]!);
    }
    const value = digits.length > 20 ? INODE_MAX + 1n : BigInt(digits);
    if (value > INODE_MAX) {
      this.#fail(from, { problem: "inode number too large", expected: `at most ${INODE_MAX}` });
    }
    this.#at = at;
    this.inode_low = Number(value & 0xffff_ffffn);
    this.inode_high = Number(value >> 32n);
  }

  #findName(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at < this.#to && bytes[at] !== SPACE) {
      this.#fail(at, { problem: "bad inode number", expected: "a space or the end of the line" });
    }
    while (at < this.#to && bytes[at] === SPACE) at++;
    this.name_from = at;
  }

  #expectByte(byte: number, expected: string, what: string): void {
    const at = this.#at;
    if (at >= this.#to || this.#bytes[at] !== byte) {
      this.#fail(at, { problem: "not a line of maps", expected: `${expected} after the ${what}` });
    }
    this.#at = at + 1;
  }
}

/** "0x7f3a5c200000" of a page number; exact. */
function addressText(page: number): string {
  return page === 0 ? "0x0" : `0x${page.toString(16)}000`;
}

function rangeText(start_page: number, end_page: number): string {
  return `${addressText(start_page)}-${addressText(end_page)}`;
}
