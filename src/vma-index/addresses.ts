// Byte addresses at the border: bigint or number in, bigint out. Pages inside.

import { InputError } from "../errors.ts";

/** A byte address: a bigint up to 2^64, or a number that is exact (up to 2^53 - 1). */
export type Address = bigint | number;

export const PAGE_BYTES = 4096;
const PAGE_SHIFT = 12n;
const PAGE_MASK = 4095n;
/** First byte behind every tree. */
const ADDRESS_END = 1n << 64n;

function refuse(name: string, found: string, expected: string, hint?: string): never {
  throw new InputError({ problem: `bad ${name}`, found, expected, hint });
}

function hex(address: bigint): string {
  return address < 0n ? String(address) : `0x${address.toString(16)}`;
}

/** A byte address as a bigint below 2^64, or up to it where it ends a range. */
function toBytes(address: Address, name: string, end: boolean): bigint {
  if (typeof address === "number" && !Number.isSafeInteger(address)) {
    refuse(name, String(address), "an integer up to 2^53 - 1", "use a bigint beyond that");
  }
  if (typeof address !== "bigint" && typeof address !== "number") {
    refuse(name, typeof address, "a number or a bigint");
  }
  const bytes = BigInt(address);
  if (bytes < 0n || bytes > ADDRESS_END || (bytes === ADDRESS_END && !end)) {
    refuse(name, hex(bytes), `0x0 to ${end ? "2^64" : "2^64 - 1"}`);
  }
  return bytes;
}

/** Page of any byte address. */
export function pageOf(address: Address, name: string): bigint {
  return toBytes(address, name, false) >> PAGE_SHIFT;
}

/** Page that starts at an address, or for an end (exclusive) the page behind the range. */
export function pageBorder(address: Address, name: string, end: boolean): bigint {
  const bytes = toBytes(address, name, end);
  if ((bytes & PAGE_MASK) !== 0n) refuse(name, hex(bytes), `a multiple of ${PAGE_BYTES}`);
  return bytes >> PAGE_SHIFT;
}

/** First and last page of start..end (end exclusive). */
export function pageRange(start: Address, end: Address): { first: bigint; last: bigint } {
  const first = pageBorder(start, "start", false);
  const behind = pageBorder(end, "end", true);
  if (behind <= first) {
    refuse("range", `${hex(BigInt(start))}-${hex(BigInt(end))}`, "an end above the start");
  }
  return { first, last: behind - 1n };
}

/** A size in bytes as pages. */
export function pageCount(bytes: Address, name: string): bigint {
  const size = toBytes(bytes, name, true);
  if (size === 0n || (size & PAGE_MASK) !== 0n) {
    refuse(name, String(size), `a positive multiple of ${PAGE_BYTES}`);
  }
  return size >> PAGE_SHIFT;
}

/** First byte of a page. */
export function addressOf(page: bigint): bigint {
  return page << PAGE_SHIFT;
}

/** Checks what a range may hold. */
export function checkValue(value: number, empty_allowed: boolean): number {
  const lowest = empty_allowed ? 0 : 1;
  if (!Number.isInteger(value) || value < lowest || value > 0xffff_ffff) {
    refuse("value", String(value), `an integer from ${lowest} to 2^32 - 1`);
  }
  return value;
}
