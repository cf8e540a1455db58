// Which preemption models a kernel of each generation can be built with, or switched to.
//
// [same: kernel/Kconfig.preempt and kernel/rcu/Kconfig, 6.12: none, voluntary and full; PREEMPTION
//  selects PREEMPT_RCU]
// [same: the same files, 7.2: on architectures that have lazy preemption, as x86 and arm64 do, none
//  and voluntary are gone; full selects PREEMPT_RCU, lazy does so with PREEMPT_DYNAMIC only]

import type { MachineConfig } from "../api/types.ts";
import type { Problem } from "./problems.ts";

type Model = MachineConfig["preempt"];

const MODELS: Record<MachineConfig["generation"], readonly Model[]> = {
  "6.12": ["none", "voluntary", "full"],
  "7.2": ["full", "lazy"],
};

const WHY: Record<MachineConfig["generation"], string> = {
  "6.12": "lazy preemption came with 6.13",
  "7.2": "none and voluntary are gone where the architecture has lazy preemption",
};

/** The model of a machine that names none. */
export function defaultPreempt(generation: MachineConfig["generation"]): Model {
  return generation === "7.2" ? "lazy" : "voluntary";
}

/** A preemption model that the generation has not, or that its RCU does not go with. */
export function preemptProblem(machine: {
  readonly generation: MachineConfig["generation"];
  readonly preempt?: Model | undefined;
  readonly preempt_rcu: boolean;
}): Problem | undefined {
  const { generation, preempt = defaultPreempt(generation), preempt_rcu } = machine;
  const models = MODELS[generation];
  if (!models.includes(preempt)) {
    const expected = `${models.slice(0, -1).join(", ")} or ${models.at(-1)} on Linux ${generation}`;
    return { path: ["machine", "preempt"], expected, hint: WHY[generation] };
  }
  if (preempt === "full" && !preempt_rcu) {
    const expected = "true with `preempt: full`, which selects PREEMPT_RCU";
    return { path: ["machine", "preempt_rcu"], expected };
  }
  return undefined;
}
