// Callbacks whose grace period is over when a run begins.

import { RcuData } from "./records";
import { accelerate, advance, firstCallback } from "./segcblist";
import { stampReady } from "./stamp";
import { callbackList, rcuState } from "./state";

/** Before time 0: all callbacks of a CPU, not offloaded, have waited for the last grace period. */
export function makeReady(data: RcuData): void {
  assert(data.offloaded == 0); // those may lie on the bypass list
  const list = callbackList(data);
  for (let callback = firstCallback(list); callback != 0; callback = load<u32>(<usize>callback)) {
    stampReady(callback);
  }
  accelerate(list, rcuState().gpSeq);
  advance(list, rcuState().gpSeq);
}
