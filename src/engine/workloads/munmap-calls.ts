// Which ranges of pages the calls of a munmap run name: computed while the VMAs go by, so that no
// address space has to be kept.

import { type VmaSpan, vmaSpan } from "../../api/munmap.ts";
import type { CallOrder, MunmapWorkload } from "../../api/types.ts";
import { InputError } from "../../errors.ts";
import type { AddressSpace, VmaColumns } from "../../input/address-space.ts";
import { Random, type Seed } from "../../input/random.ts";

/** What is unmapped of an address space. Throws InputError where it has no such VMAs. */
export function checkedSpan(workload: MunmapWorkload, space: AddressSpace): VmaSpan {
  const { from, to } = vmaSpan(workload, space);
  if (from < to && to <= space.vma_count) return { from, to };
  throw new InputError({
    problem: "the range to unmap lies outside the address space",
    found: `VMAs ${from} to ${to - 1}`,
    expected: `some of VMAs 0 to ${space.vma_count - 1}`,
  });
}

/** Number of calls; known before any VMA is seen. */
export function callCount(workload: MunmapWorkload, span: VmaSpan): number {
  if (workload.ranges !== undefined) return workload.ranges.length;
  const vmas = span.to - span.from;
  if (workload.every > 0) return Math.ceil(vmas / workload.every);
  return Math.min(workload.calls, vmas);
}

/** First pages and lengths of the calls, in the order in which they are made. */
export interface CallColumns {
  readonly start_page: Float64Array;
  readonly page_count: Float64Array;
}

export class CallPlanner {
  readonly #workload: MunmapWorkload;
  readonly #span: VmaSpan;
  readonly #seed: Seed;
  readonly #first: Float64Array;
  readonly #end: Float64Array;
  #seen = 0;

  constructor(workload: MunmapWorkload, span: VmaSpan, seed: Seed) {
    const calls = callCount(workload, span);
    this.#workload = workload;
    this.#span = span;
    this.#seed = seed;
    this.#first = new Float64Array(calls).fill(-1);
    this.#end = new Float64Array(calls);
    workload.ranges?.forEach(({ start_page, page_count }, call) => {
      this.#first[call] = start_page;
      this.#end[call] = start_page + page_count;
    });
  }

  /** Notes the borders of the calls that lie in these VMAs. */
  see({ length, start_page, page_count }: VmaColumns): void {
    const base = this.#seen;
    this.#seen += length;
    if (this.#workload.ranges !== undefined) return;
    const from = Math.max(this.#span.from - base, 0);
    const to = Math.min(this.#span.to - base, length);
    for (let at = from; at < to; at++) {
      const call = this.#callOf(base + at - this.#span.from);
      if (call < 0) continue;
      if (this.#first[call] === -1) this.#first[call] = start_page[at]!;
      this.#end[call] = start_page[at]! + page_count[at]!;
    }
  }

  /** The call that unmaps the n-th VMA of the span; -1: none. */
  #callOf(index: number): number {
    const { every } = this.#workload;
    if (every > 0) return index % every === 0 ? index / every : -1;
    return Math.floor((index * this.#first.length) / (this.#span.to - this.#span.from));
  }

  columns(): CallColumns {
    const order = callOrder(this.#first.length, this.#workload.order, this.#seed);
    return {
      start_page: Float64Array.from(order, (call) => this.#first[call]!),
      page_count: Float64Array.from(order, (call) => this.#end[call]! - this.#first[call]!),
    };
  }
}

/** The numbers of `count` calls in the order in which they are made. */
function callOrder(count: number, order: CallOrder, seed: Seed): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, i) => i);
  if (order === "descending") return numbers.reverse();
  if (order === "ascending") return numbers;
  Random.fromSeed(seed).shuffle(numbers);
  return numbers;
}
