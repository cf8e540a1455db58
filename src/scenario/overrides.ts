// `--set machine.cpus=8`: one key of a scenario replaced from the command line, remembered so that a
// complaint about it names the option and not a line of the file.

import { InputError, quoteFound } from "../errors.ts";
import { type Path, parseSource, valueAt } from "./source.ts";
import { takesNoSpace } from "./workloads/workloads.ts";

export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** How the user said it: "--set machine.cpus=8". */
  readonly option: string;
  /** What of the value stands at a path in it, as it was written; absent where nobody wrote it. */
  readonly written?: ((path: Path) => string) | undefined;
}

/** An override, or one that hangs on what the scenario says so far. */
export type OverrideRule = Override | ((tree: unknown) => Override);

/**
 * What `--vmas N` does: the size of the address space, `vma_count` where it is generated and `scale_to` where it is of
 * maps. `count` as in a scenario: 1_000_000, "1_000_000".
 */
export function vmasOverride(count: string | number, option = `--vmas ${count}`): OverrideRule {
  return (tree) => {
    const space = valueAt(tree, ["address_space"]);
    if (space === undefined && takesNoSpace(valueAt(tree, ["workload", "type"]))) {
      // one that only the workload can mind
      const value = { generate: "alternating", vma_count: count };
      return { path: ["address_space"], value, option };
    }
    const generated = space !== null && typeof space === "object" && "generate" in space;
    const key = generated ? "vma_count" : "scale_to";
    return { path: ["address_space", key], value: count, option };
  };
}

/**
 * What `--strategies a,b` does: presets, or those that the scenario writes out, by their names with commas between
 * them.
 */
export function strategiesOverride(names: string): OverrideRule {
  return (tree) => {
    const written = valueAt(tree, ["strategies"]);
    const own = Array.isArray(written) ? written : [];
    const value = names.split(",").map((part) => {
      const name = part.trim();
      return own.find((entry) => valueAt(entry, ["name"]) === name) ?? name;
    });
    return { path: ["strategies"], value, option: `--strategies ${names}` };
  };
}

const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

function parseValue(text: string, option: string): Pick<Override, "value" | "written"> {
  if (text.trim() === "") return { value: null };
  try {
    const { tree, found } = parseSource(text, option);
    return { value: tree, written: found };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Line and column within an option help nobody.
    throw new InputError({ problem: `${option}: ${error.problem}`, cause: error });
  }
}

/**
 * Parses the argument of --set, such as "machine.cpus=8". The value is YAML: 8, "4ms", [direct, single], {when: end}.
 * Throws InputError.
 */
export function parseOverride(argument: string): Override {
  return namedOverride(argument, "--set");
}

/** The same of another option. */
export function namedOverride(argument: string, name: string): Override {
  const option = `${name} ${argument}`;
  const equals = argument.indexOf("=");
  if (equals <= 0) {
    throw new InputError({
      problem: `${name}: no KEY=VALUE`,
      found: quoteFound(argument),
      expected: "a key of the scenario and its value, such as machine.cpus=8",
    });
  }
  const key = argument.slice(0, equals).trim();
  const path = key.split(".").map((step) => (/^\d{1,6}$/.test(step) ? Number(step) : step));
  if (path.some((step) => step === "" || FORBIDDEN.has(String(step)))) {
    throw new InputError({
      problem: `${name}: no such key ${quoteFound(key)}`,
      expected: "a key of the scenario with dots between its steps, such as machine.cpus",
    });
  }
  const text = argument.slice(equals + 1);
  return { path, ...parseValue(text, option), option };
}

function blank(next: string | number): unknown {
  return typeof next === "number" ? [] : {};
}

/** A copy of `tree` with the override in place; missing mappings on the way are made. */
export function applyOverride(tree: unknown, override: Override): unknown {
  const replace = (value: unknown, depth: number): unknown => {
    const step = override.path[depth];
    if (step === undefined) return override.value;
    const base = value ?? blank(step);
    if (typeof base !== "object" || base === null) {
      const name = override.path.slice(0, depth).join(".");
      throw new InputError({ problem: `${override.option}: ${name} has no keys of its own` });
    }
    if (Array.isArray(base)) {
      if (typeof step !== "number" || step > base.length) {
        throw new InputError({
          problem: `${override.option}: no such entry of a list of ${base.length}`,
          found: String(step),
        });
      }
      return base.toSpliced(step, 1, replace(base[step], depth + 1));
    }
    const old = Object.hasOwn(base, step) ? (base as Record<string, unknown>)[step] : undefined;
    return { ...base, [step]: replace(old, depth + 1) };
  };
  return replace(tree, 0);
}

/** The override that speaks about `path`, the last one given first. */
export function overrideAt(overrides: readonly Override[], path: Path): Override | undefined {
  return overrides.findLast((override) => {
    const shared = Math.min(override.path.length, path.length);
    const same = override.path
      .slice(0, shared)
      .every((step, i) => String(step) === String(path[i]));
    return same && override.path.length <= path.length;
  });
}
