// Order statistics of small samples (errors of a validation, repeated runs).

/**
 * The smallest sample at or above which a share `q` of the sorted samples lies (nearest rank), so
 * that every figure printed is one that was really seen. Throws RangeError for an empty sample.
 */
export function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) throw new RangeError("quantile of no samples");
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile ${q} is not from 0 to 1`);
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return sorted[rank - 1]!;
}

export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
  readonly worst: number;
}

/** Median, 90th percentile and worst of absolute errors. */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) return { count: 0, median: 0, p90: 0, worst: 0 };
  return {
    count: samples.length,
    median: quantile(samples, 0.5),
    p90: quantile(samples, 0.9),
    worst: quantile(samples, 1),
  };
}
