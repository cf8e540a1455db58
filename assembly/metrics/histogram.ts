// Log-linear histograms, as HdrHistogram has them: values up to 2^48, at most 3 % too small.
//
//   value      bucket
//   0 .. 63    one each
//   64 .. 127  32 buckets of 2
//   128 ..     32 buckets of 4, and so on: the top six bits of a value choose its bucket
//
//  0       8     16    24
//  ┌───────┬─────┬─────┬─────────────────────────┐
//  │ count │ sum │ max │ buckets, u32 each ..    │
//  └───────┴─────┴─────┴─────────────────────────┘

const LINEAR: u32 = 64;
const HALF: u32 = 32;
const BITS_MAX: u32 = 48;
const BUCKETS: u32 = LINEAR + (BITS_MAX - 6) * HALF;
const HEAD_BYTES: usize = 24;

export const HISTOGRAM_BYTES: u64 = <u64>HEAD_BYTES + <u64>BUCKETS * 4;

export function histogramInit(base: usize): void {
  memory.fill(base, 0, <usize>HISTOGRAM_BYTES);
}

/** Bucket of a value. */
export function bucketOf(value: u64): u32 {
  if (value < <u64>LINEAR) return <u32>value;
  const capped = min(value, ((<u64>1) << <u64>BITS_MAX) - 1);
  const top = 63 - <u32>clz<u64>(capped);
  return LINEAR + (top - 6) * HALF + (<u32>(capped >> <u64>(top - 5)) - HALF);
}

/** Smallest value of a bucket. */
export function bucketValue(bucket: u32): u64 {
  if (bucket < LINEAR) return <u64>bucket;
  const octave = (bucket - LINEAR) / HALF;
  const part = (bucket - LINEAR) % HALF;
  return (<u64>(HALF + part)) << <u64>(octave + 1);
}

export function histogramRecord(base: usize, value: u64): void {
  store<u64>(base, load<u64>(base) + 1);
  store<u64>(base, load<u64>(base, 8) + value, 8);
  if (value > load<u64>(base, 16)) store<u64>(base, value, 16);
  const at = base + HEAD_BYTES + (<usize>bucketOf(value) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

export function histogramCount(base: usize): u64 {
  return load<u64>(base);
}

export function histogramSum(base: usize): u64 {
  return load<u64>(base, 8);
}

/** The largest value, exactly. */
export function histogramMax(base: usize): u64 {
  return load<u64>(base, 16);
}

/**
 * The least value that `share` of 1,000 values do not exceed, to the bucket's lower end; the
 * largest value itself where it lies in the same bucket. 0 when there is none.
 */
export function histogramQuantile(base: usize, share: u64): u64 {
  const count = histogramCount(base);
  if (count == 0) return 0;
  const rank = max<u64>(1, (count * share + 999) / 1000);
  const last = bucketOf(histogramMax(base));
  let seen: u64 = 0;
  for (let bucket: u32 = 0; bucket < last; bucket++) {
    seen += <u64>load<u32>(base + HEAD_BYTES + (<usize>bucket << 2));
    if (seen >= rank) return bucketValue(bucket);
  }
  return histogramMax(base);
}
