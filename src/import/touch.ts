// Which pages a mapping is said to touch, as strace shows no page fault.

import { InputError, quoteFound } from "../errors.ts";
import { ACCESS, portions } from "./space.ts";

/** `share`: of the pages of writable private memory, 0 to 1; `first`: one page of each mapping. */
export type Touch = "first" | "written" | "all" | "none" | { readonly share: number };

const WORDS = ["first", "written", "all", "none"] as const;
const SHARE = /^(0|1|0?\.\d{1,6}|1\.0{1,6})$/;

/** Throws InputError. */
export function parseTouch(written: string): Touch {
  const word = WORDS.find((one) => one === written);
  if (word !== undefined) return word;
  if (SHARE.test(written)) return { share: Number(written) };
  throw new InputError({
    problem: "bad value of --touch",
    found: quoteFound(written),
    expected: "first, written, all, none, or a share from 0 to 1 such as 0.25",
  });
}

/** What is said of it in the scenario's head. */
export function touchText(touch: Touch): string {
  if (touch === "none") return "none";
  if (touch === "first") return "the first page of each private mapping that is writable";
  if (touch === "written") return "every page of private memory that is writable";
  if (touch === "all")
    return "every page of writable private memory; files and shared memory are read";
  return `a share of ${touch.share} of the pages of each private mapping that is writable`;
}

/** Pages that fault-around maps at once (mm/memory.c:fault_around_pages, 64 KiB). */
const AROUND = 16;

export interface Faults {
  readonly steps: readonly string[];
  readonly count: number;
}

/** The faults on a mapping of `pages` from `start`; undefined for none. */
export function faultsOn(
  touch: Touch,
  start: number,
  pages: number,
  protection: number,
): Faults | undefined {
  const shared = (protection & ACCESS.SHARED) !== 0;
  const kind = protection >> ACCESS.BITS;
  if ((protection & ACCESS.WRITE) !== 0 && !shared) {
    return series("touch", start, writtenPages(touch, pages), 1);
  }
  if (touch !== "all" || (protection & ACCESS.READ) === 0 || kind === 0) return undefined;
  return series("read-file", start, Math.ceil(pages / AROUND), AROUND);
}

function series(word: string, start: number, count: number, apart: number): Faults | undefined {
  if (count === 0) return undefined;
  const steps = [...portions(0, count)].map(([done, some]) => {
    return `{${word}: [${start + done * apart}, ${some}, ${apart}]}`;
  });
  return { steps, count };
}

function writtenPages(touch: Touch, pages: number): number {
  if (touch === "none") return 0;
  if (touch === "first") return 1;
  return typeof touch === "string" ? pages : Math.ceil(pages * touch.share);
}
