// How sure the fastest of some repeats is: whatever disturbs a run makes it slower, so the fastest repeats of
// an undisturbed figure lie together.

/** Which of the repeats, in their order, has to lie near the fastest. */
const NEAR = 3;

/**
 * By what share the third fastest of at least three times is slower than the fastest; the slowest stands
 * for it where there are fewer.
 */
export function noiseOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const fastest = sorted[0]!;
  return (sorted[Math.min(NEAR, sorted.length) - 1]! - fastest) / fastest;
}
