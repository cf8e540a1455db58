// What a munmap run does.

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
  /** vm.max_map_count: a split beyond it fails. */
  readonly max_map_count: number;
}
