// Address spaces as data: what a worker needs to make the same VMAs again.

import {
  type AddressSpace,
  CHUNK_VMAS,
  checkColumns,
  type VmaColumns,
} from "../input/address-space.ts";
import { alternating, contiguous, gappy, randomSizes } from "../input/generate.ts";
import { type PopulatedChoice, populate } from "../input/populate.ts";
import { scaleAddressSpace } from "../input/scale.ts";
import type { Generation } from "./types.ts";

/** How to make an address space; may be sent to a worker. */
export type SpaceRecipe = SpaceLayout & {
  /** What of it is resident; nothing where it is left out. */
  readonly populated?: PopulatedChoice | undefined;
};

type SpaceLayout =
  /** For workloads that tear none down. */
  | { readonly generate: "nothing" }
  | {
      readonly generate: "alternating";
      readonly vma_count: number;
      readonly base_process: boolean;
      readonly generation?: Generation;
      readonly page_count?: number;
      readonly shared_pages?: number;
    }
  | { readonly generate: "contiguous"; readonly vma_count: number; readonly page_count: number }
  | {
      readonly generate: "gappy";
      readonly vma_count: number;
      readonly page_count_max: number;
      readonly gap_pages_max: number;
      readonly seed: bigint;
    }
  | {
      readonly generate: "random";
      readonly vma_count: number;
      readonly page_count_min: number;
      readonly page_count_max: number;
      readonly gap_pages_max: number;
      readonly seed: bigint;
    }
  | {
      /** VMAs that were read or given; the columns may lie in shared memory. */
      readonly columns: VmaColumns;
      readonly origin: string;
      /** Resample to this many VMAs. */
      readonly scale_to: number | undefined;
      readonly seed: bigint;
    };

/** VMAs that lie in columns already. */
export class ColumnAddressSpace implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  readonly #columns: VmaColumns;

  /** Throws InputError where a column is too short, or a page no integer. */
  constructor(columns: VmaColumns, origin: string) {
    checkColumns(columns);
    this.#columns = columns;
    this.origin = origin;
    this.vma_count = columns.length;
  }

  *chunks(chunk_vmas: number): Iterable<VmaColumns> {
    const { start_page, page_count, flags, huge_pages } = this.#columns;
    for (let from = 0; from < this.vma_count; from += chunk_vmas) {
      const to = Math.min(from + chunk_vmas, this.vma_count);
      yield {
        length: to - from,
        start_page: start_page.subarray(from, to),
        page_count: page_count.subarray(from, to),
        flags: flags.subarray(from, to),
        huge_pages: huge_pages?.subarray(from, to),
      };
    }
  }
}

/**
 * All VMAs of an address space in columns. `shared` puts them where workers read them without
 * a copy (not available to every page in a browser).
 */
export function columnsOf(space: AddressSpace, shared = false): VmaColumns {
  const length = space.vma_count;
  const memory = (bytes: number) =>
    shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const columns = {
    length,
    start_page: new Float64Array(memory(length * 8)),
    page_count: new Float64Array(memory(length * 8)),
    flags: new Uint32Array(memory(length * 4)),
    huge_pages: new Uint32Array(memory(length * 4)),
  };
  let at = 0;
  for (const chunk of space.chunks(CHUNK_VMAS)) {
    columns.start_page.set(chunk.start_page, at);
    columns.page_count.set(chunk.page_count, at);
    columns.flags.set(chunk.flags, at);
    if (chunk.huge_pages !== undefined) columns.huge_pages.set(chunk.huge_pages, at);
    at += chunk.length;
  }
  return columns;
}

/**
 * Makes the address space of a recipe.
 * Throws InputError or LimitError (addresses that do not suffice) before any VMA is made.
 */
export function openSpace(recipe: SpaceRecipe): AddressSpace {
  return populate(openLayout(recipe), recipe.populated ?? 0);
}

function openLayout(recipe: SpaceLayout): AddressSpace {
  if ("columns" in recipe) {
    const space = new ColumnAddressSpace(recipe.columns, recipe.origin);
    if (recipe.scale_to === undefined) return space;
    return scaleAddressSpace(space, recipe.scale_to, { seed: recipe.seed });
  }
  if (recipe.generate === "nothing") {
    const none = new Float64Array(0);
    const columns = { length: 0, start_page: none, page_count: none, flags: new Uint32Array(0) };
    return new ColumnAddressSpace(columns, "no address space");
  }
  const { vma_count } = recipe;
  switch (recipe.generate) {
    case "alternating":
      return alternating(vma_count, recipe);
    case "contiguous":
      return contiguous(vma_count, { page_count: recipe.page_count });
    case "gappy":
      return gappy(vma_count, recipe);
    case "random":
      return randomSizes(vma_count, recipe);
  }
}
