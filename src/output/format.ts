// Numbers as people read them in a mail. No locale: the same bytes everywhere.

/** 1000011 -> "1,000,011"; at most `decimals` fixed decimals. */
export function grouped(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return "-";
  const [whole = "0", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === undefined ? digits : `${digits}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** Nanoseconds in the unit asked for. */
export function inUnit(ns: number, unit: "ns" | "us" | "ms", decimals: number): string {
  const scale = { ns: 1, us: 1e3, ms: 1e6 }[unit];
  return grouped(ns / scale, decimals);
}

export const MIB = 1_048_576;

export function mib(bytes: number, decimals = 1): string {
  return grouped(bytes / MIB, decimals);
}

/** Bytes in the largest binary unit that leaves a figure above 1. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${grouped(value, unit === 0 ? 0 : 1)} ${units[unit]}`;
}

/** 0.0123 -> "+1.2 %". */
export function percent(ratio: number): string {
  const text = grouped(ratio * 100, 1);
  return `${text.startsWith("-") ? "" : "+"}${text} %`;
}

/** A short figure: 33162 -> "33.2k", 1000011 -> "1.00M". */
export function short(value: number): string {
  const size = Math.abs(value);
  for (const [scale, suffix] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size < scale) continue;
    const scaled = value / scale;
    const decimals = Math.abs(scaled) < 10 ? 2 : Math.abs(scaled) < 100 ? 1 : 0;
    return `${scaled.toFixed(decimals)}${suffix}`;
  }
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** "1 CPU", "2 CPUs". */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}
