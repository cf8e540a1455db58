// Laws of exits with pages, over random small ones: pages in = pages out, nothing resident when a parent hears of a
// synchronous exit, all of it in the fewest blocks once everything is freed. The engine asserts the first two in every
// run; a failure prints its seed and path, FC_SEED and FC_PATH replay it, FC_RUNS runs more.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunState } from "../../assembly/abi/metric.ts";
import type { ExitsWorkload, RunSpec, WorkloadType } from "../../src/api/types.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { loadedSpec } from "../../src/engine/workloads/workloads.ts";
import { alternating, contiguous, gappy } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { machineRoom } from "../engine/rooms.ts";
import { batch, CALL_RCU, DIRECT, SINGLE, type SpecParts, spec } from "../engine/spec.ts";
import type { PageRoom } from "../page/page-room.ts";
import { propertyOptions } from "../queue/load.ts";
import { WORKLOAD } from "./exits-run.ts";

const MIB = 2 ** 20;

const spaces = fc
  .record({
    shape: fc.nat(2),
    // four children of as many VMAs of 1,700 pages fit the machine
    vmas: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 280 })),
    page_count: fc.oneof(fc.constantFrom(1, 512, 513, 1700), fc.integer({ min: 1, max: 60 })),
    share: fc.constantFrom(1, 0.5, 0.1),
    huge: fc.constantFrom(0, 0.5, 1),
    seed: fc.nat(1000),
  })
  .map(({ shape, vmas, page_count, share, huge, seed }) => {
    const shares = { anonymous: share, file: 0, shared: 0, huge };
    if (shape === 0) return populate(alternating(vmas, { page_count, base_process: true }), shares);
    if (shape === 1) return populate(contiguous(vmas, { page_count }), shares);
    return populate(gappy(vmas, { seed }), shares);
  });

const exits = fc.record({
  space: spaces,
  exit: fc.constantFrom(DIRECT, CALL_RCU, SINGLE, batch(32)),
  machine: fc.record({
    cpus: fc.integer({ min: 1, max: 5 }),
    tick_phase_ns: fc.nat(3_999_999),
    cpus_in_turn: fc.boolean(),
    tick_lateness: fc.constantFrom("counted" as const, "drawn" as const),
    kworker_lag_ns: fc.constantFrom(0, 1_330_000),
    memory: fc
      .record({
        pcp_generation: fc.constantFrom("5.15" as const, "6.12" as const, "7.2" as const),
        kfreepcp: fc.constantFrom("inline" as const, "posted" as const, "intended" as const),
        vmstat_rounds_after: fc.nat(2),
      })
      .map((chosen) => ({ ...DEFAULT_MEMORY, ram_bytes: 8192 * MIB, ...chosen })),
  }),
  workload: fc
    .record({
      children: fc.integer({ min: 1, max: 4 }),
      placement: fc.constantFrom("together" as const, "spread" as const),
      parent_busy_ns: fc.constantFrom(0, 3000, 2_000_000),
      put: fc.constantFrom("sync" as const, "async" as const),
      restart_pages: fc.oneof(fc.constant(0), fc.nat(3000)),
      restart_threads: fc.integer({ min: 1, max: 4 }),
      work_ns: fc.constantFrom(0, 3_000_000),
    })
    .map((chosen) => ({ ...WORKLOAD, ...chosen })),
});

/** Runs an exit in the page room's module, whose insides can be asked afterwards. */
function ended({ workload, ...parts }: SpecParts & { workload: ExitsWorkload }): PageRoom {
  const loaded = loadedSpec({ ...spec(parts), workload } as unknown as RunSpec<WorkloadType>);
  const { room } = machineRoom<PageRoom>("page", loaded as RunSpec);
  for (const { length, start_page, page_count, flags, huge_pages } of loaded.space.chunks(
    room.stagingVmas(),
  )) {
    const words = new Uint32Array(room.memory.buffer, room.stagingAddress(), length * 6);
    for (let at = 0; at < length; at++) {
      const [start, pages] = [start_page[at]!, page_count[at]!];
      const huge = huge_pages?.[at] ?? 0;
      words.set([start, Math.floor(start / 2 ** 32), pages, 0, flags[at]!, huge], at * 6);
    }
    expect(room.loadVmas(length)).toBe(0);
  }
  room.begin();
  for (let slice = 0; room.run(10_000) === RunState.RUNNING; slice++)
    expect(slice).toBeLessThan(10_000);
  return room;
}

describe("exits with pages", () => {
  it("give every page back, and the buddy allocator is whole once all is freed", () => {
    fc.assert(
      fc.property(exits, (wanted) => {
        const room = ended(wanted);
        room.dropKeptSlabs(0);
        room.drainLists();
        for (const zone of [0, 1]) {
          expect(room.freeIn(zone)).toBe(room.managedIn(zone)); // pages in = pages out
          expect(room.whole(zone)).toBe(1);
        }
      }),
      propertyOptions(60),
    );
  });
});

describe("a page", () => {
  it("that is freed twice traps when it meets itself in the buddy allocator", () => {
    const { room } = machineRoom<PageRoom>("page", spec({ space: populate(alternating(1), 1) }));
    const frame = room.takeOrder(1, 0);
    room.freeOrder(0, 1, 0, frame);
    room.freeOrder(0, 1, 0, frame);
    expect(() => room.drainLists()).toThrow(/assembly\/page\/buddy\.ts/);
  });
});
