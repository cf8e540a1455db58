// The one source of randomness: xoshiro128** seeded through SplitMix64, integers only.
//
// Published algorithms (Blackman and Vigna 2018; Steele, Lea and Flood 2014), written from their
// descriptions. 32-bit operations only, so the same numbers come out of any JavaScript engine and
// of the WebAssembly core. Reference vectors: docs/input.md, test/input/random.test.ts.

import { InputError } from "../errors.ts";

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const TWO_32 = 0x1_0000_0000;

/** A seed: a whole number of 0..2^64-1; a `number` only up to 2^53-1, where it is exact. */
export type Seed = bigint | number;

/**
 * Checks a seed and returns it as a bigint.
 * @throws InputError when it is negative, fractional or too large.
 */
export function checkSeed(seed: Seed): bigint {
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  const value = whole ? BigInt(seed) : -1n;
  if (value >= 0n && value <= MASK_64) return value;
  throw new InputError({
    problem: "bad seed",
    found: String(seed),
    expected: "a whole number of 0..18446744073709551615",
    ...(typeof seed === "number" && { hint: "numbers above 2^53-1 are inexact: use a bigint" }),
  });
}

/** SplitMix64: the next `count` outputs after `seed`. */
export function splitmix64(seed: bigint, count: number): bigint[] {
  const outputs: bigint[] = [];
  let state = seed & MASK_64;
  for (let i = 0; i < count; i++) {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & MASK_64;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
    outputs.push(mixed ^ (mixed >> 31n));
  }
  return outputs;
}

/** xoshiro128**: period 2^128 - 1, state of four 32-bit words, never all zero. */
export class Random {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  private constructor(s0: number, s1: number, s2: number, s3: number) {
    this.#s0 = s0 | 0;
    this.#s1 = s1 | 0;
    this.#s2 = s2 | 0;
    this.#s3 = s3 | 0;
  }

  /**
   * State words 0..3 are the low and high halves of the first two SplitMix64 outputs after `seed`
   * (never all zero: SplitMix64 maps two consecutive states to distinct outputs).
   */
  static fromSeed(seed: Seed): Random {
    const [first, second] = splitmix64(checkSeed(seed), 2) as [bigint, bigint];
    const low = (word: bigint) => Number(word & 0xffff_ffffn);
    const high = (word: bigint) => Number(word >> 32n);
    return new Random(low(first), high(first), low(second), high(second));
  }

  /** For reference vectors and for resuming: the four words as `state()` gives them. */
  static fromState(state: readonly [number, number, number, number]): Random {
    if (state.every((word) => (word | 0) === 0)) {
      throw new RangeError("xoshiro128** state must not be all zero");
    }
    return new Random(...state);
  }

  state(): [number, number, number, number] {
    return [this.#s0 >>> 0, this.#s1 >>> 0, this.#s2 >>> 0, this.#s3 >>> 0];
  }

  /** Uniform in 0..2^32-1. */
  nextU32(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#s1, 5), 7), 9) >>> 0;
    const shifted = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= shifted;
    this.#s3 = rotateLeft(this.#s3, 11);
    return scrambled;
  }

  /**
   * Uniform in 0..bound-1, for a bound of 1..2^32, without bias: outputs below 2^32 mod bound are
   * drawn again, the rest is taken modulo the bound.
   */
  below(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= TWO_32)) {
      throw new RangeError(`random bound ${bound} is not a whole number of 1..2^32`);
    }
    if (bound === TWO_32) return this.nextU32();
    const divisor = bound >>> 0;
    let drawn = this.nextU32();
    // The limit of rejection is below the bound, so the division is rarely needed.
    if (drawn < divisor) {
      const rejected = TWO_32 % divisor;
      while (drawn < rejected) drawn = this.nextU32();
    }
    return drawn % divisor;
  }

  /** Uniform in low..high, both included, at most 2^32 values. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Fisher-Yates: every order equally likely. */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
