// What the sheaves of a 7.2 cache hold and cost.

import { sheafObjectBytes } from "./geometry";
import { barnOf } from "./sheaf-records";

/** Full sheaves in the barn. */
export function sheafNrFull(cache: usize): u32 {
  return barnOf(cache).nr_full;
}

/** Empty sheaves in the barn. */
export function sheafNrEmpty(cache: usize): u32 {
  return barnOf(cache).nr_empty;
}

/** Sheaves that exist: in CPUs, in the barn, waiting for grace periods. */
export function sheafSheavesLive(cache: usize): u32 {
  return barnOf(cache).sheaves_live;
}

/** Bytes of the kernel's memory for them; not part of the cache's slabs. */
export function sheafKernelBytes(cache: usize): u64 {
  const barn = barnOf(cache);
  return (<u64>barn.sheaves_live) * sheafObjectBytes(barn.capacity);
}

/** Holds of the barn's lock so far. */
export function sheafBarnLocks(cache: usize): u32 {
  return <u32>barnOf(cache).barn_locks;
}

/** Objects that went from sheaves to slabs so far. */
export function sheafObjectsFlushed(cache: usize): u32 {
  return <u32>barnOf(cache).flushed;
}

/** Frees that found no sheaf to wait in so far. */
export function sheafRcuFailures(cache: usize): u32 {
  return barnOf(cache).rcu_failures;
}
