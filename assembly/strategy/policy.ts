// The strategy of the run, read once into plain variables: where dead VMAs wait, when they are
// handed over, and how they are released.

import { Collect, Config, Drain, Release } from "../abi/config";
import { config } from "../memory/slots";

export let exitCollect: u32 = 0;
export let exitDrain: u32 = 0;
export let exitDrainArg: u64 = 0;
export let exitRelease: u32 = 0;

export function policyInit(): void {
  exitCollect = <u32>config(Config.EXIT_COLLECT);
  exitDrain = <u32>config(Config.EXIT_DRAIN);
  exitDrainArg = config(Config.EXIT_DRAIN_ARG);
  exitRelease = <u32>config(Config.EXIT_RELEASE);
  // nothing to collect where objects are freed at once: the host refuses it with a message
  assert(exitRelease != <u32>Release.DIRECT || exitCollect == <u32>Collect.NONE);
  assert(exitDrain <= <u32>Drain.INTERVAL); // the host writes only known rules
}
