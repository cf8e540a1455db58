// Callbacks whose grace period is over when a run begins.

import { RcuData } from "./records";
import { accelerate, advance, firstCallback } from "./segcblist";
import { stampReady } from "./stamp";
import { callbackList, rcuState } from "./state";

/**
 * Before time 0: all callbacks of a CPU have waited for the last grace period there was.
 * [left out: kernel/rcu/tree_nocb.h, 6.12: on offloaded CPUs, whose kthreads invoke them at once]
 */
export function makeReady(data: RcuData): void {
  if (data.offloaded != 0) return;
  const list = callbackList(data);
  for (let callback = firstCallback(list); callback != 0; callback = load<u32>(<usize>callback)) {
    stampReady(callback);
  }
  accelerate(list, rcuState().gpSeq);
  advance(list, rcuState().gpSeq);
}
