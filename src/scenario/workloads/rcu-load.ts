// Keys that workloads which post callbacks have in common.

import type { MachineConfig } from "../../api/types.ts";
import { CPUS_MAX, parseCpuList } from "../cpulist.ts";
import type { Problem } from "../problems.ts";
import { cpuList, duration, wholeNumber } from "../scalars.ts";

/** 16 bytes each: what fits one wasm32 memory, about. */
export const CALLBACKS_MAX = 250_000_000;

/** CPUs as `0-3,8`, `all`; checked against the machine's number later. */
export function cpuListKey(what: string, by_default: string) {
  return cpuList()
    .refine((list) => (parseCpuList(list, CPUS_MAX)?.length ?? 0) > 0, {
      error: "all, or at least one CPU in a list such as 0-3,8",
    })
    .default(by_default)
    .describe(what);
}

export const startKey = duration("0ns", "86_400s")
  .prefault("0ns")
  .describe("When the tasks begin; before it every CPU is idle");

export function callbacksMaxKey(by_default: number, what: string) {
  return wholeNumber(1, CALLBACKS_MAX).prefault(by_default).describe(what);
}

/** CPUs of a list on this machine; none where it names others. */
export function cpusOf(list: string, machine: MachineConfig): readonly number[] {
  return parseCpuList(list, machine.cpus) ?? [];
}

export function cpusProblem(list: string, machine: MachineConfig): Problem | undefined {
  if (cpusOf(list, machine).length > 0) return undefined;
  const expected = `all, or some of the ${machine.cpus} CPUs, counted from 0`;
  return { path: ["workload", "cpus"], expected };
}
