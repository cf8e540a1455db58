// A histogram of times that costs a few instructions a value: buckets grow with the value, 32 to
// each power of two, so a quantile is within 3 % of the truth, the largest value exact.

const SUB_BITS: u32 = 5;
const SUB: u32 = 1 << SUB_BITS;
/** Values up to 2^63 ps. */
const BUCKETS: u32 = (64 - SUB_BITS) * SUB;

/** Bytes of a histogram: a u32 a bucket. */
export const HISTOGRAM_BYTES: u32 = BUCKETS * 4;

export function histogramInit(histogram: usize): void {
  memory.fill(histogram, 0, HISTOGRAM_BYTES);
}

/** Bucket of a value: exact below 64, then 32 a power of two. */
function bucketOf(value: u64): u32 {
  if (value < <u64>(2 * SUB)) return <u32>value;
  const shift = 63 - <u32>clz<u64>(value) - SUB_BITS;
  return (shift << SUB_BITS) + <u32>(value >> <u64>shift);
}

/** Largest value of a bucket. */
function bucketTop(bucket: u32): u64 {
  if (bucket < 2 * SUB) return <u64>bucket;
  const shift = (bucket >> SUB_BITS) - 1;
  const mantissa = <u64>(bucket - (shift << SUB_BITS));
  return ((mantissa + 1) << <u64>shift) - 1;
}

export function histogramAdd(histogram: usize, value: u64): void {
  const at = histogram + (<usize>bucketOf(value) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** The value that `permille` of all values do not exceed; 0 of no values. */
export function histogramQuantile(histogram: usize, permille: u32): u64 {
  let total: u64 = 0;
  for (let bucket: u32 = 0; bucket < BUCKETS; bucket++) {
    total += <u64>load<u32>(histogram + (<usize>bucket << 2));
  }
  if (total == 0) return 0;
  const wanted = (total * <u64>permille + 999) / 1000;
  let seen: u64 = 0;
  for (let bucket: u32 = 0; bucket < BUCKETS; bucket++) {
    seen += <u64>load<u32>(histogram + (<usize>bucket << 2));
    if (seen >= wanted && seen != 0) return bucketTop(bucket);
  }
  return bucketTop(BUCKETS - 1);
}
