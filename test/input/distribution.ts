// What an address space is made of: how large its VMAs are, how far apart, and which flags they
// have; whether a scaled address space is like its original.

import { VmaFlag } from "../../assembly/abi/vma.ts";
import { type AddressSpace, CHUNK_VMAS } from "../../src/input/address-space.ts";
import { pageBucket } from "../../src/input/resample.ts";

/** Pages of 2 MiB: what one page table maps. */
export const PMD_PAGES = 512;
/** Buckets of a histogram: numbers of pages up to 2^53. */
const BUCKETS = 54;

/**
 * Powers of two: bucket 0 counts zeros, bucket b counts 2^(b-1) to 2^b - 1.
 */
export type PageHistogram = Float64Array;

export interface SpaceDistribution {
  readonly vma_count: number;
  readonly page_total: number;
  /** Pages of VMAs with ACCOUNT: what exit gives back to the commit limit. */
  readonly account_page_total: number;
  /**
   * Runs of VMAs that exit hands to one free_pgd_range call: a run goes on while the next VMA
   * starts within 2 MiB after the end of the last (mm/memory.c:free_pgtables, 6.12; hugetlb,
   * which is never merged there, is not treated apart here).
   */
  readonly page_table_clusters: number;
  /** Sizes of VMAs in pages. */
  readonly sizes: PageHistogram;
  /** Pages between a VMA and the one before; the first VMA has no gap. */
  readonly gaps: PageHistogram;
  /** VMAs by flag word, the most frequent first. */
  readonly flags: ReadonlyMap<number, number>;
}

/** Reads `space` once and counts. */
export function distribution(space: AddressSpace): SpaceDistribution {
  const sizes = new Float64Array(BUCKETS);
  const gaps = new Float64Array(BUCKETS);
  const flag_counts = new Map<number, number>();
  let page_total = 0;
  let account_page_total = 0;
  let page_table_clusters = 0;
  let previous_end = -1;
  for (const chunk of space.chunks(CHUNK_VMAS)) {
    for (let i = 0; i < chunk.length; i++) {
      const start = chunk.start_page[i]!;
      const pages = chunk.page_count[i]!;
      const flags = chunk.flags[i]!;
      sizes[pageBucket(pages)]! += 1;
      if (previous_end >= 0) gaps[pageBucket(start - previous_end)]! += 1;
      if (previous_end < 0 || start - previous_end > PMD_PAGES) page_table_clusters++;
      flag_counts.set(flags, (flag_counts.get(flags) ?? 0) + 1);
      page_total += pages;
      if (flags & VmaFlag.ACCOUNT) account_page_total += pages;
      previous_end = start + pages;
    }
  }
  const by_frequency = [...flag_counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return {
    vma_count: space.vma_count,
    page_total,
    account_page_total,
    page_table_clusters,
    sizes,
    gaps,
    flags: new Map(by_frequency),
  };
}

/** How far two distributions are apart; each number is in 0..1, 0 when they are the same. */
export interface DistributionDistance {
  /** Kolmogorov-Smirnov distance of the sizes, at the borders of the buckets. */
  readonly sizes: number;
  /** The same of the gaps. */
  readonly gaps: number;
  /** Share of VMAs whose flags would have to change. */
  readonly flags: number;
}

export function distributionDistance(
  a: SpaceDistribution,
  b: SpaceDistribution,
): DistributionDistance {
  const words = new Set([...a.flags.keys(), ...b.flags.keys()]);
  let flags = 0;
  for (const word of words) {
    const share_a = (a.flags.get(word) ?? 0) / Math.max(1, a.vma_count);
    const share_b = (b.flags.get(word) ?? 0) / Math.max(1, b.vma_count);
    flags += Math.abs(share_a - share_b) / 2;
  }
  return {
    sizes: histogramDistance(a.sizes, b.sizes),
    gaps: histogramDistance(a.gaps, b.gaps),
    flags,
  };
}

/** The largest difference of the two cumulative shares. */
function histogramDistance(a: PageHistogram, b: PageHistogram): number {
  const total_a = Math.max(1, sum(a));
  const total_b = Math.max(1, sum(b));
  let distance = 0;
  let below_a = 0;
  let below_b = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    below_a += a[bucket]! / total_a;
    below_b += b[bucket]! / total_b;
    distance = Math.max(distance, Math.abs(below_a - below_b));
  }
  return distance;
}

function sum(histogram: PageHistogram): number {
  return histogram.reduce((total, count) => total + count, 0);
}
