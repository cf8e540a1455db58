import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, openSpace, type SpaceRecipe } from "../../src/api/space.ts";
import { alternating, contiguous } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { residentOf } from "../../src/input/resident.ts";

const recipe = fc.oneof(
  fc.record({
    generate: fc.constant("alternating" as const),
    vma_count: fc.integer({ min: 1, max: 500 }),
    base_process: fc.boolean(),
  }),
  fc.record({
    generate: fc.constant("gappy" as const),
    vma_count: fc.integer({ min: 1, max: 500 }),
    page_count_max: fc.integer({ min: 1, max: 64 }),
    gap_pages_max: fc.integer({ min: 1, max: 64 }),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
  fc.record({
    columns: fc.constant(columnsOf(alternating(50))),
    origin: fc.constant("columns"),
    scale_to: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
) as fc.Arbitrary<SpaceRecipe>;

describe("a recipe of an address space", () => {
  it("makes the same VMAs every time, in chunks of any size, also after a trip to a worker", () => {
    fc.assert(
      fc.property(recipe, fc.integer({ min: 1, max: 97 }), (made, chunk_vmas) => {
        const first = columnsOf(openSpace(made));
        const space = openSpace(structuredClone(made));
        expect(space.vma_count).toBe(first.length);
        let at = 0;
        for (const chunk of space.chunks(chunk_vmas)) {
          expect(chunk.length).toBeLessThanOrEqual(chunk_vmas);
          for (let i = 0; i < chunk.length; i++, at++) {
            expect(chunk.start_page[i]).toBe(first.start_page[at]);
            expect(chunk.page_count[i]).toBe(first.page_count[at]);
            expect(chunk.flags[i]).toBe(first.flags[at]);
          }
        }
        expect(at).toBe(first.length);
      }),
      { numRuns: 60 },
    );
  });

  it("keeps pages that are resident, small and huge", () => {
    const shares = { anonymous: 1, file: 0, shared: 0, huge: 1 };
    const touched = populate(contiguous(5, { page_count: 1024 }), shares);
    expect(residentOf(touched)).toMatchObject({ pages: 5 * 1024, huge_vmas: 5 });
    for (const shared of [false, true]) {
      const recipe = { columns: columnsOf(touched, shared), origin: "x", seed: 1n };
      const again = openSpace(structuredClone({ ...recipe, scale_to: undefined }));
      expect(residentOf(again)).toEqual(residentOf(touched));
    }
  });

  it("lies in shared memory when asked to", () => {
    const columns = columnsOf(alternating(10), true);
    expect(columns.flags.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...columns.flags]).toEqual([...columnsOf(alternating(10)).flags]);
  });
});
