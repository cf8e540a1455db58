// Checks of what callers of the library may have got wrong; scenarios are checked before.

import type { RunSpec, WorkloadType } from "../api/types.ts";
import { InputError, quoteFound } from "../errors.ts";
import { workloadMisfit } from "./workloads/shape.ts";

/** A whole number in a range. Throws InputError. */
export function check(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new InputError({
    problem: `bad ${what}`,
    found: String(value),
    expected: `a whole number from ${min} to ${max}`,
  });
}

function foundText(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  if (typeof value === "string") return quoteFound(value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}

/** Says what was found of a value of any type. Throws InputError. */
export function refuse(what: string, value: unknown, expected: string, hint?: string): never {
  throw new InputError({ problem: `bad ${what}`, found: foundText(value), expected, hint });
}

/** One of some words. Throws InputError. */
export function checkMember(what: string, value: unknown, words: readonly string[]): void {
  if (!words.includes(value as string)) refuse(what, value, `one of ${words.join(", ")}`);
}

/** true, false or nothing. Throws InputError. */
export function checkSwitch(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean") refuse(what, value, "true or false");
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where the parts of a specification come from. */
const PARTS: Readonly<Record<string, string>> = {
  machine: "a machine, as in the answer of parseScenario",
  space: "an address space, such as alternating(1000) or what parseMaps answers",
  strategy: "a strategy: an object with `name` and `exit`",
  profile: "a cost profile, as parseProfile answers it",
};

/**
 * Is it a specification at all? The types say so to who writes TypeScript; everybody else is told
 * here. Throws InputError.
 */
export function checkShape(spec: RunSpec<WorkloadType>, workloads: readonly string[]): void {
  if (!isObject(spec)) refuse("specification of a run", spec, "an object: see RunSpec");
  const parts: Readonly<Record<string, unknown>> = { ...spec };
  for (const [part, expected] of Object.entries(PARTS)) {
    const value = parts[part];
    const hint =
      part === "strategy" && typeof value === "string"
        ? "presetStrategy makes one of a preset's name"
        : undefined;
    if (!isObject(value)) refuse(part, value, expected, hint);
  }
  const { strategy, profile, seed, workload } = parts;
  if (!isObject((profile as Record<string, unknown>).costs)) {
    refuse("profile", profile, PARTS.profile!);
  }
  if (!isObject((strategy as Record<string, unknown>).exit)) {
    refuse("strategy", strategy, PARTS.strategy!);
  }
  if (typeof seed !== "bigint" || seed < 0n || seed >= 2n ** 64n) {
    refuse("seed", seed, "a bigint from 0n to 2n ** 64n - 1n");
  }
  if (workload === undefined) return;
  const type = isObject(workload) ? workload.type : workload;
  if (!isObject(workload) || !workloads.includes(type as string)) {
    refuse("type of workload", type, `one of ${workloads.join(", ")}`);
  }
  const misfit = workloadMisfit(type as WorkloadType, workload);
  if (misfit === undefined) return;
  const { key, expected } = misfit;
  refuse(`${key} of the workload ${type}`, workload[key], expected, "parseScenario fills them in");
}
