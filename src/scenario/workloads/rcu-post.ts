// `workload: { type: rcu_post }`: callbacks posted once each, at a rate or as fast as possible.

import { z } from "zod";
import { duration, wholeNumber } from "../scalars.ts";
import {
  CALLBACKS_MAX,
  callbacksMaxKey,
  cpuListKey,
  cpusOf,
  cpusProblem,
  startKey,
} from "./rcu-load.ts";
import type { WorkloadReader } from "./reader.ts";

const schema = z.strictObject({
  type: z.literal("rcu_post").describe("Callbacks posted at a rate, or as fast as possible"),
  cpus: cpuListKey("CPUs on which a posting task begins, one each", "all"),
  callbacks: wholeNumber(1, 1_000_000_000).describe("Callbacks that are posted, over all CPUs"),
  burst: wholeNumber(1, 1_000_000_000)
    .prefault(1_000_000_000)
    .describe("Callbacks that a task posts without a pause"),
  interval: duration("0ns", "3600s")
    .prefault("0ns")
    .describe("From the beginning of one burst of a task to that of its next"),
  start: startKey,
  end: duration("0ns", "86_400s").prefault("0ns").describe("The run lasts at least until then"),
  callbacks_max: callbacksMaxKey(
    CALLBACKS_MAX,
    "Callbacks in flight that memory is planned for; a task that finds none waits a jiffy",
  ),
});

export const RCU_POST_READER: WorkloadReader<"rcu_post", typeof schema> = {
  schema,
  resolve: (file, machine) => ({
    type: file.type,
    cpus: cpusOf(file.cpus, machine),
    callbacks: file.callbacks,
    burst: file.burst,
    interval_ns: file.interval,
    start_ns: file.start,
    end_ns: file.end,
    callbacks_max: Math.min(file.callbacks_max, file.callbacks),
  }),
  problem: ({ cpus }, machine) => cpusProblem(cpus, machine),
  uses_space: false,
  uses_strategies: false,
};
