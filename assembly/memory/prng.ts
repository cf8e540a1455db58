// The one pseudo-random generator of the engine: xoshiro256** seeded through splitmix64 (public
// algorithms by Blackman and Vigna). Integers only; its state is part of the digest.

//  0    8    16   24   32
//  ┌────┬────┬────┬────┐
//  │ s0 │ s1 │ s2 │ s3 │
//  └────┴────┴────┴────┘
const STATE: usize = memory.data(32, 16);

function splitmix(x: u64): u64 {
  let z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

export function prngInit(seed: u64): void {
  let x = seed;
  for (let word: usize = 0; word < 32; word += 8) {
    x += 0x9e3779b97f4a7c15;
    store<u64>(STATE + word, splitmix(x));
  }
}

export function prngNext(): u64 {
  const s0 = load<u64>(STATE);
  const s1 = load<u64>(STATE, 8);
  const result = rotl<u64>(s1 * 5, 7) * 9;
  const s2 = load<u64>(STATE, 16) ^ s0;
  const s3 = load<u64>(STATE, 24) ^ s1;
  store<u64>(STATE, s0 ^ s3);
  store<u64>(STATE, s1 ^ s2, 8);
  store<u64>(STATE, s2 ^ (s1 << 17), 16);
  store<u64>(STATE, rotl<u64>(s3, 45), 24);
  return result;
}

export function prngState(word: i32): u64 {
  return load<u64>(STATE + (<usize>word << 3));
}
