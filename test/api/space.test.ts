import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ColumnAddressSpace, columnsOf, openSpace, type SpaceRecipe } from "../../src/api/space.ts";
import { Engine } from "../../src/engine/engine.ts";
import { InputError } from "../../src/errors.ts";
import { VmaFlag } from "../../src/index.ts";
import { alternating, contiguous } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { residentOf } from "../../src/input/resident.ts";
import { simulateNow, spec } from "../engine/spec.ts";

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

it("columns of one's own have flags of which the library exports the bits", () => {
  const { flags } = columnsOf(alternating(1));
  expect(flags[0]).toBe(VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT);
});

describe("columns that are none", () => {
  const three = { length: 3, start_page: [10, 20, 30], page_count: [1, 1, 1], flags: [3, 3, 3] };
  const columns = (wrong: object) => {
    const { length, start_page, page_count, flags } = { ...three, ...wrong };
    return {
      length,
      start_page: Float64Array.from(start_page),
      page_count: Float64Array.from(page_count),
      flags: Uint32Array.from(flags),
    };
  };
  it.each<[object, string]>([
    [{ start_page: [10, 20.5, 30] }, "bad start_page at index 1: found 20.5, expected an integer"],
    [{ start_page: [Number.NaN, 20, 30] }, "bad start_page at index 0: found NaN"],
    [{ start_page: [10, 20, 2 ** 80] }, "bad start_page at index 2: found 1.2"],
    [{ page_count: [1, 1, 0.1] }, "bad page_count at index 2: found 0.1, expected an integer"],
    [{ flags: [3] }, "too short a column flags: found 1 entries, expected 3: one a VMA"],
    [{ start_page: [10, 20] }, "too short a column start_page: found 2 entries, expected 3"],
    [{ length: Number.NaN }, "bad length of columns: found NaN, expected a whole number of VMAs"],
  ])("are refused: %j", (wrong, says) => {
    expect(() => new ColumnAddressSpace(columns(wrong), "mine")).toThrow(InputError);
    expect(() => new ColumnAddressSpace(columns(wrong), "mine")).toThrow(says);
    const chunks = () => [columns(wrong)];
    const space = { origin: "mine", vma_count: 3, chunks };
    expect(() => Engine.plan(spec({ space }))).toThrow(says);
  });

  it("are refused while they are loaded, by their index in all of the address space", () => {
    // such a source answers otherwise than when its pages were counted
    let readings = 0;
    const chunks = () => [columns({}), columns({ page_count: [1, ++readings > 1 ? 0.5 : 1, 1] })];
    const space = { origin: "mine", vma_count: 6, chunks };
    expect(() => simulateNow(spec({ space }))).toThrow("bad page_count at index 4: found 0.5");
  });
});

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
