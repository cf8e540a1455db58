// JSON documents: exactly one on standard output, keys as in the types, bigints as decimal strings.

/** Pretty JSON with a newline at its end. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item),
    2,
  );
  return `${text}\n`;
}
