// A process unmaps touched memory, sleeps, and exits. While its CPU is idle the periodic worker does not run; the first
// tick after the sleep makes up for it, once. Where the CPU's page list is longer than the worker leaves it, it is then
// just as long as it may be: the first page that the exit frees moves a batch to the buddy allocator.
//
//   list   ╱▔▔▔▔ munmap ▔▔▔▔▔▔▔▔▔▔▔╲  worker, once a sleep ≥ 1 s
//         ╱                         ╲___ high ___╲ exit: one batch
//
// [mm/vmstat.c:vmstat_update, DECLARE_DEFERRABLE_WORK; mm/page_alloc.c:decay_pcp_high, nr_pcp_free, 6.12]

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { residentCode } from "../../src/input/populate.ts";
import { CALL_RCU, listed, PROFILE, spec, WHOLE_MUNMAP } from "../engine/spec.ts";

const PAGES = 10_000;
const FLAGS = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
const BATCH = 63;
const MS = 1_000_000;

const price = (name: string): number => PROFILE.costs[name]!.ps / 1000;
/** free_pcppages_bulk of one batch, most of whose pages make one merge each. */
const BULK_NS = price("zone_lock_hold") + BATCH * (price("buddy_free") + price("buddy_merge"));

/** The exit of a process that has unmapped its touched pages and slept; the list had so many pages before them. */
function waited(sleep_ns: number, pcp_start_pages: number): number {
  const space = listed([[8 * 512, PAGES, (FLAGS | residentCode(PAGES, PAGES)) >>> 0]]);
  const memory = { ...DEFAULT_MEMORY, pcp_start_high: 1000, pcp_start_pages };
  const machine = { memory, tick_phase_ns: 3_999_999 };
  const wanted: RunSpec<"munmap"> = {
    ...spec({ space, exit: CALL_RCU, machine }),
    workload: { ...WHOLE_MUNMAP, exit_after_ns: sleep_ns },
  };
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result().metrics.user_wait_latency_ns;
}

describe("an exit after a sleep", () => {
  const FULL = 1200;
  const short = waited(900 * MS, FULL);
  const long = waited(1100 * MS, FULL);

  it("moves a batch where the worker has cut the list to what it may hold: after a second or more", () => {
    expect(long - short).toBeGreaterThan(0.9 * BULK_NS);
    expect(long - short).toBeLessThan(1.1 * BULK_NS); // and not all that the munmap freed in a row
  });

  it("does so once, however long the sleep was", () => {
    expect(waited(5000 * MS, FULL)).toBe(long);
  });

  it("moves none where the list is shorter than that", () => {
    expect(waited(1100 * MS, 150)).toBe(waited(900 * MS, 150));
  });
});
