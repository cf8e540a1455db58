// What a file is that should have been text, by its first bytes.

/** What the first bytes say of files that are no text; undefined for anything else. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x1f, 0x8b)) return "gzip data";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zstd data";
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return "xz data";
  if (starts(0x7f, 0x45, 0x4c, 0x46)) return "an ELF file";
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return "UTF-16 text";
  return undefined;
}

/** What to do about it, where it is said in three words. */
export function formatHint(format: string | undefined): string | undefined {
  if (format === "gzip data") return "decompress it first";
  return format === "UTF-16 text" ? "save it as UTF-8" : undefined;
}
