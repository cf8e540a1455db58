// How pages are cut, against tables worked out by hand from mm/slub.c:calculate_order and friends.

import { describe, expect, it } from "vitest";
import { loadSlab } from "./slab-room.ts";

const room = loadSlab();

describe("order and objects per slab", () => {
  const table: [bytes: number, cpus: number[], order: number, objects: number][] = [
    [176, [1, 2, 8, 15], 0, 23],
    [176, [16, 64, 512], 1, 46],
    [184, [1, 15], 0, 22],
    [184, [16, 512], 1, 44],
    [192, [1, 15], 0, 21],
    [192, [16, 64, 255, 256], 1, 42],
    [192, [512], 2, 85],
    [256, [1, 7], 0, 16],
    [256, [8, 127], 1, 32],
    [256, [128, 512], 2, 64],
    [40, [1, 512], 0, 102],
    [72, [1, 8, 64], 0, 56],
    [144, [2, 8], 0, 28],
    [4096, [2], 3, 8],
    [16384, [2], 3, 2],
    [65536, [2], 4, 1],
  ];
  it.each(table)("%i bytes on %j CPUs: order %i, %i objects", (bytes, cpus, order, objects) => {
    for (const count of cpus) {
      expect(room.slabOrder(bytes, count)).toBe(order);
      expect(room.objectsPerSlab(bytes, room.slabOrder(bytes, count))).toBe(objects);
    }
  });

  it("refuses sizes that no slab cache has", () => {
    expect(() => room.slabOrder(4, 2)).toThrow(/assert/);
    expect(() => room.slabOrder(192, 0)).toThrow(/assert/);
  });
});

describe("limits of lists", () => {
  it("cpu_partial in objects and slabs", () => {
    expect([40, 255, 256, 1024, 4096].map((bytes) => room.cpuPartialObjects(bytes))).toEqual([
      120, 120, 52, 24, 6,
    ]);
    expect(room.cpuPartialSlabs(192, 21)).toBe(12);
    expect(room.cpuPartialSlabs(192, 42)).toBe(6);
    expect(room.cpuPartialSlabs(144, 28)).toBe(9);
    expect(room.cpuPartialSlabs(40, 102)).toBe(3);
  });

  it("min_partial is 5 for small objects and 10 for huge ones", () => {
    const sizes = [40, 192, 256, 2048, 4096, 65536, 2 ** 22];
    expect(sizes.map((bytes) => room.minPartial(bytes))).toEqual([5, 5, 5, 5, 6, 8, 10]);
  });

  it("sheaf capacity fills a kmalloc bucket", () => {
    const sizes = [40, 192, 256, 1024, 4096];
    expect(sizes.map((bytes) => room.sheafCapacity(bytes, 0))).toEqual([60, 60, 28, 12, 4]);
    expect(room.sheafCapacity(192, 32)).toBe(60);
    expect(room.sheafCapacity(256, 32)).toBe(32);
  });
});
