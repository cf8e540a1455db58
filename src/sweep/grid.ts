// The points of a sweep: every value of every key with every value of all others.

import { InputError, LimitError } from "../errors.ts";
import type { OverrideRule } from "../scenario/overrides.ts";
import { POINTS_MAX, type SweepValue } from "./ranges.ts";
import { parseAxis, ruleOf, type SweepAxis } from "./values.ts";

/** Is one key the other, or a part of it? */
function overlap(one: string, other: string): boolean {
  return `${one}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${one}.`);
}

/** Keys that named options and `vmas` write. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  vmas: ["address_space.vma_count", "address_space.scale_to"],
};

const keysOf = (key: string): readonly string[] => WRITES[key] ?? [key];

function clash(one: string, other: string): boolean {
  return keysOf(one).some((mine) => keysOf(other).some((its) => overlap(mine, its)));
}

/** Keys that have one value for all points, and the options that say so. */
function fixedKeys(rules: readonly OverrideRule[]) {
  return rules
    .map((rule) => (typeof rule === "function" ? rule({}) : rule))
    .map(({ path, option }) => ({ fixed: path.join("."), option }));
}

/** Throws InputError. */
function checkKeys(axes: readonly SweepAxis[], overrides: readonly OverrideRule[]): void {
  for (const [at, { key }] of axes.entries()) {
    const other = axes.slice(0, at).find((axis) => clash(axis.key, key));
    if (other !== undefined) {
      const problem = `--vary ${other.key} and --vary ${key} write one key`;
      throw new InputError({
        problem,
        found: key,
        expected: "keys of which none contains another",
      });
    }
    // what is fixed may contain what varies: it is put in place before
    const set = fixedKeys(overrides).find(({ fixed }) =>
      keysOf(key).some((its) => `${fixed}.`.startsWith(`${its}.`)),
    );
    if (set === undefined) continue;
    const problem = `--vary ${key} and ${set.option} write one key`;
    throw new InputError({ problem, found: "both", expected: "one of them" });
  }
}

/** Points of all axes: the first key changes slowest, the last one from point to point. */
export class Grid {
  readonly axes: readonly SweepAxis[];
  readonly length: number;

  /**
   * `vary`: KEY=VALUES of each axis; `overrides`: what all points have in common.
   * Throws InputError, or LimitError where there are too many points.
   */
  constructor(vary: readonly string[], overrides: readonly OverrideRule[] = []) {
    if (vary.length === 0) {
      const expected = "at least one --vary KEY=VALUES, such as --vary vmas=1_000..1_000_000x10";
      throw new InputError({ problem: "nothing to vary", expected });
    }
    this.axes = vary.map(parseAxis);
    checkKeys(this.axes, overrides);
    this.length = this.axes.reduce((product, { values }) => product * values.length, 1);
    if (this.length <= POINTS_MAX) return;
    throw new LimitError({
      problem: "too many points",
      needed: this.length,
      available: POINTS_MAX,
      unit: "points",
    });
  }

  /** How many points apart neighbours on an axis are. */
  #stride(axis: number): number {
    return this.axes.slice(axis + 1).reduce((product, { values }) => product * values.length, 1);
  }

  /** Which value of an axis a point has, from 0. */
  position(point: number, axis: number): number {
    return Math.floor(point / this.#stride(axis)) % this.axes[axis]!.values.length;
  }

  /** One value of each axis. */
  valuesAt(point: number): SweepValue[] {
    return this.axes.map(({ values }, axis) => values[this.position(point, axis)]!);
  }

  /** "vmas=1000, machine.cpus=4" */
  nameAt(point: number): string {
    const values = this.valuesAt(point);
    return this.axes.map(({ key }, axis) => `${key}=${values[axis]!.text}`).join(", ");
  }

  /** What turns the scenario into that of a point. */
  rulesAt(point: number): OverrideRule[] {
    const values = this.valuesAt(point);
    return this.axes.map(({ key }, axis) => ruleOf(key, values[axis]!));
  }

  /** Points that differ in one axis alone, in the order of its values. */
  *lines(axis: number): Generator<number[]> {
    const [stride, { length }] = [this.#stride(axis), this.axes[axis]!.values];
    for (let first = 0; first < this.length; first++) {
      if (this.position(first, axis) !== 0) continue;
      yield Array.from({ length }, (_, step) => first + step * stride);
    }
  }
}
