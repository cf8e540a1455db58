// The library: byte addresses, columns, forks, errors a user can act on.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError, LimitError, VmaIndex } from "../../src/vma-index/index.ts";
import { propertyOptions } from "./support.ts";

const END = 1n << 64n;

describe("VmaIndex", () => {
  it("maps byte addresses to values", async () => {
    const index = await VmaIndex.create();
    index.store(0x400000, 0x401000, 1);
    index.store(0x7ffc_0000_0000n, 0x7ffc_0002_1000n, 2);
    expect(index.get(0x400fff)).toBe(1);
    expect(index.get(0x401000)).toBe(0);
    expect(index.find(0)).toEqual({ start: 0x400000n, end: 0x401000n, value: 1 });
    expect(index.find(0x401000)?.value).toBe(2);
    expect(index.find(0x401000, 0x10000000)).toBeUndefined();
    expect(index.findBelow(0x7000_0000_0000n)?.value).toBe(1);
    expect(index.findBelow(0x7000_0000_0000n, 0x500000)).toBeUndefined();
    expect(index.erase(0x7ffc_0000_1234n)).toBe(2);
    expect(index.erase(0x7ffc_0000_1234n)).toBe(0);
    index.validate();
  });

  it("reaches from the first to the last 64-bit address", () => {
    const index = new VmaIndex();
    index.store(END - 4096n, END, 5);
    expect(index.get(END - 1n)).toBe(5);
    expect(index.find(0)).toEqual({ start: END - 4096n, end: END, value: 5 });
    expect([...index]).toHaveLength(1);
    expect([...index.entriesReversed()]).toHaveLength(1);
    index.store(0, END, 6);
    expect([...index]).toEqual([{ start: 0n, end: END, value: 6 }]);
    index.clear(0, END);
    expect([...index]).toEqual([]);
    index.validate();
  });

  it("holds values up to 2^32 - 1", () => {
    const index = new VmaIndex();
    index.store(0, 4096, 0xffff_ffff);
    expect(index.get(0)).toBe(0xffff_ffff);
    expect([...index][0]!.value).toBe(0xffff_ffff);
    expect(index.find(0)!.value).toBe(0xffff_ffff);
    expect(index.erase(0)).toBe(0xffff_ffff);
  });

  it("finds room from either end, aligned", () => {
    const index = new VmaIndex();
    index.store(0, 0x3000, 1);
    const window = { low: 0, high: 0x40_0000 };
    expect(index.freeArea(0x1000, window)).toBe(0x3000n);
    expect(index.freeArea(0x1000, { ...window, align: 0x20_0000 })).toBe(0x20_0000n);
    expect(index.freeArea(0x2000, { ...window, from: "top" })).toBe(0x3f_e000n);
    expect(index.freeArea(0x40_0000, window)).toBeUndefined();
    expect(index.freeArea(0x40_0000, { low: 0x1000, high: 0x2000 })).toBeUndefined();
  });

  it("iterates both ways while it changes", () => {
    const index = new VmaIndex();
    for (let i = 0; i < 1000; i++) index.store(i * 8192, i * 8192 + 4096, i + 1);
    const up = [...index.entries(500 * 8192)];
    expect([up.length, up[0]!.value, up.at(-1)!.value]).toEqual([500, 501, 1000]);
    const down = [...index.entriesReversed(500 * 8192)];
    expect([down.length, down[0]!.value, down.at(-1)!.value]).toEqual([501, 501, 1]);
    let seen = 0;
    for (const { start, end } of index) {
      index.clear(start, end);
      seen++;
    }
    expect(seen).toBe(1000);
    expect(index.stats().entries).toBe(0);
  });

  it("takes columns of a hundred thousand ranges, growing as it goes", () => {
    const n = 100_000;
    const first = Float64Array.from({ length: n }, (_, i) => 1_000_000 + 20 * i);
    const count = new Float64Array(n).fill(7);
    const values = Uint32Array.from({ length: n }, (_, i) => i + 1);
    const built = new VmaIndex({ kernel: "6.12" });
    built.appendPages(first, count, values);
    const stored = new VmaIndex({ kernel: "6.12" });
    stored.storePages(
      BigUint64Array.from(first, (page) => BigInt(page)),
      BigUint64Array.from(count, (pages) => BigInt(pages)),
      values,
    );
    expect(built.stats()).toEqual(stored.stats());
    expect(built.stats().entries).toBe(n);
    expect(built.stats().node_bytes / n).toBeLessThan(27);
    expect(built.getPages(first)).toEqual(values);
    expect(built.getPages(first.map((page) => page + 7))).toEqual(new Uint32Array(n));
    const half = first.filter((_, i) => i % 2 === 0);
    expect(built.erasePages(half)).toEqual(values.filter((_, i) => i % 2 === 0));
    expect(built.erasePages(half)).toEqual(new Uint32Array(n / 2));
    expect(built.stats().entries).toBe(n / 2);
    built.validate();
  });

  it("forks: each side changes alone", () => {
    const parent = new VmaIndex({ rcu: true, keep_replaced: true });
    for (let i = 0; i < 2000; i++) parent.store(i * 8192, i * 8192 + 4096, i + 1);
    const child = parent.fork();
    expect(child.toString()).toBe(parent.toString());
    child.clear(0, 1000 * 8192);
    parent.store(0, 4096, 7);
    expect(parent.stats().entries).toBe(2000);
    expect(child.stats().entries).toBe(1000);
    expect(child.get(0)).toBe(0);
    child.validate();
    parent.validate();
    child.dispose();
    expect(() => child.get(0)).toThrow(/disposed/);
    expect(parent.get(8192)).toBe(2);
    expect(parent.reclaim()).toBeGreaterThan(0);
    parent.destroy();
    expect(parent.stats()).toMatchObject({ entries: 0, height: 0, nodes: 0 });
  });

  it("can be disposed and forked many times in one memory", () => {
    const index = new VmaIndex();
    index.store(0, 4096, 1);
    for (let i = 0; i < 1000; i++) index.fork().dispose();
    const forks = Array.from({ length: 255 }, () => index.fork());
    expect(() => index.fork()).toThrow(LimitError);
    for (const fork of forks) fork.dispose();
  });

  it("appends behind all others only, batch after batch", () => {
    const append = (tree: VmaIndex, first: number[], count: number[]) =>
      tree.appendPages(
        Float64Array.from(first),
        Float64Array.from(count),
        new Uint32Array(first.length).fill(1),
      );
    const index = new VmaIndex();
    expect(() => append(index, [100, 10], [1, 1])).toThrow(
      /bad page number at index 1: found 10, expected one above 100, .* \(.*storePages takes any\)/,
    );
    expect(() => append(index, [10, 12], [5, 5])).toThrow(/at index 1: found 12, .* above 14,/);
    append(index, [0, 10], [1, 5]);
    expect(() => append(index, [14], [1])).toThrow(InputError);
    append(index, [15], [1]);
    const many = Array.from({ length: 10_000 }, (_, i) => 100 + i);
    many[8192] = many[8191]!;
    expect(() => append(index, many, Array(10_000).fill(1))).toThrow(/at index 8192: found 8291,/);
    index.validate();
  });

  it("draws itself", () => {
    const index = new VmaIndex();
    expect(String(index)).toBe("(empty)");
    index.store(0x1000, 0x3000, 4);
    expect(String(index)).toBe("leaf[0..M]: (0,-) (2,4) (M,-)");
  });

  it("says when it is full and stays usable", () => {
    const index = new VmaIndex({ max_nodes: 4 });
    const fill = () => {
      for (let i = 0; i < 1000; i++) index.store(i * 8192, i * 8192 + 4096, i + 1);
    };
    expect(fill).toThrow(LimitError);
    expect(fill).toThrow(/the index is full: 5 nodes needed, at most 4|the index is full/);
    index.validate();
    expect(index.get(0)).toBe(1);
  });
});

describe("bad arguments", () => {
  const index = new VmaIndex();
  it.each<[string, () => unknown, RegExp]>([
    ["start off a page", () => index.store(1, 4096, 1), /bad start: found 0x1, .*multiple of 4096/],
    ["end off a page", () => index.store(0, 4097, 1), /bad end: found 0x1001/],
    ["empty range", () => index.store(4096, 4096, 1), /bad range: found 0x1000-0x1000/],
    ["negative address", () => index.get(-1), /bad address: found -1/],
    ["fraction", () => index.get(1.5), /bad address: found 1.5, expected an integer/],
    ["inexact number", () => index.get(2 ** 60), /use a bigint/],
    ["address beyond 2^64", () => index.get(END), /bad address/],
    ["zero value", () => index.store(0, 4096, 0), /bad value: found 0/],
    ["value beyond 32 bits", () => index.insert(0, 4096, 2 ** 32), /bad value/],
    ["alignment", () => index.freeArea(4096, { align: 3 * 4096 }), /power of two/],
    ["size", () => index.freeArea(0), /bad size/],
    ["side", () => index.freeArea(4096, { from: "left" as never }), /bad from: found "left"/],
    ["kernel", () => new VmaIndex({ kernel: "5.0" as never }), /bad kernel: found "5.0", expected/],
    ["text as address", () => index.get("4096" as never), /bad address: found string/],
    ["no address", () => index.get(undefined as never), /bad address: found undefined/],
    ["max_nodes", () => new VmaIndex({ max_nodes: 0 }), /bad max_nodes/],
    [
      "columns of different length",
      () => index.storePages(new Float64Array(2), new Float64Array(3), new Uint32Array(2)),
      /different length: found 2, 3 and 2 items/,
    ],
    [
      "page beyond the end",
      () => index.getPages(Float64Array.of(3, 2 ** 52)),
      /bad page number at index 1/,
    ],
    [
      "count of nothing",
      () => index.storePages(Float64Array.of(3), Float64Array.of(0), Uint32Array.of(1)),
      /bad page count at index 0/,
    ],
    [
      "zero value in a column",
      () => index.storePages(Float64Array.of(3, 5), Float64Array.of(1, 1), Uint32Array.of(1, 0)),
      /bad value at index 1: found 0, expected an integer from 1/,
    ],
    [
      "zero value behind all others",
      () => index.appendPages(Float64Array.of(3), Float64Array.of(1), Uint32Array.of(0)),
      /bad value at index 0: found 0, expected an integer from 1/,
    ],
  ])("%s", (_name, run, message) => {
    expect(run).toThrow(message);
    expect(run).toThrow(InputError);
  });
});

describe("columns and single calls", () => {
  it("give the same index", () => {
    const range = fc.record({ first: fc.nat(5000), count: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 80 }), (ranges) => {
        const one = new VmaIndex();
        const many = new VmaIndex();
        ranges.forEach(({ first, count }, i) => {
          one.store(first * 4096, (first + count) * 4096, i + 1);
        });
        many.storePages(
          Float64Array.from(ranges, ({ first }) => first),
          Float64Array.from(ranges, ({ count }) => count),
          Uint32Array.from(ranges, (_, i) => i + 1),
        );
        expect(many.toString()).toBe(one.toString());
        one.validate();
      }),
      propertyOptions(100),
    );
  });
});
