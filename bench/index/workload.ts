// The workload of every index benchmark: VMAs of 1..16 pages, each followed by a gap of 1..16
// pages ("gappy") or by nothing ("dense"), in address order and in one random order.

export const SEED = 2463534242;
const FIRST_PAGE = 0x1000000;

export interface Workload {
  readonly length: number;
  /** First and last page of each VMA, in address order. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** A permutation: the random order. */
  readonly order: Uint32Array;
}

/** xorshift32 */
function stream(seed: number): () => number {
  let x = seed | 0;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

export function makeWorkload(length: number, gaps: boolean): Workload {
  const random = stream(SEED);
  const first = new Float64Array(length);
  const last = new Float64Array(length);
  let page = FIRST_PAGE;
  for (let i = 0; i < length; i++) {
    first[i] = page;
    page += 1 + (random() % 16);
    last[i] = page - 1;
    if (gaps) page += 1 + (random() % 16);
  }
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random() % (i + 1);
    const other = order[i]!;
    order[i] = order[j]!;
    order[j] = other;
  }
  return { length, first, last, order };
}
