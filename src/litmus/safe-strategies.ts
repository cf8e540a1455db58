// The ways of freeing that `litmus mixed` holds to be safe.

import type { Generation } from "./generation.ts";

/** Strategies that are safe, each with the kernel it is for. */
export interface SafeStrategy {
  readonly name: string;
  readonly generation: Generation;
  readonly munmap: string;
  readonly exit: string;
}

export const SAFE_STRATEGIES: readonly SafeStrategy[] = [
  { name: "6.1", generation: "6.1", munmap: "direct", exit: "direct" },
  { name: "direct", generation: "6.12", munmap: "call-rcu", exit: "direct" },
  { name: "call_rcu", generation: "6.12", munmap: "call-rcu", exit: "call-rcu" },
  { name: "batch", generation: "6.12", munmap: "mm-list", exit: "mm-list" },
  { name: "single", generation: "6.12", munmap: "private-list", exit: "private-list" },
  { name: "typesafe", generation: "7.2", munmap: "direct", exit: "direct" },
];
