// The same address space several times over: processes that are copies of each other.

import type { AddressSpace, VmaColumns } from "./address-space.ts";

/** See `repeat`. */
export class RepeatedAddressSpace implements AddressSpace {
  readonly origin: string;
  readonly vma_count: number;
  readonly area?: { readonly first_vma: number; readonly vma_count: number };
  readonly original: AddressSpace;
  readonly times: number;

  constructor(space: AddressSpace, times: number) {
    this.original = space;
    this.times = times;
    this.origin = space.origin;
    this.vma_count = space.vma_count * times;
    if (space.area !== undefined) this.area = space.area;
  }

  *chunks(chunk_vmas: number): Iterable<VmaColumns> {
    for (let time = 0; time < this.times; time++) yield* this.original.chunks(chunk_vmas);
  }
}

/** The VMAs of `times` processes that each have this address space. */
export function repeat(space: AddressSpace, times: number): AddressSpace {
  return times === 1 ? space : new RepeatedAddressSpace(space, times);
}
