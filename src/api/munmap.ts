// What a munmap run does.

import type { AddressSpace } from "../input/address-space.ts";

/** The order in which munmap calls are made. */
export type CallOrder = "ascending" | "descending" | "random";

/** The workload `munmap`: a process unmaps ranges of its address space, sleeps, and exits. */
export interface MunmapWorkload {
  readonly type: "munmap";
  /** What is unmapped, of the VMAs in address order; -1: what the address space calls its area. */
  readonly first_vma: number;
  readonly vma_count: number;
  /** Calls that share these VMAs evenly. */
  readonly calls: number;
  /** One call for every n-th of these VMAs alone instead; 0: not so. */
  readonly every: number;
  readonly order: CallOrder;
  /** Ranges of pages instead of all this, one call each: they may cut VMAs in two. */
  readonly ranges?: readonly { readonly start_page: number; readonly page_count: number }[];
  /** Sleep between two calls, and between the last one and the exit. */
  readonly pause_ns: number;
  readonly exit_after_ns: number;
  /** vm.max_map_count: a hole in one VMA beyond it fails. */
  readonly max_map_count: number;
}

/** The VMAs that a run unmaps: indices in address order, the second one beyond the last. */
export interface VmaSpan {
  readonly from: number;
  readonly to: number;
}

/** What a workload asks for of an address space, whether it has so many VMAs or not. */
export function vmaSpan(
  { first_vma, vma_count }: Pick<MunmapWorkload, "first_vma" | "vma_count">,
  space: Pick<AddressSpace, "vma_count" | "area">,
): VmaSpan {
  const area = space.area ?? { first_vma: 0, vma_count: space.vma_count };
  const from = first_vma === -1 ? area.first_vma : first_vma;
  const rest = first_vma === -1 ? area.vma_count : space.vma_count - from;
  return { from, to: from + (vma_count === -1 ? rest : vma_count) };
}
