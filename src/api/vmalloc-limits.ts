// What numbers of the workload vmalloc may be, least and most: in scenarios and in programs.

const INT_MAX = 2 ** 31 - 1;
/** All bits of cases that the module of 7.2 knows. */
const ALL_CASES = 0x1fff;

export const VMALLOC_LIMITS = {
  nodes: [1, 128],
  /** 64 GiB, ten times and more what the kernel computes for the most CPUs. */
  lazy_max_pages: [1, 16_777_216],
  threads: [1, 65_535],
  run_test_mask: [1, ALL_CASES],
  test_loop_count: [1, INT_MAX],
  test_repeat_count: [1, INT_MAX],
  nr_pages: [1, 1_000_000],
  nr_pcpu_objects: [1, 10_000_000],
  held_areas: [0, 10_000_000],
  boot_stacks: [0, 100_000],
  /** Beyond what any wasm32 memory holds. */
  area_records: [1, 80_000_000],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>;
