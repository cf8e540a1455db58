// zod building blocks for the scalars of scenario and profile files. Each failure's message is the
// expectation in words ("a whole number from 1 to 256"): the reader of an error sees what was
// found beside it.

import { z } from "zod";
import { formatCount } from "../errors.ts";
import { CPU_LIST_EXPECTED, CPUS_MAX, parseCpuList } from "./cpulist.ts";
import {
  DURATION_UNITS,
  type Parsed,
  parseDurationNs,
  parseInteger,
  parseSizeBytes,
  SIZE_UNITS,
} from "./units.ts";

/** Largest 31-bit number: what a kernel `int` or `long` parameter holds in every configuration. */
export const INT_MAX = 2_147_483_647;

/** How a scalar looks in JSON Schema, which cannot see through the parsing of units. */
export const jsonShapes = z.registry<{ readonly shape: Record<string, unknown> }>();

/** A custom issue whose message is the expectation; `hint` is shown after it. */
export function expectation(input: unknown, message: string, hint?: string) {
  return { code: "custom" as const, input, message, ...(hint ? { params: { hint } } : {}) };
}

function quantity(
  parse: (text: string) => Parsed,
  expected: string,
  accepts_number: (value: number) => boolean,
  min: number,
  max: number,
  shape: Record<string, unknown>,
) {
  return z
    .union([z.number(), z.bigint(), z.string()], { error: () => expected })
    .register(jsonShapes, { shape })
    .transform((raw, context): number => {
      let parsed: Parsed;
      if (typeof raw === "string") parsed = parse(raw);
      else if (typeof raw === "bigint") parsed = parse(raw.toString());
      else if (accepts_number(raw)) parsed = { value: raw };
      else parsed = parse(String(raw));
      if ("problem" in parsed) {
        context.addIssue(expectation(raw, expected, parsed.problem));
        return z.NEVER;
      }
      if (parsed.value < min || parsed.value > max) {
        context.addIssue(expectation(raw, expected));
        return z.NEVER;
      }
      return parsed.value;
    });
}

/** Whole number; `1_000_000` is fine as well. `automatic` admits -1: the kernel's own choice. */
export function wholeNumber(min: number, max: number, automatic = false) {
  const range = `a whole number from ${formatCount(min)} to ${formatCount(max)}`;
  const expected = automatic ? `${range}, or -1 for the kernel's choice` : range;
  const minimum = automatic ? -1 : min;
  const pattern = "^(-?\\d+(_\\d+)*|0x[0-9a-fA-F]+|0o[0-7]+|\\d+(\\.\\d+)?[eE]\\+?\\d+)$";
  const shape = { type: ["integer", "string"], minimum, maximum: max, pattern };
  const base = quantity(parseInteger, expected, Number.isSafeInteger, minimum, max, shape);
  if (!automatic || min <= 0) return base;
  return base.refine((value) => value === -1 || value >= min, { error: expected });
}

/** Duration with a unit, in nanoseconds. `bare_ns` admits plain numbers of nanoseconds. */
export function duration(min: string, max: string, bare_ns = false) {
  const [low, high] = [parseDurationNs(min), parseDurationNs(max)];
  if ("problem" in low || "problem" in high) throw new RangeError(`bad bounds ${min}, ${max}`);
  const expected = `a duration from ${min} to ${max} with a unit, such as 250us`;
  const accepts = (value: number) => value === 0 || (bare_ns && Number.isSafeInteger(value));
  const parse = (text: string): Parsed => {
    const plain = bare_ns ? parseInteger(text) : { problem: "" };
    return "value" in plain ? plain : parseDurationNs(text);
  };
  const pattern = `^[0-9][0-9_.]*\\s*(${DURATION_UNITS.join("|")})${bare_ns ? "?" : ""}$|^0$`;
  const shape = { type: bare_ns ? ["integer", "string"] : "string", pattern };
  return quantity(parse, expected, accepts, low.value, high.value, shape);
}

/** Size with a unit, in bytes. */
export function size(min: string, max: string) {
  const [low, high] = [parseSizeBytes(min), parseSizeBytes(max)];
  if ("problem" in low || "problem" in high) throw new RangeError(`bad bounds ${min}, ${max}`);
  const expected = `a size from ${min} to ${max} with a unit, such as 176B`;
  const shape = { type: "string", pattern: `^[0-9][0-9_.]*\\s*(${SIZE_UNITS.join("|")})$|^0$` };
  const accepts = (value: number) => value === 0;
  return quantity(parseSizeBytes, expected, accepts, low.value, high.value, shape);
}

/** One word out of a list, with a suggestion when it is nearly one of them. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: () => `one of ${words.join(", ")}` });
}

/** One kernel generation out of a list, with quotes or without: 6.12 is a number to YAML. */
export function generationOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  expected = `one of ${words.join(", ")}`,
) {
  const numbers = words.map(Number) as [number, ...number[]];
  return z
    .union([z.enum(words), z.literal(numbers)], { error: () => expected })
    .transform((value) => String(value) as Words[number]);
}

/** CPUs as in 0-3,8 or [0, 1, 8]; which of them there are is known once the machine is. */
export function cpuList() {
  const whole = (expected: string) =>
    z
      .number({ error: () => expected })
      .int(expected)
      .min(0, expected);
  const one = `the number of a CPU, from 0 to ${CPUS_MAX - 1}`;
  return z
    .union([z.string(), whole(CPU_LIST_EXPECTED), z.array(whole(one).max(CPUS_MAX - 1, one))], {
      error: () => CPU_LIST_EXPECTED,
    })
    .transform((list) => (Array.isArray(list) && list.length === 0 ? "none" : String(list)))
    .refine((list) => parseCpuList(list, CPUS_MAX) !== undefined, { error: CPU_LIST_EXPECTED });
}

/** `true` or `false`. */
export function trueOrFalse() {
  return z.boolean({ error: () => "true or false" });
}

/** A text of one line that is not empty. Reports print it, so it must not steer a terminal. */
export function text(what: string) {
  return z
    .string({ error: () => what })
    .trim()
    .min(1, { error: what })
    .regex(/^\P{Cc}*$/u, { error: `${what}, without control characters` });
}
