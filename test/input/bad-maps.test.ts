// Every way in which maps are bad gives one line: where, what, found, expected, hint.

import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { parseMaps } from "../../src/input/maps.ts";

const GOOD = "00400000-00401000 r--p 00000000 fe:00 1 /bin/a";
/** 6 MiB, of which two whole blocks. */
const BLOCKS = "00500000-00b00000 rw-p 00000000 00:00 0";
const DETAILS = "Size: 4 kB\nRss: 4 kB\nVmFlags: rd mr mw me";
const TEXT_HINT = "(is this a copy of /proc/PID/maps or smaps?)";
const ORDER_HINT = "(one file holds the maps of one process, in ascending order)";
const RANGE_HINT =
  "(maps of x86-64, arm64 and riscv64 processes fit; those of ia64 and s390x need not)";

const CASES: readonly (readonly [name: string, text: string, message: string])[] = [
  // Addresses
  [
    "no address",
    "hello world\n",
    `f:1:1: bad start address: found "hello", expected lower-case hexadecimal digits ${TEXT_HINT}`,
  ],
  [
    "no address on a later line",
    `${GOOD}\n??? r--p\n`,
    'f:2:1: bad start address: found "???", expected lower-case hexadecimal digits',
  ],
  [
    "0x before the address",
    "0x400000-0x401000 r--p 00000000 fe:00 1\n",
    'f:1:2: not a line of maps: found "x400000-0x401000", expected a dash after the start address (addresses stand without 0x)',
  ],
  [
    "capital digits",
    `${GOOD}\nF0400000-F0401000 r--p 00000000 fe:00 1\n`,
    'f:2:1: bad start address: found "F0400000-F0401000", expected lower-case hexadecimal digits (the kernel prints addresses in lower case)',
  ],
  [
    "capital digits in the middle",
    `${GOOD}\n7F0400000-7F0401000 r--p 00000000 fe:00 1\n`,
    'f:2:2: bad start address: found "F0400000-7F0401000", expected lower-case hexadecimal digits (the kernel prints addresses in lower case)',
  ],
  [
    "no end address",
    `${GOOD}\n00500000 r--p 00000000 fe:00 1\n`,
    "f:2:9: not a line of maps: found a space, expected a dash after the start address",
  ],
  [
    "end address missing after the dash",
    `${GOOD}\n00500000- r--p 00000000 fe:00 1\n`,
    "f:2:10: bad end address: found a space, expected lower-case hexadecimal digits",
  ],
  [
    "start not on a page",
    "00400800-00402000 r--p 00000000 fe:00 1\n",
    `f:1:1: unaligned start address: found 0x00400800, expected a multiple of the page size, 0x1000 ${TEXT_HINT}`,
  ],
  [
    "end not on a page",
    `${GOOD}\n00500000-00501fff r--p 00000000 fe:00 1\n`,
    "f:2:10: unaligned end address: found 0x00501fff, expected a multiple of the page size, 0x1000",
  ],
  [
    "17 digits",
    `${GOOD}\n00000000000500000-00000000000501000 r--p 00000000 fe:00 1\n`,
    'f:2:1: start address too long: found "00000000000500000-00000000000501000", expected at most 16 hexadecimal digits',
  ],
  [
    "end above 57 bits",
    `${GOOD}\n01fffffffffff000-0200000000001000 r--p 00000000 fe:00 1\n`,
    `f:2:18: address above 57 bits: found 0x200000000001000, expected at most 0x200000000000000 ${RANGE_HINT}`,
  ],
  [
    "ia64: regions in the top three bits",
    "2000000000000000-2000000000038000 r-xp 00000000 08:02 1 /lib/ld-2.3.2.so\n",
    `f:1:1: address above 57 bits: found 0x2000000000000000, expected at most 0x200000000000000 ${RANGE_HINT}`,
  ],
  [
    "kernel addresses other than the vsyscall",
    `${GOOD}\nffffffffff600000-ffffffffff602000 r-xp 00000000 00:00 0 [vsyscall]\n`,
    `f:2:1: address above 57 bits: found 0xffffffffff600000, expected at most 0x200000000000000 ${RANGE_HINT}`,
  ],
  [
    "empty mapping",
    `${GOOD}\n00500000-00500000 r--p 00000000 fe:00 1\n`,
    "f:2:1: empty mapping: found 0x500000-0x500000, expected an end above the start",
  ],
  [
    "reversed range",
    `${GOOD}\n00501000-00500000 r--p 00000000 fe:00 1\n`,
    "f:2:1: reversed range: found 0x501000-0x500000, expected an end above the start",
  ],
  // Order
  [
    "overlap",
    "00400000-00403000 r--p 00000000 fe:00 1\n00402000-00405000 rw-p 00000000 fe:00 1\n",
    `f:2:1: overlapping mapping: found 0x402000-0x405000, expected a start at or above 0x403000, the end of line 1 ${ORDER_HINT}`,
  ],
  [
    "out of order",
    `00600000-00601000 r--p 00000000 fe:00 1\n\n${GOOD}\n`,
    `f:3:1: mapping out of order: found 0x400000-0x401000, expected a start at or above 0x601000, the end of line 1 ${ORDER_HINT}`,
  ],
  [
    "the same mapping twice",
    `${GOOD}\n${GOOD}\n`,
    `f:2:1: repeated mapping: found 0x400000-0x401000, expected a start at or above 0x401000, the end of line 1 ${ORDER_HINT}`,
  ],
  [
    "another process after the vsyscall",
    `${GOOD}\nffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n${GOOD}\n`,
    `f:3:1: mapping out of order: found 0x400000-0x401000, expected a start at or above 0xffffffffff601000, the end of line 2 ${ORDER_HINT}`,
  ],
  // Permissions
  [
    "letters in the wrong place",
    `${GOOD}\n00500000-00501000 wr-p 00000000 fe:00 1\n`,
    'f:2:19: bad permissions: found "wr-p", expected "r" or "-"',
  ],
  [
    "no p or s",
    `${GOOD}\n00500000-00501000 rwx- 00000000 fe:00 1\n`,
    'f:2:22: bad permissions: found "-", expected "p" (private) or "s" (shared)',
  ],
  [
    "permissions of ls",
    `${GOOD}\n00500000-00501000 rwxrwx 00000000 fe:00 1\n`,
    'f:2:22: bad permissions: found "rwx", expected "p" (private) or "s" (shared)',
  ],
  [
    "permissions too long",
    `${GOOD}\n00500000-00501000 r-xpp 00000000 fe:00 1\n`,
    'f:2:23: not a line of maps: found "p", expected a space after the permissions',
  ],
  // Offset, device, inode
  [
    "offset missing",
    `${GOOD}\n00500000-00501000 r-xp\n`,
    "f:2:23: not a line of maps: found the end of the line, expected a space after the permissions",
  ],
  [
    "offset not on a page",
    `${GOOD}\n00500000-00501000 r-xp 00000200 fe:00 1\n`,
    "f:2:24: unaligned file offset: found 0x00000200, expected a multiple of the page size, 0x1000",
  ],
  [
    "device without a colon",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe00 1\n`,
    'f:2:33: major device number too large: found "fe00", expected at most fff',
  ],
  [
    "device with a comma",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe,00 1\n`,
    'f:2:35: not a line of maps: found ",00", expected a colon after the major device number',
  ],
  [
    "minor number missing",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe: 1\n`,
    "f:2:36: bad minor device number: found a space, expected lower-case hexadecimal digits",
  ],
  [
    "minor number too large",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe:123456 1\n`,
    'f:2:36: minor device number too large: found "123456", expected at most fffff',
  ],
  [
    "inode missing",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe:00\n`,
    "f:2:38: not a line of maps: found the end of the line, expected a space after the device",
  ],
  [
    "a name where the inode should be",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe:00 /bin/cat\n`,
    'f:2:39: bad inode number: found "/bin/cat", expected decimal digits',
  ],
  [
    "inode glued to the name",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe:00 12/bin/cat\n`,
    'f:2:41: bad inode number: found "/bin/cat", expected a space or the end of the line',
  ],
  [
    "inode above 64 bits",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe:00 18446744073709551616\n`,
    'f:2:39: inode number too large: found "18446744073709551616", expected at most 18446744073709551615',
  ],
  [
    "tabs for spaces",
    `${GOOD}\n00500000-00501000\tr-xp\t00000000 fe:00 1\n`,
    'f:2:18: not a line of maps: found "\\tr-xp\\t00000000", expected a space after the end address',
  ],
  // smaps
  [
    "smaps cut in the middle of a record",
    `${GOOD}\nSize: 4 kB\nRss: 4 kB\n`,
    "f:3:1: truncated smaps: found the end of a mapping's details, expected a VmFlags line before it (copy the whole of /proc/PID/smaps, or give /proc/PID/maps)",
  ],
  [
    "smaps with a record cut out",
    `${GOOD}\nSize: 4 kB\n00500000-00501000 r-xp 00000000 fe:00 1\n${DETAILS}\n`,
    "f:3:1: truncated smaps: found the end of a mapping's details, expected a VmFlags line before it (copy the whole of /proc/PID/smaps, or give /proc/PID/maps)",
  ],
  [
    "smaps without its first mapping",
    `Rss: 4 kB\n${GOOD}\n${DETAILS}\n`,
    `f:1:1: smaps detail before the first mapping: found "Rss:", expected a mapping (the beginning of the file is missing)`,
  ],
  [
    "maps and smaps in one",
    `${GOOD}\n00500000-00501000 r-xp 00000000 fe:00 1\n${DETAILS}\n`,
    'f:3:1: smaps detail in plain maps: found "Size:", expected a mapping (the mappings before this one have no details: are these two files in one?)',
  ],
  [
    "smaps whose size contradicts the range",
    `${GOOD}\nSize: 8 kB\n`,
    "f:2:7: Size contradicts the range: found 8 kB, expected 4 kB",
  ],
  [
    "more resident than mapped",
    `${GOOD}\nSize: 4 kB\nRss:          12 kB\n`,
    "f:3:15: Rss above the size of the mapping: found 12 kB, expected at most 4 kB",
  ],
  [
    "more huge pages than Rss has",
    `${BLOCKS}\nRss: 1024 kB\nAnonHugePages: 2048 kB\n`,
    "f:3:16: bad AnonHugePages: found 2048 kB, expected whole huge pages of 2048 kB, at most 0 of them (Rss has no more)",
  ],
  [
    "more huge pages than the mapping has room for",
    `${BLOCKS}\nRss: 6144 kB\nAnonHugePages: 6144 kB\n`,
    "f:3:16: bad AnonHugePages: found 6144 kB, expected whole huge pages of 2048 kB, at most 2 of them (the mapping has no more whole 2 MiB blocks)",
  ],
  [
    "half a huge page",
    `${BLOCKS}\nRss: 6144 kB\nAnonHugePages: 1024 kB\n`,
    "f:3:16: bad AnonHugePages: found 1024 kB, expected whole huge pages of 2048 kB, at most 2 of them",
  ],
  [
    "a number without its unit",
    `${GOOD}\nRss: 4\n`,
    'f:2:6: bad Rss: found "4", expected a number of kB',
  ],
  [
    "a number with something behind its unit",
    `${GOOD}\nRss: 4 kB or so\n`,
    'f:2:6: bad Rss: found "4", expected a number of kB',
  ],
  [
    "smaps from which somebody took the line of a mapping",
    `${GOOD}\n${DETAILS}\n${DETAILS}\n`,
    'f:5:1: smaps details of no mapping: found "Size:", expected a mapping, as VmFlags ended the last one (the line of their mapping is missing: was the file filtered?)',
  ],
  [
    "half a page",
    `${GOOD}\nRss: 2 kB\n`,
    'f:2:6: bad Rss: found "2", expected a multiple of the page size, 4 kB',
  ],
  [
    "VmFlags of another shape",
    `${GOOD}\nVmFlags: rd mayread me\n`,
    'f:2:13: bad VmFlags: found "mayread", expected names of two letters',
  ],
  [
    "a detail without a colon",
    `${GOOD}\nRss 4 kB\n`,
    'f:2:1: not a line of smaps: found "Rss", expected a mapping or "Key: value"',
  ],
  [
    "smaps_rollup",
    "00400000-7ffc00000000 ---p 00000000 00:00 0   [rollup]\nRss: 4 kB\n",
    'f:1:47: totals, not mappings: found "[rollup]", expected a mapping (this is smaps_rollup: give /proc/PID/smaps)',
  ],
  // Other files altogether
  [
    "the output of pmap",
    "1234:   /bin/cat\n0000000000400000      4K r---- cat\n",
    'f:1:5: not a line of maps: found ":", expected a dash after the start address (this looks like the output of pmap: give /proc/PID/maps itself)',
  ],
  [
    "a message instead of maps",
    "cat: /proc/99999/maps: No such file or directory\n",
    'f:1:3: not a line of maps: found "t:", expected a dash after the start address (this is a message of the command that should have read the maps)',
  ],
  [
    "JSON",
    '{"maps": []}\n',
    'f:1:1: bad start address: found "{\\"maps\\":", expected lower-case hexadecimal digits (maps are plain text, neither HTML nor JSON)',
  ],
  [
    "an ELF file",
    "\x7fELF\x02\x01\x01\x00\n",
    "f:1:1: not text: found an ELF file, expected the text of /proc/PID/maps or smaps",
  ],
  [
    "NUL bytes in the middle",
    `${GOOD}\n00500\x00000-00501000 r-xp\n`,
    "f:2:6: binary data: found a NUL byte, expected the text of /proc/PID/maps or smaps",
  ],
  [
    "a line without end",
    `${GOOD}\n${"a".repeat(70_000)}`,
    "f:2:1: line too long: found more than 65536 bytes without a newline, expected lines of /proc/PID/maps",
  ],
];

function messageOf(source: string | Uint8Array): string {
  try {
    parseMaps(source, { file: "f" });
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe(2);
    expect((error as InputError).message).not.toContain("\n");
    return (error as InputError).message;
  }
  throw new Error("parsed");
}

describe("bad maps", () => {
  it.each(CASES)("%s", (_name, text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it.each([
    [[0x1f, 0x8b, 8, 0], "gzip data", " (decompress it first)"],
    [[0x28, 0xb5, 0x2f, 0xfd], "zstd data", ""],
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz data", ""],
    [[0xff, 0xfe, 0x30, 0], "UTF-16 text", " (save it as UTF-8)"],
  ] as const)("the magic bytes %j", (bytes, found, hint) => {
    expect(messageOf(Uint8Array.from(bytes))).toBe(
      `f:1:1: not text: found ${found}, expected the text of /proc/PID/maps or smaps${hint}`,
    );
  });

  it("reports the same place however the text is cut into chunks", () => {
    const text = `${GOOD}\n00500000-00501000 wr-p 00000000 fe:00 1\n`;
    for (let cut = 0; cut <= text.length; cut++) {
      expect(() => parseMaps([text.slice(0, cut), text.slice(cut)], { file: "f" })).toThrow(
        'f:2:19: bad permissions: found "wr-p", expected "r" or "-"',
      );
    }
  });

  it("keeps the parts of the message apart for programs", () => {
    expect.assertions(1);
    try {
      parseMaps(`${GOOD}\n00500000-00500000 r--p 00000000 fe:00 1\n`, { file: "f" });
    } catch (error) {
      expect(error).toMatchObject({
        name: "InputError",
        code: 2,
        file: "f",
        line: 2,
        column: 1,
        problem: "empty mapping",
        found: "0x500000-0x500000",
        expected: "an end above the start",
      });
    }
  });
});
