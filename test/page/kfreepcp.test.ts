// The kfreepcp patch of October 2021 as it was posted, oddity by oddity (kernel-facts 8.5, numbered as there), on
// lists that are filled by hand; what needs tasks and grace periods is in test/exits/kfreepcp.test.ts.

import { describe, expect, it } from "vitest";
import { Kfreepcp, PageStat, PcpGeneration } from "../../assembly/abi/page.ts";
import { MOVABLE, NORMAL, PCP, pages } from "./page-room.ts";

/** Zone.flags: reclaim runs. */
const RECLAIM_ACTIVE = 1;
const PAGES = 2 ** 18;

function patched(kfreepcp: Kfreepcp, cpus = 1) {
  const at = pages({ generation: PcpGeneration.V5_15, normal_pages: PAGES, kfreepcp, cpus });
  const holds = () => Number(at.room.stat(PageStat.BULK_HOLDS));
  const count = (cpu = 0) => at.room.pcpField(cpu, NORMAL, PCP.count);
  return { ...at, holds, count };
}

describe("kfreepcp as posted", () => {
  it("1: a list that is too long clears the flag it should set, and frees nothing", () => {
    const { room, list, holds, count } = patched(Kfreepcp.POSTED);
    const high = room.pcpField(0, NORMAL, PCP.high);
    room.allocate(0, MOVABLE, 2 * high, list);
    room.drainLists();
    const before = holds();
    room.freepcpSet(0);
    room.freeFrom(0, MOVABLE, high - 1, list);
    expect(room.freepcpFlag(0)).toBe(1); // one below the limit: the request stands
    room.freeFrom(0, MOVABLE, 1, list);
    expect(room.freepcpFlag(0)).toBe(0);
    expect(room.stat(PageStat.KFREEPCP_CANCELLED)).toBe(1n);
    expect(count()).toBe(high);
    expect(holds()).toBe(before);
  });

  it("4: frees without exits never drain: all memory ends on one CPU's list, and others get none", () => {
    const taken = (kfreepcp: Kfreepcp) => {
      const { room, list, count } = patched(kfreepcp, 2);
      const got = room.allocate(0, MOVABLE, PAGES, list);
      room.freeFrom(0, MOVABLE, got, list);
      const stranded = count();
      const other = room.allocate(1, MOVABLE, 1000, list);
      const drained = room.drainLists();
      return { got, stranded, other, drained };
    };
    const posted = taken(Kfreepcp.POSTED);
    expect(posted.got).toBeGreaterThan(0.99 * PAGES);
    expect(posted.stranded).toBeGreaterThanOrEqual(posted.got);
    expect(posted.other).toBe(0);
    expect(posted.drained).toBe(posted.stranded); // drain_all_pages finds them
    const inline = taken(Kfreepcp.INLINE);
    expect(inline.stranded).toBeLessThan(0.02 * PAGES);
    expect(inline.other).toBe(1000);
  });

  it("5: a list of high 0 was emptied page by page, and now never is", () => {
    const freed = (kfreepcp: Kfreepcp) => {
      const { room, list, count } = patched(kfreepcp);
      room.allocate(0, MOVABLE, 500, list);
      room.drainLists();
      for (const field of [PCP.high, PCP.highMin, PCP.highMax]) {
        room.setPcpField(0, NORMAL, field, 0);
      }
      room.freeFrom(0, MOVABLE, 500, list);
      const left = count();
      room.freepcpSet(0);
      const more = room.freepcpRound(0);
      return { left, more, after: count() };
    };
    expect(freed(Kfreepcp.INLINE).left).toBe(0);
    expect(freed(Kfreepcp.POSTED)).toEqual({ left: 500, more: 0, after: 500 });
  });

  it("6: under reclaim the thread leaves lists that the freeing task would have cut to four batches", () => {
    const left = (kfreepcp: Kfreepcp) => {
      const { room, list, count } = patched(kfreepcp);
      room.allocate(0, MOVABLE, 3000, list);
      room.drainLists();
      room.setPcpField(0, NORMAL, PCP.high, 4000);
      room.setPcpField(0, NORMAL, PCP.highMax, 4000);
      for (let freed = 0; freed < 3000; freed++) {
        room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
        room.freeFrom(0, MOVABLE, 1, list);
      }
      room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
      room.freepcpSet(0);
      room.freepcpRound(0);
      return count();
    };
    expect(left(Kfreepcp.INLINE)).toBeLessThan(4 * 63);
    expect(left(Kfreepcp.POSTED)).toBe(3000); // above 252, below the raw high
  });

  it("6: beyond the raw high it moves no more than the smaller one allows", () => {
    const { room, list, count, holds } = patched(Kfreepcp.POSTED);
    room.allocate(0, MOVABLE, 6000, list);
    room.drainLists();
    room.setPcpField(0, NORMAL, PCP.high, 4000);
    room.freeFrom(0, MOVABLE, 6000, list);
    const before = holds();
    room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
    expect(room.freepcpRound(0)).toBe(1); // still too long: it goes round again
    expect(6000 - count()).toBe(63); // batch << free_factor, at most 4 batches less one
    expect(holds()).toBe(before + 1);
  });

  it("10: looks at the lists of its own CPU alone", () => {
    const { room, list, count } = patched(Kfreepcp.POSTED, 2);
    room.allocate(0, MOVABLE, 20_000, list);
    room.drainLists();
    room.freeFrom(0, MOVABLE, 10_000, list);
    room.freeFrom(1, MOVABLE, 10_000, list);
    for (let round = 0; room.freepcpRound(0) !== 0; round++) expect(round).toBeLessThan(1000);
    expect(count(0)).toBeLessThan(5000);
    expect(count(1)).toBe(10_000);
  });
});

describe("kfreepcp as intended", () => {
  it("moves the same pages in the same holds as the freeing task would, when asked at once", () => {
    const { room, list, count, holds } = patched(Kfreepcp.POSTED); // its thread is the same one
    const inline = patched(Kfreepcp.INLINE);
    for (const at of [room, inline.room]) {
      at.allocate(0, MOVABLE, 8000, at === room ? list : inline.list);
      at.drainLists();
      at.setPcpField(0, NORMAL, PCP.high, 1000);
    }
    const before = [holds(), inline.holds()];
    for (let freed = 0; freed < 8000; freed++) {
      inline.room.freeFrom(0, MOVABLE, 1, inline.list);
      room.freeFrom(0, MOVABLE, 1, list);
      if (count() > 1000) room.freepcpRound(0); // it compares with >, the freeing task with >=
    }
    expect(holds() - before[0]!).toBe(inline.holds() - before[1]!);
    expect(Math.abs(count() - inline.count())).toBeLessThanOrEqual(1);
  });
});
