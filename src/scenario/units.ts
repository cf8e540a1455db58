// Durations, sizes and whole numbers as people write them: "4ms", "250us", "3_000ns", "176B", "4KiB".
// All arithmetic is exact: a value that is not a whole number of nanoseconds or bytes is refused.

/** Either the value or, in words, why there is none. */
export type Parsed = { readonly value: number } | { readonly problem: string };

const DURATION_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
};

const SIZE_BYTES: Readonly<Record<string, bigint>> = {
  B: 1n,
  KiB: 1_024n,
  MiB: 1_048_576n,
  GiB: 1_073_741_824n,
};

export const NS_PER_S = 1_000_000_000;
export const PAGE_BYTES = 4096;

/** From tick to tick, as the kernel rounds it (TICK_NSEC; assembly/sched/clock.ts). */
export function tickNs(hz: number): number {
  return Math.floor((NS_PER_S + Math.floor(hz / 2)) / hz);
}

export const DURATION_UNITS: readonly string[] = Object.keys(DURATION_NS);
export const SIZE_UNITS: readonly string[] = Object.keys(SIZE_BYTES);

// Digits may be grouped by single underscores: 1_000_000.
const QUANTITY = /^(-?)(\d+(?:_\d+)*)(?:\.(\d+(?:_\d+)*))?\s*([A-Za-zµ]*)$/;
const INTEGER = /^-?\d+(?:_\d+)*$/;
/** Other whole numbers of YAML: hexadecimal, octal, and with an exponent. */
const YAML_INTEGER = /^(?:0x[\da-fA-F]+|0o[0-7]+|\d+(?:\.\d+)?[eE]\+?\d+)$/;

function digits(text: string): string {
  return text.replaceAll("_", "");
}

function safe(value: bigint): Parsed {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) return { problem: "too large: more than 2^53 - 1" };
  return { value: number };
}

function parseQuantity(
  text: string,
  units: Readonly<Record<string, bigint>>,
  example: string,
): Parsed {
  const match = QUANTITY.exec(text.trim());
  const known = Object.keys(units).join(", ");
  if (match === null) return { problem: `not a number with a unit, such as ${example}` };
  const [, sign, whole = "", fraction = "", unit = ""] = match;
  const isZero = unit === "" && /^[0_]+$/.test(whole) && fraction === "";
  if (unit === "" && !isZero) return { problem: `no unit; use one of ${known}` };
  const scale = isZero ? 1n : Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (scale === undefined) return { problem: `unknown unit ${unit}; use one of ${known}` };
  const decimals = digits(fraction);
  const denominator = 10n ** BigInt(decimals.length);
  const numerator = BigInt(digits(whole) + decimals) * scale;
  if (numerator % denominator !== 0n) return { problem: `finer than 1 ${Object.keys(units)[0]}` };
  const value = numerator / denominator;
  return safe(sign === "-" ? -value : value);
}

/** "4ms" -> 4,000,000. Units ns, us, ms, s; a bare 0 needs none. */
export function parseDurationNs(text: string): Parsed {
  return parseQuantity(text, DURATION_NS, "4ms");
}

/** "4KiB" -> 4,096. Units B, KiB, MiB, GiB; a bare 0 needs none. */
export function parseSizeBytes(text: string): Parsed {
  return parseQuantity(text, SIZE_BYTES, "176B");
}

/** "1_000_000" -> 1,000,000, and "1e6", "0x400" as in YAML, so that options take what files do. */
export function parseInteger(text: string): Parsed {
  const trimmed = text.trim();
  if (YAML_INTEGER.test(trimmed) && Number.isSafeInteger(Number(trimmed)))
    return { value: Number(trimmed) };
  if (!INTEGER.test(trimmed)) return { problem: "digits alone, such as 100_000" };
  return safe(BigInt(digits(trimmed)));
}
