// kvfree_rcu's queue as operations see it: dead VMAs gather here until the monitor takes them
// (later.ts), newest first.
// [simplified: kernel/rcu/tree.c:kvfree_call_rcu, 6.12: one channel for the machine instead of one
//  a CPU]

import { mmVma } from "./records";

let head: u32 = 0;
let count: u32 = 0;

export function bulkListInit(): void {
  head = 0;
  count = 0;
}

/** Dead VMAs that wait for the monitor. */
@inline
export function bulkWaiting(): u32 {
  return count;
}

export function bulkAdd(address: u32): void {
  mmVma(address).group = head;
  head = address;
  count++;
}

/** Takes them all, linked by `group`. */
export function bulkTakeAll(): u32 {
  const taken = head;
  head = 0;
  count = 0;
  return taken;
}
