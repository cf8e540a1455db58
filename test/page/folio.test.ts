// Cut huge pages and the deferred split queue, moved by hand; then beside a naive queue. A failure prints its seed and
// path, FC_SEED and FC_PATH replay it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { BLOCK } from "./oracle-huge.ts";
import { NORMAL, pages } from "./page-room.ts";

const HUGE_ORDER = 9;
const CPU = 0;

/** Huge pages of a process, all of them cut; the first frame of each. */
class CutPages {
  readonly #room;
  readonly #huge: number;
  readonly #mapped: number;
  readonly #folios: number[] = [];
  readonly frames: number[] = [];
  readonly free_before: number;

  constructor(count: number) {
    const { room, list } = pages({ huge_cuts: count });
    this.#room = room;
    this.#huge = list;
    this.#mapped = list + 64;
    this.free_before = room.freeIn(NORMAL);
    for (let at = 0; at < count; at++) {
      const frame = room.takeOrder(NORMAL, HUGE_ORDER);
      this.frames.push(frame);
      room.putTail(this.#huge, frame / BLOCK, 1, false);
    }
    for (const at of this.frames.keys()) this.cut(at);
  }

  /** The first whole one is cut, and is number `at` from now on. */
  cut(at: number): void {
    this.#folios[at] = this.#room.cutHugePage(CPU, this.#huge);
  }

  /** One more huge page of the process, whole. */
  touch(): void {
    const frame = this.#room.takeOrder(NORMAL, HUGE_ORDER);
    this.#room.putTail(this.#huge, frame / BLOCK, 1, false);
  }

  unmap(at: number, count: number): void {
    this.#room.unmapPart(CPU, this.#folios[at]!, count, this.#huge);
  }

  takeApart(most: number): number {
    return this.#room.takeApart(CPU, most, this.#mapped);
  }

  get queued(): number {
    return this.#room.queuedFolios();
  }

  /** Huge pages that nobody maps any more. */
  get whole(): number {
    return this.#room.listCount(this.#huge);
  }

  /** Pages that are free again. */
  get freed(): number {
    this.#room.drainLists();
    return this.#room.freeIn(NORMAL) + BLOCK * this.frames.length - this.free_before;
  }

  /** Single pages that are mapped since their folio was taken apart, by frame, in the list's order. */
  mapped(): number[] {
    const found: number[] = [];
    const count = this.#room.listCount(this.#mapped);
    for (let at = 0; at < count; at++) {
      const frame = this.#room.takeOne(this.#mapped, true);
      found.push(frame);
      this.#room.putTail(this.#mapped, frame, 1, false);
    }
    return found;
  }
}

const firstFrames = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at);

describe("the deferred split queue", () => {
  it("is served in the order in which folios came to be unmapped in part", () => {
    const cut = new CutPages(3);
    const [a, b] = cut.frames as [number, number, number];
    cut.unmap(1, 500);
    cut.unmap(0, 510);
    cut.unmap(2, 1);
    cut.unmap(1, 2); // it is queued already, and keeps its place
    expect(cut.takeApart(2)).toBe(2);
    expect(cut.queued).toBe(1);
    expect(cut.mapped()).toEqual([...firstFrames(b, 10), ...firstFrames(a, 2)]);
    expect(cut.freed).toBe(502 + 510);
  });

  it("loses those whose last page goes, and the others stay in their order", () => {
    const cut = new CutPages(3);
    for (const at of [0, 1, 2]) cut.unmap(at, 500);
    cut.unmap(1, 12);
    expect([cut.queued, cut.whole, cut.freed]).toEqual([2, 1, 0]);
    expect(cut.takeApart(9)).toBe(2);
    const [a, , c] = cut.frames as [number, number, number];
    expect(cut.mapped()).toEqual([...firstFrames(a, 12), ...firstFrames(c, 12)]);
  });

  it("needs no more records than folios live at a time, however many have been", () => {
    const cut = new CutPages(1);
    for (let turn = 0; turn < 3; turn++) {
      cut.unmap(0, BLOCK); // all at once: never queued
      expect([cut.queued, cut.whole]).toEqual([0, 1]);
      cut.cut(0);
      cut.unmap(0, 1);
      expect(cut.takeApart(1)).toBe(1);
      cut.unmap(0, BLOCK - 1); // as single pages
      cut.touch();
      cut.cut(0);
    }
  });

  it("does what a naive queue does", () => {
    const FOLIOS = 6;
    const step = fc.oneof(
      fc.record({ at: fc.nat(FOLIOS - 1), count: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ most: fc.integer({ min: 1, max: 3 }) }),
    );
    const property = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const cut = new CutPages(FOLIOS);
      const left = cut.frames.map(() => BLOCK);
      const apart = new Set<number>();
      let queue: number[] = [];
      const single: number[] = [];
      let freed = 0;
      for (const one of steps) {
        if ("most" in one) {
          const first = queue.slice(0, one.most);
          queue = queue.slice(one.most);
          for (const at of first) {
            apart.add(at);
            single.push(...firstFrames(cut.frames[at]!, left[at]!));
            freed += BLOCK - left[at]!;
          }
          expect(cut.takeApart(one.most)).toBe(first.length);
        } else {
          const { at } = one;
          const count = Math.min(one.count, left[at]!);
          if (count === 0) continue;
          cut.unmap(at, count);
          left[at]! -= count;
          if (apart.has(at)) continue; // single pages by now: their list is the caller's
          if (left[at] === 0) queue = queue.filter((other) => other !== at);
          else if (!queue.includes(at)) queue.push(at);
        }
        expect(cut.queued).toBe(queue.length);
        expect(cut.mapped()).toEqual(single);
        expect(cut.freed).toBe(freed);
        expect(cut.whole).toBe(
          left.filter((pages_left, at) => pages_left === 0 && !apart.has(at)).length,
        );
      }
    });
    fc.assert(property, propertyOptions(40));
  });
});
