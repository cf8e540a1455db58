// Loops for benchmarks and soak tests: only the cache is measured, no call from outside per object.
// `array` holds the addresses of live objects, one word each.

import { slabAlloc } from "./alloc";
import { slabFree } from "./free";
import { sheafAlloc } from "./sheaf-alloc";
import { sheafFree } from "./sheaf-free";

@inline
function xorshift(state: u32): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/** 6.12: allocates and stores `count` objects. */
export function slabFill(cache: usize, cpu: u32, array: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(array + i * 4, slabAlloc(cache, cpu));
}

/** 6.12: frees the first `count` objects of the array in its order. */
export function slabDrain(cache: usize, cpu: u32, array: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) slabFree(cache, cpu, load<u32>(array + i * 4));
}

/** 6.12: `count` times allocate and free at once. */
export function slabHot(cache: usize, cpu: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) slabFree(cache, cpu, slabAlloc(cache, cpu));
}

/** 6.12: `count` times free one of `size` live objects and allocate another; returns the state. */
export function slabChurn(cache: usize, array: usize, size: u32, count: u32, seed: u32): u32 {
  let state = seed;
  for (let i: u32 = 0; i < count; i++) {
    state = xorshift(state);
    const at = array + (state % size) * 4;
    slabFree(cache, 0, load<u32>(at));
    store<u32>(at, slabAlloc(cache, 0));
  }
  return state;
}

/** 7.2: allocates and stores `count` objects. */
export function sheafFill(cache: usize, cpu: u32, array: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(array + i * 4, sheafAlloc(cache, cpu));
}

/** 7.2: frees the first `count` objects of the array in its order. */
export function sheafDrain(cache: usize, cpu: u32, array: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) sheafFree(cache, cpu, load<u32>(array + i * 4));
}

/** 7.2: `count` times allocate and free at once. */
export function sheafHot(cache: usize, cpu: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) sheafFree(cache, cpu, sheafAlloc(cache, cpu));
}

/** 7.2: `count` times free one of `size` live objects and allocate another; returns the state. */
export function sheafChurn(cache: usize, array: usize, size: u32, count: u32, seed: u32): u32 {
  let state = seed;
  for (let i: u32 = 0; i < count; i++) {
    state = xorshift(state);
    const at = array + (state % size) * 4;
    sheafFree(cache, 0, load<u32>(at));
    store<u32>(at, sheafAlloc(cache, 0));
  }
  return state;
}

/** Shuffles `size` words (Fisher-Yates); returns the state. */
export function shuffle(array: usize, size: u32, seed: u32): u32 {
  let state = seed;
  for (let i = size - 1; i > 0; i--) {
    state = xorshift(state);
    const other = array + (state % (i + 1)) * 4;
    const word = load<u32>(other);
    store<u32>(other, load<u32>(array + i * 4));
    store<u32>(array + i * 4, word);
  }
  return state;
}
