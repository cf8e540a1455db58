// The lines of /proc/PID/smaps under each mapping (fs/proc/task_mmu.c:show_smap).

import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { LineContext, LineProblem } from "./maps-error.ts";
import { lineError } from "./maps-error.ts";

const SPACE = 0x20;
const COLON = 0x3a;
const KIB_PER_PAGE = 4;

/** The flags of a VMA that smaps states and plain maps do not. */
export const SMAPS_FLAGS = VmaFlag.ACCOUNT | VmaFlag.GROWSDOWN | VmaFlag.HUGETLB;

function letters(pair: string): number {
  return (pair.charCodeAt(0) << 8) | pair.charCodeAt(1);
}

// fs/proc/task_mmu.c:show_smap_vma_flags
const AC = letters("ac");
const GD = letters("gd");
const HT = letters("ht");

/** The keys that matter here; all others are passed over. */
export type DetailKey = "Size" | "Rss" | "AnonHugePages" | "VmFlags" | "other";

/** Reads detail lines; one object serves a whole file. */
export class SmapsDetailParser {
  readonly #context: LineContext;
  #bytes: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #value_from = 0;

  constructor(context: LineContext) {
    this.#context = context;
  }

  /**
   * Which detail the line `bytes[from, to)` is.
   * @throws InputError when it is not "Key: value".
   */
  open(bytes: Uint8Array, from: number, to: number): DetailKey {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    let at = from;
    while (at < to && isKeyByte(bytes[at]!)) at++;
    if (at === from || at >= to || bytes[at] !== COLON) {
      this.fail(from, { problem: "not a line of smaps", expected: 'a mapping or "Key: value"' });
    }
    this.#value_from = at + 1;
    switch (bytes[from]) {
      case 0x41: // A
        return this.#isKey("AnonHugePages", at) ? "AnonHugePages" : "other";
      case 0x52: // R
        return this.#isKey("Rss", at) ? "Rss" : "other";
      case 0x53: // S
        return this.#isKey("Size", at) ? "Size" : "other";
      case 0x56: // V
        return this.#isKey("VmFlags", at) ? "VmFlags" : "other";
      default:
        return "other";
    }
  }

  /** The value of "Rss: 123 kB" in pages. */
  pages(key: string): number {
    const bytes = this.#bytes;
    let at = this.#value_from;
    while (at < this.#to && bytes[at] === SPACE) at++;
    const from = at;
    let kib = 0;
    while (at < this.#to && bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && at - from < 16) {
      kib = kib * 10 + (bytes[at++]! - 0x30);
    }
    if (at === from || !this.#isUnit(at)) {
      this.fail(from, { problem: `bad ${key}`, expected: "a number of kB" });
    }
    if (kib % KIB_PER_PAGE !== 0) {
      this.fail(from, { problem: `bad ${key}`, expected: "a multiple of the page size, 4 kB" });
    }
    return kib / KIB_PER_PAGE;
  }

  /** The bits of `SMAPS_FLAGS` that "VmFlags: rd wr mr ac" states. */
  vmFlags(): number {
    const bytes = this.#bytes;
    let flags = 0;
    let at = this.#value_from;
    for (;;) {
      while (at < this.#to && bytes[at] === SPACE) at++;
      if (at >= this.#to) return flags;
      const last = at + 2 === this.#to;
      if (at + 2 > this.#to || bytes[at + 1] === SPACE || !(last || bytes[at + 2] === SPACE)) {
        this.fail(at, { problem: "bad VmFlags", expected: "names of two letters" });
      }
      const pair = (bytes[at]! << 8) | bytes[at + 1]!;
      if (pair === AC) flags |= VmaFlag.ACCOUNT;
      else if (pair === GD) flags |= VmaFlag.GROWSDOWN;
      else if (pair === HT) flags |= VmaFlag.HUGETLB;
      at += 2;
    }
  }

  /** An error at byte `at`, or at the value. */
  fail(at: number, what: LineProblem): never {
    throw lineError(this.#context, this.#bytes, this.#from, this.#to, at, what);
  }

  get value_from(): number {
    let at = this.#value_from;
    while (at < this.#to && this.#bytes[at] === SPACE) at++;
    return at;
  }

  /** Is the rest of the line, from `at` on, " kB" and blanks? */
  #isUnit(at: number): boolean {
    const bytes = this.#bytes;
    if (at + 3 > this.#to || bytes[at] !== SPACE) return false;
    if (bytes[at + 1] !== 0x6b || bytes[at + 2] !== 0x42) return false;
    return bytes.subarray(at + 3, this.#to).every((byte) => byte === SPACE);
  }

  #isKey(key: string, colon_at: number): boolean {
    if (colon_at - this.#from !== key.length) return false;
    for (let i = 0; i < key.length; i++) {
      if (this.#bytes[this.#from + i] !== key.charCodeAt(i)) return false;
    }
    return true;
  }
}

/** Letters, digits and the underscore: "Pss_Dirty". */
function isKeyByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x5f
  );
}
