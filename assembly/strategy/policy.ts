// The strategy of the run, read once: for each path where dead VMAs wait, when they are handed
// over, and how they are released.

import { Collect, Config, Drain, Release } from "../abi/config";
import { config } from "../memory/slots";

//  0         4       8         12    16
//  ┌─────────┬───────┬─────────┬─────┬──────────┐
//  │ collect │ drain │ release │ pad │ drainArg │
//  └─────────┴───────┴─────────┴─────┴──────────┘
/** What one path (exit or munmap) does with a dead VMA. */
@unmanaged
export class Policy {
  collect: u32;
  drain: u32;
  release: u32;
  pad: u32;
  /** VMAs or jiffies, by the rule. */
  drainArg: u64;
}

const EXIT: usize = memory.data(24, 8);
const MUNMAP: usize = memory.data(24, 8);

@inline
export function exitPolicy(): Policy {
  return changetype<Policy>(EXIT);
}

@inline
export function munmapPolicy(): Policy {
  return changetype<Policy>(MUNMAP);
}

export function policyInit(): void {
  readPolicy(exitPolicy(), Config.EXIT_COLLECT);
  readPolicy(munmapPolicy(), Config.MUNMAP_COLLECT);
}

/** The four slots of a policy follow each other. */
function readPolicy(policy: Policy, first: i32): void {
  policy.collect = <u32>config(first);
  policy.drain = <u32>config(first + 1);
  policy.drainArg = config(first + 2);
  policy.release = <u32>config(first + 3);
  // nothing to collect where objects are freed at once: the host refuses it with a message
  assert(policy.release == <u32>Release.CALL_RCU || policy.collect == <u32>Collect.NONE);
  assert(policy.drain <= <u32>Drain.INTERVAL_TIMER); // the host writes only known rules
}
