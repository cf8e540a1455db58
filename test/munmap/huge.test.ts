// munmap of huge pages: whole ones go at once, of one that is cut nothing goes before its last page does. A naive
// memory of single pages says what happens to each; a failure prints its seed and path, FC_SEED and FC_PATH replay it,
// FC_RUNS runs more. The engine itself counts frames: a run ends only when pages in are pages out.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunState } from "../../assembly/abi/metric.ts";
import type { PageMetrics, RunSpec } from "../../src/api/types.ts";
import { machineRoom, stage } from "../engine/rooms.ts";
import { drawnVma, munmapSpec, pagesOf, placed, type Range, spaceOf } from "../page/huge-room.ts";
import { BLOCK, type HugeVma, NaiveMemory } from "../page/oracle-huge.ts";
import type { PageRoom } from "../page/page-room.ts";
import { propertyOptions } from "../queue/load.ts";

const UPPER_TABLES = 6;

function expectAsNaive(
  vmas: readonly HugeVma[],
  ranges: readonly Range[],
  newer = false,
): PageMetrics {
  const memory = new NaiveMemory(vmas);
  const { resident } = memory;
  for (const [start, pages] of ranges) memory.unmap(start, pages);
  memory.exit();
  const { counts } = memory;
  expect(counts.freed_pages).toBe(resident);
  const found = pagesOf(munmapSpec(spaceOf(vmas), ranges, newer));
  expect(found.huge_freed).toBe(counts.freed_huge);
  expect(found.thp_split_pmd).toBe(counts.cut);
  expect(found.thp_deferred_split_page).toBe(counts.queued);
  expect(found.thp_deferred_pages_max).toBe(counts.held_max);
  expect(found.thp_split_page).toBe(0);
  // on 7.2 page tables are RCU's, not the gather's
  const by_gather = found.gather_entries + found.page_tables_by_rcu;
  expect(by_gather).toBe(counts.entries + UPPER_TABLES);
  expect(found.pages_freed).toBeGreaterThanOrEqual(resident + counts.freed_tables + UPPER_TABLES);
  return found;
}

const arbitrary = fc.tuple(
  fc.array(drawnVma, { minLength: 1, maxLength: 5 }),
  fc.array(fc.tuple(fc.nat(14_000), fc.integer({ min: 1, max: 3000 })), {
    minLength: 1,
    maxLength: 8,
  }),
);

interface MunmapRoom extends PageRoom {
  loadMunmapCalls(count: number): number;
}

/** Runs it in the page room's module, whose insides can be asked afterwards. */
function ended(vmas: readonly HugeVma[], ranges: readonly Range[]): PageRoom {
  const space = spaceOf(vmas);
  const wanted = munmapSpec(space, ranges) as unknown as RunSpec;
  const { room } = machineRoom<MunmapRoom>("page", wanted);
  const words = () => new Uint32Array(room.memory.buffer, room.stagingAddress(), 6 * 100);
  for (const { length, start_page, page_count, flags, huge_pages } of space.chunks(100)) {
    stage(
      room,
      Array.from({ length }, (_, at) => [start_page[at]!, page_count[at]!, flags[at]!]),
    );
    huge_pages?.forEach((pages, at) => {
      words()[6 * at + 5] = pages;
    });
    expect(room.loadVmas(length)).toBe(0);
  }
  for (const [call, [start, pages]] of ranges.entries())
    words().set([start, 0, pages, 0], 4 * call);
  expect(room.loadMunmapCalls(ranges.length)).toBe(0);
  room.begin();
  for (let slice = 0; room.run(10_000) === RunState.RUNNING; slice++)
    expect(slice).toBeLessThan(10_000);
  return room;
}

/** 8 MiB from a block's begin on, all of it huge. */
const FOUR: readonly HugeVma[] = [[BLOCK, 4 * BLOCK, 4 * BLOCK, 4]];

describe("munmap of huge pages", () => {
  it("frees those that lie in its range, whole", () => {
    const { thp_split_pmd, huge_freed } = expectAsNaive(FOUR, [[2 * BLOCK, 2 * BLOCK]]);
    expect({ thp_split_pmd, huge_freed }).toEqual({ thp_split_pmd: 0, huge_freed: 4 });
  });

  it("frees nothing of one that it cuts, until the last of its pages goes", () => {
    const half: Range = [BLOCK, BLOCK / 2];
    const one = expectAsNaive(FOUR, [half]);
    expect(one.thp_deferred_pages_max).toBe(BLOCK / 2);
    expect(one.thp_deferred_split_page).toBe(1);
    const both = expectAsNaive(FOUR, [half, [BLOCK + BLOCK / 2, BLOCK / 2]]);
    expect(both.huge_freed).toBe(4);
  });

  it("keeps nearly all of it where single pages stay: an allocator that gives holes back", () => {
    const holes = Array.from({ length: 4 }, (_, i): Range => [(i + 1) * BLOCK, BLOCK - 1]);
    expect(expectAsNaive(FOUR, holes).thp_deferred_pages_max).toBe(4 * (BLOCK - 1));
  });

  it("cuts at both borders, twice in one huge page too, and a cut one again", () => {
    const ranges: Range[] = [
      [BLOCK + 100, 3 * BLOCK],
      [4 * BLOCK + 200, 50],
      [4 * BLOCK + 300, 1],
      [4 * BLOCK + 150, 20],
    ];
    expect(expectAsNaive(FOUR, ranges).thp_split_pmd).toBe(2);
  });

  it("leaves the rest of a cut one to the part below, wherever the mapping is divided next", () => {
    const first_pages: Range = [BLOCK, 100];
    const in_the_last: Range = [4 * BLOCK + 100, 10];
    // at a block's border: above it nothing of the first huge page is left, below the last one's none
    const between: Range = [3 * BLOCK, 1];
    expectAsNaive(FOUR, [first_pages, in_the_last, between]);
    expectAsNaive(FOUR, [first_pages, in_the_last, [2 * BLOCK, 1], between]);
    // where the last one begins: all that is left of it goes to the part above
    expectAsNaive(FOUR, [in_the_last, [4 * BLOCK, 1]]);
  });

  it("leaves the buddy allocator whole once all is freed", () => {
    fc.assert(
      fc.property(arbitrary, ([drawn, ranges]) => {
        const vmas = placed(drawn);
        fc.pre(vmas.some(([, , resident]) => resident > 0));
        const room = ended(vmas, ranges);
        room.dropKeptSlabs(0);
        room.drainLists();
        for (const zone of [0, 1]) {
          expect(room.freeIn(zone)).toBe(room.managedIn(zone)); // pages in = pages out
          expect(room.whole(zone)).toBe(1);
        }
      }),
      propertyOptions(30),
    );
  });

  it.each([false, true])("is what a naive memory does, whatever is unmapped (7.2: %s)", (newer) => {
    fc.assert(
      fc.property(arbitrary, ([drawn, ranges]) => {
        const vmas = placed(drawn);
        fc.pre(vmas.some(([, , resident]) => resident > 0));
        expectAsNaive(vmas, ranges, newer);
      }),
      propertyOptions(60),
    );
  });
});
