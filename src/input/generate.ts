// Address spaces that no process had: regular shapes for experiments, made on the fly.

import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { Generation } from "../api/types.ts";
import { formatCount, InputError, LimitError } from "../errors.ts";
import { type AddressSpace, filledChunks, type VmaColumns } from "./address-space.ts";
import { checkSeed, Random, type Seed } from "./random.ts";
import { markUntouched } from "./resident.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
const RWX = RW | VmaFlag.EXEC;
const R = VmaFlag.READ;
const SIGNAL = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.SHARED | VmaFlag.FILE;
/** First page of shapes that grow upwards: 4 MiB, the traditional address of a program. */
export const GENERATED_START_PAGE = 0x400;
/** First page above 47-bit user addresses. */
const USER_PAGES_END = 2 ** 35;
/** Longest VMA or gap a generator draws: 1 TiB, so that sums stay exact. */
const DRAWN_PAGES_MAX = 2 ** 28;

/** Writes the next `columns.length` VMAs; holds whatever it needs to go on from there. */
type Fill = (columns: VmaColumns) => void;

/** Columns made chunk by chunk; every reading starts anew. */
class GeneratedAddressSpace implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  readonly area?: { readonly first_vma: number; readonly vma_count: number };
  readonly #start: () => Fill;

  constructor(
    origin: string,
    vma_count: number,
    start: () => Fill,
    area?: { readonly first_vma: number; readonly vma_count: number },
  ) {
    this.origin = origin;
    this.vma_count = vma_count;
    this.#start = start;
    if (area !== undefined) this.area = area;
    markUntouched(this);
  }

  chunks(chunk_vmas: number): Iterable<VmaColumns> {
    return filledChunks(this.vma_count, chunk_vmas, this.#start());
  }
}

export interface AlternatingOptions {
  /** Adds the VMAs of the process that made the mapping: 11 more, see `alternating`. */
  readonly base_process?: boolean;
  /** Whose process it is: 7.2 maps its clocks apart from vvar, 12 VMAs in all. */
  readonly generation?: Generation;
  /** Pages of each VMA; 1 unless given. */
  readonly page_count?: number;
  /** Shared pages above the area, by which processes of the program signal each other; 0. */
  readonly shared_pages?: number;
}

/**
 * A small static program without address randomisation, as 6.12 lays it out, around its big
 * mapping: [first page, pages, flags].
 */
const PROGRAM_BELOW: readonly (readonly [number, number, number])[] = [
  [0x400, 0x1, R | VmaFlag.FILE],
  [0x401, 0x78, R | VmaFlag.EXEC | VmaFlag.FILE],
  [0x479, 0x27, R | VmaFlag.FILE],
  // Read-only after relocation: it was writable before, hence accountable.
  [0x4a0, 0x4, R | VmaFlag.FILE | VmaFlag.ACCOUNT],
  [0x4a4, 0x3, RW | VmaFlag.FILE],
  [0x4a7, 0x5, RW],
  [0x4ac, 0x22, RW | VmaFlag.HEAP],
];
const PROGRAM_ABOVE: readonly (readonly [number, number, number])[] = [
  [0x7_ffff_7ff9, 0x4, R | VmaFlag.SPECIAL],
  [0x7_ffff_7ffd, 0x2, R | VmaFlag.EXEC | VmaFlag.SPECIAL],
  [0x7_ffff_ffde, 0x21, RW | VmaFlag.STACK | VmaFlag.GROWSDOWN],
];
/** The same on 7.2, where vvar_vclock is a mapping of its own. */
const PROGRAM_ABOVE_72: typeof PROGRAM_ABOVE = [
  [0x7_ffff_7ff7, 0x4, R | VmaFlag.SPECIAL],
  [0x7_ffff_7ffb, 0x2, R | VmaFlag.SPECIAL],
  ...PROGRAM_ABOVE.slice(1),
];
/** Below which the big mapping must not reach; it ends where the program goes on. */
const AREA_START_PAGE_MIN = 0x4ce;

/**
 * One private anonymous area of which every second page was made executable: `vma_count` VMAs of
 * one page (or `page_count`), RW and RWX in turn, touching each other. None can merge.
 *
 * With `base_process` the 11 VMAs that exit removes besides: ten of a small static program
 * (its file, bss, heap, vvar, vdso and stack) and a last page of the area, which stays behind
 * when exactly `vma_count` VMAs are unmapped.
 * @throws LimitError when the area does not fit below 47 bits.
 */
export function alternating(vma_count: number, options: AlternatingOptions = {}): AddressSpace {
  checkCount(vma_count);
  const base = options.base_process === true;
  const size = options.page_count ?? 1;
  checkPages("page_count", size, 1);
  const below = base ? PROGRAM_BELOW : [];
  const shared = options.shared_pages ?? 0;
  const top = options.generation === "7.2" ? PROGRAM_ABOVE_72 : PROGRAM_ABOVE;
  const area_end = top[0]![0] - shared;
  const signals = Array.from({ length: shared }, (_, i) => [area_end + i, 1, SIGNAL] as const);
  const above = base ? [...signals, ...top] : signals;
  // what stays behind when exactly `vma_count` VMAs are unmapped
  const last = base && size === 1 ? 1 : 0;
  const area_vmas = vma_count + last;
  const area_pages = vma_count * size + last;
  checkSpan("pages of alternating protection", area_pages, area_end - AREA_START_PAGE_MIN);
  const area_start = area_end - area_pages;
  const total = below.length + area_vmas + above.length;
  const what = size === 1 ? pagesText(vma_count) : `${vmasText(vma_count)} of ${pagesText(size)}`;
  const others = total - vma_count;
  const origin = `${what} of alternating protection${base ? ` and ${others} VMAs of their process` : ""}`;
  const area = { first_vma: below.length, vma_count };
  const start = (): Fill => {
    let made = 0;
    return (columns) => {
      for (let at = 0; at < columns.length; at++, made++) {
        const index = made - below.length;
        if (index >= 0 && index < area_vmas) {
          columns.start_page[at] = area_start + index * size;
          columns.page_count[at] = index === vma_count ? 1 : size;
          columns.flags[at] = (index & 1) === 0 ? RW : RWX;
        } else {
          const [start_page, page_count, flags] =
            index < 0 ? below[made]! : above[index - area_vmas]!;
          columns.start_page[at] = start_page;
          columns.page_count[at] = page_count;
          columns.flags[at] = flags;
        }
      }
    };
  };
  return new GeneratedAddressSpace(origin, total, start, area);
}

export interface ContiguousOptions {
  /** Size of each VMA; 1 unless given. */
  readonly page_count?: number;
}

/**
 * VMAs of one size that touch each other, RW and R in turn so that none can merge.
 * @throws LimitError when they do not fit below 47 bits.
 */
export function contiguous(vma_count: number, options: ContiguousOptions = {}): AddressSpace {
  checkCount(vma_count);
  const size = options.page_count ?? 1;
  checkPages("page_count", size, 1);
  checkSpan("contiguous VMAs", vma_count * size, USER_PAGES_END - GENERATED_START_PAGE);
  const origin = `${vmasText(vma_count, "contiguous ")} of ${pagesText(size)}`;
  return new GeneratedAddressSpace(origin, vma_count, () => {
    let made = 0;
    return (columns) => {
      for (let at = 0; at < columns.length; at++, made++) {
        columns.start_page[at] = GENERATED_START_PAGE + made * size;
        columns.page_count[at] = size;
        columns.flags[at] = (made & 1) === 0 ? RW : R;
      }
    };
  });
}

export interface GappyOptions {
  readonly seed: Seed;
  /** Largest size and gap in pages; 16 unless given. */
  readonly page_count_max?: number;
  readonly gap_pages_max?: number;
}

/**
 * Private anonymous RW VMAs of 1..16 pages with gaps of 1..16 pages, all equally likely.
 * @throws LimitError when they do not fit below 47 bits.
 */
export function gappy(vma_count: number, options: GappyOptions): AddressSpace {
  const size_max = options.page_count_max ?? 16;
  const gap_max = options.gap_pages_max ?? 16;
  checkPages("page_count_max", size_max, 1);
  checkPages("gap_pages_max", gap_max, 1);
  const origin = `${vmasText(vma_count)} of 1 to ${pagesText(size_max)}, gaps of 1 to ${pagesText(gap_max)}`;
  return drawn(origin, vma_count, options.seed, gap_max, {
    max: size_max,
    mean: (1 + size_max) / 2,
    draw: (random) => random.between(1, size_max),
  });
}

export interface RandomSizesOptions {
  readonly seed: Seed;
  /** Bounds of the sizes in pages; 1 and 256 (1 MiB) unless given. */
  readonly page_count_min?: number;
  readonly page_count_max?: number;
  /** Largest gap in pages; 16 unless given. Gaps of 1 page up to this are equally likely. */
  readonly gap_pages_max?: number;
}

/**
 * Private anonymous RW VMAs of log-uniform size: every power of two between the bounds is equally
 * likely (those cut by a bound as much less as they are cut), and so is every size within one.
 * @throws LimitError when they do not fit below 47 bits.
 */
export function randomSizes(vma_count: number, options: RandomSizesOptions): AddressSpace {
  const size_min = options.page_count_min ?? 1;
  const size_max = options.page_count_max ?? 256;
  const gap_max = options.gap_pages_max ?? 16;
  checkPages("page_count_min", size_min, 1);
  checkPages("page_count_max", size_max, size_min);
  checkPages("gap_pages_max", gap_max, 1);
  const origin = `${vmasText(vma_count)} of log-uniform sizes from ${formatCount(size_min)} to ${pagesText(size_max)}`;
  const octaves = octavesBetween(size_min, size_max);
  const weight_total = octaves.reduce((total, octave) => total + octave.weight, 0);
  const mean = octaves.reduce((sum, { low, high, weight }) => sum + weight * (low + high), 0);
  return drawn(origin, vma_count, options.seed, gap_max, {
    max: size_max,
    mean: mean / weight_total / 2,
    draw: (random) => {
      let ticket = random.below(weight_total);
      let chosen = 0;
      while (ticket >= octaves[chosen]!.weight) ticket -= octaves[chosen++]!.weight;
      return random.between(octaves[chosen]!.low, octaves[chosen]!.high);
    },
  });
}

interface Octave {
  readonly low: number;
  readonly high: number;
  /** 65,536 for a whole one. */
  readonly weight: number;
}

function octavesBetween(min: number, max: number): Octave[] {
  const octaves: Octave[] = [];
  for (let power = 1; power <= max; power *= 2) {
    const low = Math.max(min, power);
    const high = Math.min(max, power * 2 - 1);
    if (low > high) continue;
    // Whole at the edges if that is all there is: a single size must have a weight.
    const weight = Math.max(1, Math.floor(((high - low + 1) * 65_536) / power));
    octaves.push({ low, high, weight });
  }
  return octaves;
}

/** How the sizes of VMAs are drawn. */
interface Sizes {
  readonly max: number;
  readonly mean: number;
  draw(random: Random): number;
}

/** VMAs with gaps of 1..gap_max pages. */
function drawn(
  origin: string,
  vma_count: number,
  seed: Seed,
  gap_max: number,
  sizes: Sizes,
): AddressSpace {
  checkCount(vma_count);
  const checked_seed = checkSeed(seed);
  const available = USER_PAGES_END - GENERATED_START_PAGE;
  const expected = vma_count * (sizes.mean + (1 + gap_max) / 2);
  // No sum of draws is further from what is to be expected (Hoeffding: once in e^40).
  const margin = (sizes.max + gap_max) * Math.sqrt(20 * vma_count);
  if (expected > available + margin) checkSpan(origin, Math.round(expected), available);
  else if (expected > available - margin) {
    // It may fit or not, and only drawing tells.
    const random = Random.fromSeed(checked_seed);
    let needed = 0;
    for (let i = 0; i < vma_count; i++) needed += random.between(1, gap_max) + sizes.draw(random);
    checkSpan(origin, needed, available);
  }
  return new GeneratedAddressSpace(`${origin}, seed ${checked_seed}`, vma_count, () => {
    const random = Random.fromSeed(checked_seed);
    let end_page = GENERATED_START_PAGE;
    return (columns) => {
      for (let at = 0; at < columns.length; at++) {
        const start = end_page + random.between(1, gap_max);
        const size = sizes.draw(random);
        columns.start_page[at] = start;
        columns.page_count[at] = size;
        columns.flags[at] = RW;
        end_page = start + size;
      }
    };
  });
}

function checkCount(vma_count: number): void {
  if (Number.isSafeInteger(vma_count) && vma_count >= 1) return;
  throw new InputError({
    problem: "bad number of VMAs",
    found: String(vma_count),
    expected: "a whole number of at least 1",
  });
}

function checkPages(what: string, pages: number, min: number): void {
  if (Number.isSafeInteger(pages) && pages >= min && pages <= DRAWN_PAGES_MAX) return;
  throw new InputError({
    problem: `bad ${what}`,
    found: String(pages),
    expected: `a whole number of ${formatCount(min)} to ${formatCount(DRAWN_PAGES_MAX)} pages`,
  });
}

function checkSpan(what: string, needed: number, available: number): void {
  if (needed <= available) return;
  throw new LimitError({
    problem: `${what} do not fit`,
    needed,
    available,
    unit: "pages of 47-bit addresses",
    hint: "ask for fewer or smaller VMAs",
  });
}

function pagesText(pages: number): string {
  return pages === 1 ? "1 page" : `${formatCount(pages)} pages`;
}

function vmasText(count: number, kind = ""): string {
  return `${formatCount(count)} ${kind}VMA${count === 1 ? "" : "s"}`;
}
