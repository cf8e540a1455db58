// A CPU's list of free pages against one that handles page after page, and in whole runs against what
// boots of 6.12.117 and 7.2.13 counted.

import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { CostSlot } from "../../assembly/abi/cost.ts";
import type { VmallocWorkload } from "../../src/api/vmalloc.ts";
import { pageListLimits } from "../../src/engine/workloads/page-list-limits.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { propertyOptions } from "../queue/load.ts";
import { runVmalloc } from "./run.ts";
import { loadVmap, type VmapRoom } from "./vmap-room.ts";

const BATCH = 63;
const LARGEST = 2016;
const GIB_PAGES = 262_144;

/** The naive list: one page at a time, by the letter of the rules. */
class NaiveList {
  count = 0;
  scale = 0;
  freeCount = 0;
  freedOrder = false;
  filled = 0;
  refills = 0;
  given = 0;
  holds = 0;
  high: number;
  readonly large: boolean;
  readonly min: number;
  readonly max: number;

  constructor(large: boolean, min: number, max: number) {
    [this.large, this.min, this.max, this.high] = [large, min, max, min];
  }

  takePage(): void {
    if (this.count === 0) {
      const wanted = BATCH * 2 ** this.scale;
      this.high = Math.min(this.high + wanted, this.max);
      const most = Math.max(this.high - BATCH, BATCH);
      if (wanted <= most && this.scale < 5) this.scale++;
      this.count = Math.min(wanted, most);
      this.filled += this.count;
      this.refills++;
    }
    this.count--;
  }

  takeOrder(order: number): void {
    this.freeCount = Math.floor(this.freeCount / 2);
    for (let page = 0; page < 2 ** order; page++) this.takePage();
  }

  takeArea(pages: number): void {
    if (pages === 1) this.takeOrder(0);
    else if (this.large) for (const order of ordersOf(pages)) this.takeOrder(order);
    else for (let page = 0; page < pages; page++) this.takePage();
  }

  giveBack(wanted: number): void {
    const pages = Math.min(wanted, this.count);
    this.count -= pages;
    this.given += pages;
    this.holds += this.large ? Math.ceil(pages / BATCH) : 1;
  }

  freeOrder(order: number): void {
    const again = order > 0 && this.freedOrder && this.freeCount >= this.many();
    this.scale = Math.floor(this.scale / 2);
    this.count += 2 ** order;
    this.freeCount = Math.min(this.freeCount + 2 ** order, LARGEST);
    this.freedOrder = order > 0;
    if (again) {
      this.high = Math.max(this.high - LARGEST, this.min);
      this.giveBack(LARGEST);
    } else if (this.count >= this.high) {
      const high = this.high;
      if (high < this.freeCount + BATCH) this.high = Math.min(this.freeCount + BATCH, this.max);
      this.giveBack(Math.max(Math.min(this.freeCount, high - BATCH), BATCH));
    }
  }

  many(): number {
    return this.large ? BATCH + Math.floor(this.min / 2) : BATCH;
  }

  freeArea(pages: number): void {
    if (this.large) for (const order of ordersOf(pages)) this.freeOrder(order);
    else for (let page = 0; page < pages; page++) this.freeOrder(0);
  }
}

/** 100 pages are blocks of 64 and 32, which pass the list by, and one of 4. */
function ordersOf(pages: number): number[] {
  return [3, 2, 1, 0].filter((order) => ((pages >> order) & 1) === 1);
}

/** How often each of the four is paid, read off a price with a digit group for each. */
const PRICES: readonly [CostSlot, bigint][] = [
  [CostSlot.VMAP_PAGES_REFILL, 1n],
  [CostSlot.VMAP_PAGES_REFILL_PAGE, 10n ** 4n],
  [CostSlot.ZONE_LOCK_HOLD, 10n ** 9n],
  [CostSlot.BUDDY_FREE, 10n ** 13n],
];

const step = fc.record({
  what: fc.constantFrom("takeArea", "takeOrder", "freeArea", "freeOrder"),
  pages: fc.oneof(fc.constantFrom(1, 100), fc.integer({ min: 1, max: 200 })),
  order: fc.integer({ min: 0, max: 3 }),
  times: fc.integer({ min: 1, max: 60 }),
});

describe.each([
  ["6.12", false],
  ["7.2", true],
] as const)("a list of %s", (_, large) => {
  let room: VmapRoom;
  beforeEach(() => {
    room = loadVmap(16);
    for (const [slot, price] of PRICES) room.setCost(slot, price);
  });

  it("takes, fills, frees and gives back as one that handles page after page", () => {
    const limits = fc.constantFrom([252, 600], [252, 5000], [728, 30_497]);
    fc.assert(
      fc.property(limits, fc.array(step, { minLength: 1, maxLength: 60 }), ([min, max], steps) => {
        const naive = new NaiveList(large, min!, max!);
        room.setUpLists(1, large ? 1 : 0, BigInt(min!), BigInt(max!));
        let paid = 0n;
        for (const { what, pages, order, times } of steps) {
          for (let i = 0; i < times; i++) {
            if (what === "takeArea") paid += room.areaFromList(0, BigInt(pages));
            else if (what === "takeOrder") paid += room.orderFromList(0, order);
            else if (what === "freeArea") paid += room.areaToList(0, BigInt(pages));
            else paid += room.orderToList(0, order);
            naive[what](what.endsWith("Area") ? pages : order);
          }
          expect(room.pagesOnList(0)).toBe(naive.count);
        }
        const counts = [naive.refills, naive.filled, naive.holds, naive.given];
        const price = PRICES.reduce((sum, [, each], at) => sum + each * BigInt(counts[at]!), 0n);
        expect(paid).toBe(price);
      }),
      propertyOptions(200),
    );
  });
});

describe("limits of a list", () => {
  const machine = (zone_pages: number, cpus: number) =>
    pageListLimits({ zone_pages, memory_pages: 1_000_000 } as never, cpus);

  it("are the low watermark and an eighth of the zone, as boots with 4 GiB have them", () => {
    const { high_min_pages, high_max_pages } = machine(243_978, 1);
    expect(high_max_pages).toBe(30_497);
    expect(Math.abs(high_min_pages - 728)).toBeLessThan(0.01 * 728);
  });

  it("are shared by the CPUs, and never less than four batches", () => {
    expect(machine(243_978, 4).high_max_pages).toBe(Math.floor(243_978 / 8 / 4));
    expect(machine(4 * GIB_PAGES, 4096)).toEqual({ high_min_pages: 252, high_max_pages: 252 });
  });
});

describe("the zone that vmalloc takes from", () => {
  const zoneOf = (memory: string, more = "") => {
    const text = `version: 1\nworkload: { type: vmalloc, memory: ${memory}${more} }`;
    return (parseScenario(text, "test.yaml").workload as VmallocWorkload).zone_pages;
  };

  it("lies above 4 GiB where a PC has memory there, 3 GiB being below the hole", () => {
    expect(zoneOf("4GiB")).toBe(GIB_PAGES);
    expect(zoneOf("16GiB")).toBe(13 * GIB_PAGES);
    expect(zoneOf("3GiB")).toBe(3 * GIB_PAGES);
  });

  it("is what the scenario says, as of a board whose memory is one zone", () => {
    expect(zoneOf("4GiB", ", zone: 3GiB")).toBe(3 * GIB_PAGES);
    expect(() => zoneOf("4GiB", ", zone: 5GiB")).toThrow(/no more than the machine's memory/);
  });
});

describe("threads that hold tens of thousands of areas and free them", () => {
  const HOLD = { boot_stacks: 25, sequential_test_order: false, final_purge: true };
  const LONG_BUSY = { ...HOLD, threads: 4, run_test_mask: 4, test_loop_count: 1000 };
  const FULL_FIT = { ...HOLD, threads: 4, run_test_mask: 2, test_loop_count: 5000 };

  async function givenBack(generation: string, workload: object) {
    const { metrics } = await runVmalloc({ ...workload, machine: { generation } });
    return { pages: metrics.pages_to_buddy, holds: metrics.zone_lock_holds };
  }

  it("give back what lies above an eighth of the zone, 2,016 pages at once (a boot of 6.12: 34,118 in 17)", async () => {
    const { pages, holds } = await givenBack("6.12", LONG_BUSY);
    expect(Math.abs(pages - 34_118)).toBeLessThanOrEqual(LARGEST);
    expect(Math.abs(holds - 17)).toBeLessThanOrEqual(1);
  });

  // A boot's list holds some 5,000 pages besides that are of no use to vmalloc.
  it("give back less at once where others take pages meanwhile (a boot of 6.12: 39,801 in 24)", async () => {
    const { pages, holds } = await givenBack("6.12", FULL_FIT);
    expect(Math.abs(pages + 5000 - 39_801)).toBeLessThan(0.05 * 39_801);
    expect(pages).toBeLessThan(holds * LARGEST);
  });

  it("empty the list with the orders of their arrays in 7.2, in batches of 63 (boots: 50,400 to 54,432)", async () => {
    const { pages, holds } = await givenBack("7.2", LONG_BUSY);
    expect(Math.abs(pages - 52_416)).toBeLessThan(0.12 * 52_416);
    expect(holds).toBe(pages / BATCH);
  });

  it("keep them all where there are no more than 16,386, as in a boot", async () => {
    const one = { ...FULL_FIT, threads: 1, test_loop_count: 10_000 };
    expect(await givenBack("6.12", one)).toEqual({ pages: 0, holds: 0 });
  });
});
