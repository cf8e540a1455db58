// The calls that the cases of the test module make, begun for their thread.

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { areaAt } from "./area";
import { beginAlloc, beginFree } from "./op";
import { opOf, TestThread } from "./thread";

const POINTERS_A_PAGE: u32 = 512;

export function alloc(thread: TestThread, pages: u32, align: u64, flags: u8): void {
  beginAlloc(opOf(thread), pages, align, flags);
}

export function free(thread: TestThread, area: usize): void {
  beginFree(opOf(thread), areaAt(area), 0);
}

/** What the last allocation gave; remembered where the case holds it. */
export function taken(thread: TestThread): usize {
  return opOf(thread).area;
}

@inline
export function loops(): u32 {
  return <u32>config(Config.TEST_LOOPS);
}

/** Pages of an array of pointers, which the cases take by vmalloc as well. */
export function arrayPages(pointers: u32): u32 {
  return (pointers + POINTERS_A_PAGE - 1) / POINTERS_A_PAGE;
}
