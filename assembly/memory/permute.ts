// A permutation of 0..n-1 that needs no memory: a four-round Feistel network over the next even
// power of two, walked until it lands inside. Keys come from the engine's generator.

import { prngNext } from "./prng";

const ROUNDS: u32 = 4;

//  0    8     16    24    32          36
//  ┌────┬─────┬─────┬─────┬───────────┬───────┐
//  │ k0 │ k1  │ k2  │ k3  │ half bits │ count │
//  └────┴─────┴─────┴─────┴───────────┴───────┘
export const PERMUTATION_BYTES: usize = 40;

/** Draws a permutation of `count` items. */
export function permutationInit(permutation: usize, count: u32): void {
  for (let round: u32 = 0; round < ROUNDS; round++) {
    store<u64>(permutation + (<usize>round << 3), prngNext());
  }
  const bits: u32 = count <= 1 ? 1 : 32 - clz<u32>(count - 1);
  store<u32>(permutation, (bits + 1) >> 1, 32);
  store<u32>(permutation, count, 36);
}

/** Where item `index` goes. */
export function permute(permutation: usize, index: u32): u32 {
  const half = load<u32>(permutation, 32);
  const count = load<u32>(permutation, 36);
  let at = index;
  do {
    at = feistel(permutation, half, at);
  } while (at >= count);
  return at;
}

function feistel(permutation: usize, half: u32, value: u32): u32 {
  const mask: u32 = (1 << half) - 1;
  let left = value >> half;
  let right = value & mask;
  for (let round: u32 = 0; round < ROUNDS; round++) {
    const key = load<u64>(permutation + (<usize>round << 3));
    const mixed = (<u64>right ^ key) * 0x9e3779b97f4a7c15;
    const next = left ^ ((<u32>(mixed >> 40)) & mask);
    left = right;
    right = next;
  }
  return (left << half) | right;
}
