// Parser of /proc/PID/maps and smaps for any host: text or chunks in, typed columns out. It reads
// line by line and holds no more text than one line.

import { VmaFlag } from "../../assembly/abi/vma.ts";
import { InputError } from "../errors.ts";
import { foreignFormat, formatHint } from "../magic.ts";
import { MapsColumns, ParsedMaps } from "./maps-columns.ts";
import { type LineContext, lineError } from "./maps-error.ts";
import { MapsLineParser } from "./maps-line.ts";
import { wholeBlocks } from "./populate.ts";
import { PAGES_PER_HUGE } from "./resident.ts";
import { SMAPS_FLAGS, SmapsDetailParser } from "./smaps-detail.ts";

export type { VmaDescription } from "./maps-columns.ts";
export { ParsedMaps } from "./maps-columns.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
/** A path has at most 4096 bytes, each escaped to at most 4; anything longer is no line of maps. */
const LINE_BYTES_MAX = 65_536;
/** Characters of a string that are encoded at a time. */
const ENCODE_CHARACTERS = 65_536;

export interface ParseMapsOptions {
  /** Name for error messages and, without `origin`, for reports. */
  readonly file?: string | undefined;
  /** `AddressSpace.origin` of the result. */
  readonly origin?: string | undefined;
}

/**
 * VM_ACCOUNT by the kernel's rule for new mappings (mm/mmap.c:accountable_mapping, 6.12): private
 * and writable, hugetlb excepted. Simplified: plain maps show neither MAP_NORESERVE, nor the
 * overcommit mode, nor that a page now read-only was once writable. smaps states the flag itself.
 */
export function derivedAccount(flags: number): number {
  const looked_at = VmaFlag.WRITE | VmaFlag.SHARED | VmaFlag.HUGETLB;
  return (flags & looked_at) === VmaFlag.WRITE ? VmaFlag.ACCOUNT : 0;
}

/** The parser fed by hand: `push` bytes in any portions, then `finish`. */
export class MapsParser {
  readonly #columns = new MapsColumns();
  readonly #context: LineContext;
  readonly #options: ParseMapsOptions;
  readonly #line: MapsLineParser;
  readonly #detail: SmapsDetailParser;
  /** The beginning of a line whose end has not arrived yet. */
  #partial = new Uint8Array(256);
  #partial_bytes = 0;
  #format: "maps" | "smaps" | undefined;
  /** Whether lines end in CR LF: decided by the first line, as a name may end in CR itself. */
  #crlf: boolean | undefined;
  #gate_line: string | undefined;
  /** The mapping whose details follow: its index, or -1 for the vsyscall page. */
  #vma_index = -1;
  #mappings = 0;
  #saw_vm_flags = false;

  constructor(options: ParseMapsOptions = {}) {
    this.#options = options;
    this.#context = { file: options.file, line: 0 };
    this.#line = new MapsLineParser(this.#context);
    this.#detail = new SmapsDetailParser(this.#context);
  }

  /** @throws InputError at the first thing that is wrong. */
  push(bytes: Uint8Array): void {
    let from = 0;
    if (this.#partial_bytes > 0) {
      const end = bytes.indexOf(NEWLINE);
      this.#keep(bytes, 0, end < 0 ? bytes.length : end);
      if (end < 0) return;
      from = end + 1;
      const length = this.#partial_bytes;
      this.#partial_bytes = 0;
      this.#readLine(this.#partial, 0, length);
    }
    for (;;) {
      const end = bytes.indexOf(NEWLINE, from);
      if (end < 0) break;
      this.#readLine(bytes, from, end);
      from = end + 1;
    }
    this.#keep(bytes, from, bytes.length);
  }

  /**
   * The result; a last line without its newline counts.
   * @throws InputError when the end is missing (smaps).
   */
  finish(): ParsedMaps {
    if (this.#partial_bytes > 0) this.#readLine(this.#partial, 0, this.#partial_bytes);
    this.#partial_bytes = 0;
    this.#requireClosedRecord();
    const file = this.#options.file ?? "maps";
    return new ParsedMaps(this.#columns, {
      origin: this.#options.origin ?? file,
      format: this.#format ?? "maps",
      gate_line: this.#gate_line,
    });
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#partial_bytes + (to - from);
    if (length > LINE_BYTES_MAX) this.#failLength(bytes, from, to);
    if (length > this.#partial.length) {
      const grown = new Uint8Array(Math.max(length, this.#partial.length * 2));
      grown.set(this.#partial.subarray(0, this.#partial_bytes));
      this.#partial = grown;
    }
    this.#partial.set(bytes.subarray(from, to), this.#partial_bytes);
    this.#partial_bytes = length;
  }

  #failLength(bytes: Uint8Array, from: number, to: number): never {
    this.#context.line++;
    const begun = this.#partial.subarray(0, this.#partial_bytes);
    const line = begun.length > 0 ? begun : bytes.subarray(from, to);
    if (this.#context.line === 1) this.#checkMagic(line);
    throw lineError(this.#context, line, 0, line.length, 0, {
      problem: "line too long",
      found: `more than ${LINE_BYTES_MAX} bytes without a newline`,
      expected: "lines of /proc/PID/maps",
    });
  }

  #readLine(bytes: Uint8Array, line_from: number, line_end: number): void {
    let from = line_from;
    let to = line_end;
    if (++this.#context.line === 1) {
      this.#checkMagic(bytes.subarray(from, to));
      from += byteOrderMark(bytes, from, to);
      this.#crlf = to > from && bytes[to - 1] === CARRIAGE_RETURN;
    }
    if (this.#crlf && to > from && bytes[to - 1] === CARRIAGE_RETURN) to--;
    const first = from < to ? bytes[from]! : SPACE;
    if (first >= 0x47 && first <= 0x5a) this.#readDetail(bytes, from, to);
    else if (first >= 0x41 && first <= 0x46 && hasKey(bytes, from, to)) {
      this.#readDetail(bytes, from, to);
    } else if (!isBlank(bytes, from, to)) this.#readMapping(bytes, from, to);
  }

  #checkMagic(line: Uint8Array): void {
    const magic = foreignFormat(line);
    if (magic === undefined) return;
    throw new InputError({
      file: this.#options.file ?? "maps",
      line: 1,
      column: 1,
      problem: "not text",
      found: magic,
      expected: "the text of /proc/PID/maps or smaps",
      hint: formatHint(magic),
    });
  }

  #readMapping(bytes: Uint8Array, from: number, to: number): void {
    const line = this.#line;
    line.parse(bytes, from, to);
    if (this.#mappings > 0 && this.#format === undefined) this.#format = "maps";
    this.#requireClosedRecord();
    this.#mappings++;
    this.#saw_vm_flags = false;
    this.#vma_index = -1;
    if (line.is_gate) {
      this.#gate_line = new TextDecoder().decode(bytes.subarray(from, to));
      return;
    }
    const names = this.#columns.names;
    line.name_id = names.intern(bytes, line.name_from, to);
    line.flags |= this.#namedFlags(line, names.flags(line.name_id));
    line.flags |= derivedAccount(line.flags);
    if (line.page_count > 0 && isRollup(bytes, line.name_from, to))
      this.#failRollup(bytes, from, to);
    this.#vma_index = this.#columns.append(line);
  }

  #namedFlags(line: MapsLineParser, name_flags: number): number {
    const bracketed =
      name_flags & (VmaFlag.HEAP | VmaFlag.STACK | VmaFlag.GROWSDOWN | VmaFlag.SPECIAL);
    const has_file = line.dev !== 0 || line.inode_low !== 0 || line.inode_high !== 0;
    if (!has_file) return bracketed;
    return VmaFlag.FILE | (name_flags & (VmaFlag.DELETED | VmaFlag.HUGETLB));
  }

  #failRollup(bytes: Uint8Array, from: number, to: number): never {
    throw lineError(this.#context, bytes, from, to, this.#line.name_from, {
      problem: "totals, not mappings",
      expected: "a mapping",
      hint: "this is smaps_rollup: give /proc/PID/smaps",
    });
  }

  #readDetail(bytes: Uint8Array, from: number, to: number): void {
    const detail = this.#detail;
    const key = detail.open(bytes, from, to);
    if (this.#mappings === 0) {
      detail.fail(from, {
        problem: "smaps detail before the first mapping",
        expected: "a mapping",
        hint: "the beginning of the file is missing",
      });
    }
    if (this.#format === "maps") {
      detail.fail(from, {
        problem: "smaps detail in plain maps",
        expected: "a mapping",
        hint: "the mappings before this one have no details: are these two files in one?",
      });
    }
    // VmFlags ends a record; lines that newer kernels may add behind it are none of these
    if (this.#saw_vm_flags && key !== "other") {
      detail.fail(from, {
        problem: "smaps details of no mapping",
        expected: "a mapping, as VmFlags ended the last one",
        hint: "the line of their mapping is missing: was the file filtered?",
      });
    }
    this.#format = "smaps";
    if (key === "VmFlags") {
      this.#saw_vm_flags = true;
      const stated = detail.vmFlags();
      if (this.#vma_index < 0) return;
      const flags = this.#columns.flags;
      flags[this.#vma_index] = (flags[this.#vma_index]! & ~SMAPS_FLAGS) | stated;
    } else if (key === "AnonHugePages") this.#readHuge(detail.pages(key));
    else if (key !== "other" && this.#vma_index >= 0) this.#readSize(key, detail.pages(key));
  }

  /** Rss comes before it (fs/proc/task_mmu.c:__show_smap). */
  #readHuge(pages: number): void {
    const index = this.#vma_index;
    if (pages === 0 || index < 0) return;
    const { start_page, page_count, rss_pages } = this.#columns;
    const blocks = wholeBlocks(start_page[index]!, page_count[index]!);
    const resident = Math.floor((rss_pages?.[index] ?? 0) / PAGES_PER_HUGE);
    const huge = pages / PAGES_PER_HUGE;
    if (Number.isInteger(huge) && huge <= blocks && huge <= resident) {
      this.#columns.setHuge(index, huge);
      return;
    }
    const most = `at most ${Math.min(blocks, resident)} of them`;
    const limit =
      resident < blocks ? "Rss has no more" : "the mapping has no more whole 2 MiB blocks";
    this.#detail.fail(this.#detail.value_from, {
      problem: "bad AnonHugePages",
      found: `${pages * 4} kB`,
      expected: `whole huge pages of 2048 kB, ${most}`,
      ...(huge > Math.min(blocks, resident) && { hint: limit }),
    });
  }

  #readSize(key: "Size" | "Rss", pages: number): void {
    const index = this.#vma_index;
    const page_count = this.#columns.page_count[index]!;
    if (key === "Rss") this.#columns.setRss(index, pages);
    if (key === "Rss" ? pages <= page_count : pages === page_count) return;
    this.#detail.fail(this.#detail.value_from, {
      problem: key === "Rss" ? "Rss above the size of the mapping" : "Size contradicts the range",
      found: `${pages * 4} kB`,
      expected: `${key === "Rss" ? "at most " : ""}${page_count * 4} kB`,
    });
  }

  /** VmFlags ends every record of smaps (since 3.8); its absence means that lines are missing. */
  #requireClosedRecord(): void {
    if (this.#format !== "smaps" || this.#saw_vm_flags) return;
    throw new InputError({
      file: this.#options.file ?? "maps",
      line: this.#context.line,
      column: 1,
      problem: "truncated smaps",
      found: "the end of a mapping's details",
      expected: "a VmFlags line before it",
      hint: "copy the whole of /proc/PID/smaps, or give /proc/PID/maps",
    });
  }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== SPACE && bytes[at] !== CARRIAGE_RETURN) return false;
  }
  return true;
}

/** Tells "FilePmdMapped: 0 kB" from a mapping whose address begins with a capital digit. */
function hasKey(bytes: Uint8Array, from: number, to: number): boolean {
  const colon = bytes.subarray(from, to).indexOf(0x3a);
  const dash = bytes.subarray(from, to).indexOf(0x2d);
  return colon >= 0 && (dash < 0 || colon < dash);
}

function isRollup(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 8 || bytes[from] !== 0x5b) return false;
  return new TextDecoder().decode(bytes.subarray(from, to)) === "[rollup]";
}

function byteOrderMark(bytes: Uint8Array, from: number, to: number): number {
  const marked = to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb;
  return marked && bytes[from + 2] === 0xbf ? 3 : 0;
}

/** Encodes text in portions, never between the halves of a surrogate pair. */
class TextFeeder {
  readonly #encoder = new TextEncoder();
  #high_surrogate = "";

  feed(parser: MapsParser, text: string): void {
    for (let from = 0; from < text.length; from += ENCODE_CHARACTERS) {
      const piece = this.#high_surrogate + text.slice(from, from + ENCODE_CHARACTERS);
      const last = piece.charCodeAt(piece.length - 1);
      this.#high_surrogate = last >= 0xd800 && last <= 0xdbff ? piece.slice(-1) : "";
      const whole = this.#high_surrogate === "" ? piece : piece.slice(0, -1);
      parser.push(this.#encoder.encode(whole));
    }
  }

  finish(parser: MapsParser): void {
    if (this.#high_surrogate !== "") parser.push(this.#encoder.encode(this.#high_surrogate));
  }
}

export type MapsChunk = string | Uint8Array;

/**
 * Parses maps or smaps (told apart by their content), streaming. An empty source is an address
 * space of no VMAs: so read the maps of kernel threads and of processes that have ended.
 * @throws InputError with file, line and column at the first thing that is wrong.
 */
export function parseMaps(
  source: MapsChunk | Iterable<MapsChunk>,
  options?: ParseMapsOptions,
): ParsedMaps;
export function parseMaps(
  source: AsyncIterable<MapsChunk>,
  options?: ParseMapsOptions,
): Promise<ParsedMaps>;
export function parseMaps(
  source: MapsChunk | Iterable<MapsChunk> | AsyncIterable<MapsChunk>,
  options: ParseMapsOptions = {},
): ParsedMaps | Promise<ParsedMaps> {
  const parser = new MapsParser(options);
  const feeder = new TextFeeder();
  const feed = (chunk: MapsChunk) => {
    if (typeof chunk === "string") feeder.feed(parser, chunk);
    else parser.push(chunk);
  };
  const finish = () => {
    feeder.finish(parser);
    return parser.finish();
  };
  if (typeof source === "string" || source instanceof Uint8Array) feed(source);
  else if (Symbol.asyncIterator in source) return feedAsync(source, feed, finish);
  else for (const chunk of source) feed(chunk);
  return finish();
}

async function feedAsync(
  source: AsyncIterable<MapsChunk>,
  feed: (chunk: MapsChunk) => void,
  finish: () => ParsedMaps,
): Promise<ParsedMaps> {
  for await (const chunk of source) feed(chunk);
  return finish();
}
