// Which VMAs of an original a scaled address space is made of, and in which order: indices only.

import type { Random } from "./random.ts";

/** Blocks are about this long: enough for the segments of a library to stay together. */
const BLOCK_VMAS_MAX = 64;
/** A smaller copy consists of at least this many blocks, as far as it has VMAs for them. */
const SAMPLE_BLOCKS_MIN = 16;
/** Samples drawn, of which the one most like the original is taken. */
const SAMPLE_CANDIDATES = 16;

/** Columns of what is resampled: a VMA, and the gap between it and the VMA before. */
export interface Original {
  readonly length: number;
  readonly gap_pages: Float64Array;
  readonly page_count: Float64Array;
  readonly flags: Uint32Array;
  /** Huge pages of each; missing where none has any. */
  readonly huge_pages?: Uint32Array | undefined;
}

/** Length of the blocks that stay together when an original of `length` VMAs is shuffled. */
function blockLength(length: number): number {
  return Math.max(1, Math.min(BLOCK_VMAS_MAX, Math.round(Math.sqrt(length))));
}

/** Writes all indices of the original into `order`, its blocks in a random order. */
export function shuffleBlocks(order: Uint32Array, random: Random): void {
  const block = blockLength(order.length);
  const blocks = Uint32Array.from({ length: Math.ceil(order.length / block) }, (_, i) => i);
  random.shuffle(blocks);
  let at = 0;
  for (const chosen of blocks) {
    const end = Math.min(order.length, (chosen + 1) * block);
    for (let index = chosen * block; index < end; index++) order[at++] = index;
  }
}

/**
 * `count` indices of the original, ascending, as blocks: the original is cut into equal strata
 * and one block is taken out of each, at a random place. Of several such samples the one is
 * returned whose sizes, gaps and flags are nearest to those of the original.
 */
export function sampleBlocks(original: Original, count: number, random: Random): Uint32Array {
  let best = drawSample(original.length, count, random);
  if (count === original.length || count === 0) return best;
  const score = sampleScorer(original);
  let best_score = score(best);
  for (let candidate = 1; candidate < SAMPLE_CANDIDATES; candidate++) {
    const drawn = drawSample(original.length, count, random);
    const drawn_score = score(drawn);
    if (drawn_score < best_score) {
      best = drawn;
      best_score = drawn_score;
    }
  }
  return best;
}

function drawSample(length: number, count: number, random: Random): Uint32Array {
  const chosen = new Uint32Array(count);
  if (count === 0) return chosen;
  const wanted = Math.max(1, Math.floor(count / SAMPLE_BLOCKS_MIN));
  const blocks = Math.ceil(count / Math.min(wanted, blockLength(length)));
  const left_out = length - count;
  // Stratum i has the VMAs of its block and its share of those left out, before or after it.
  const share = (total: number, i: number) => Math.floor((total * i) / blocks);
  let at = 0;
  for (let i = 0; i < blocks; i++) {
    const taken = share(count, i + 1) - share(count, i);
    const slack = share(left_out, i + 1) - share(left_out, i);
    const from = share(count, i) + share(left_out, i) + random.below(slack + 1);
    for (let k = 0; k < taken; k++) chosen[at++] = from + k;
  }
  return chosen;
}

/** Powers of two: bucket 0 counts zeros, b what has b binary digits; exact, without logarithms. */
export function pageBucket(pages: number): number {
  const high = Math.floor(pages / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(pages);
}

/** Sum of the distances of sizes, gaps and flags between a sample and the original. */
function sampleScorer(original: Original): (sample: Uint32Array) => number {
  const { length } = original;
  const size_bucket = Uint8Array.from(original.page_count, pageBucket);
  const gap_bucket = Uint8Array.from(original.gap_pages, pageBucket);
  const words = [...new Set(original.flags)];
  const word_index = new Map(words.map((word, i) => [word, i]));
  const flag_class = Uint32Array.from(original.flags, (word) => word_index.get(word)!);
  const all = Uint32Array.from({ length }, (_, i) => i);
  const count = (classes: Uint8Array | Uint32Array, kinds: number, indices: Uint32Array) => {
    const counts = new Float64Array(kinds);
    for (const index of indices) counts[classes[index]!]! += 1 / indices.length;
    return counts;
  };
  const measures = [
    { classes: size_bucket, kinds: 64, ordered: true },
    { classes: gap_bucket, kinds: 64, ordered: true },
    { classes: flag_class, kinds: words.length, ordered: false },
  ].map((measure) => ({ ...measure, expected: count(measure.classes, measure.kinds, all) }));
  return (sample) =>
    measures.reduce((score, { classes, kinds, ordered, expected }) => {
      const found = count(classes, kinds, sample);
      return score + (ordered ? largestLead(expected, found) : difference(expected, found));
    }, 0);
}

function largestLead(a: Float64Array, b: Float64Array): number {
  let lead = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    lead += a[i]! - b[i]!;
    largest = Math.max(largest, Math.abs(lead));
  }
  return largest;
}

function difference(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, share, i) => total + Math.abs(share - b[i]!) / 2, 0);
}
