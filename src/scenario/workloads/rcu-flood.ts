// `workload: { type: rcu_flood }`: the flood of callbacks with which rcutorture tests RCU.
// Defaults are the constants of kernel/rcu/rcutorture.c, 6.12.

import { z } from "zod";
import { duration, wholeNumber } from "../scalars.ts";
import { NS_PER_S } from "../units.ts";
import { callbacksMaxKey, cpuListKey, cpusOf, cpusProblem, startKey } from "./rcu-load.ts";
import type { WorkloadReader } from "./reader.ts";

const schema = z.strictObject({
  type: z.literal("rcu_flood").describe("rcutorture's forward-progress flood of callbacks"),
  cpus: cpuListKey("CPUs on which a flooding task begins, one each", "0"),
  start: startKey,
  duration: duration("10ms", "16s").prefault("8s").describe("How long a flood lasts at most"),
  min_launders: wholeNumber(1, 1000)
    .prefault(3)
    .describe("How often a callback has to have come back to count"),
  min_laundered: wholeNumber(1, 1_000_000)
    .prefault(100)
    .describe("How many have to count before the flood ends early"),
  callbacks_max: callbacksMaxKey(
    4_000_000,
    "Callbacks that memory is planned for; a flood that finds none waits a jiffy",
  ),
});

export const RCU_FLOOD_READER: WorkloadReader<"rcu_flood", typeof schema> = {
  schema,
  resolve: (file, machine) => ({
    type: file.type,
    cpus: cpusOf(file.cpus, machine),
    start_ns: file.start,
    jiffies_max: Math.max(1, Math.floor((file.duration * machine.hz) / NS_PER_S)),
    min_launders: file.min_launders,
    min_laundered: file.min_laundered,
    callbacks_max: file.callbacks_max,
  }),
  problem: ({ cpus }, machine) => cpusProblem(cpus, machine),
  uses_space: false,
  uses_strategies: false,
};
