// Parsing: oddities written by hand, any cut into chunks, a million lines, and back to text.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { CHUNK_VMAS } from "../../src/input/address-space.ts";
import { type ParsedMaps, parseMaps } from "../../src/input/maps.ts";
import { escapeName, formatMaps } from "./format-maps.ts";

const SEED = Number(process.env.FC_SEED ?? 20_240_601);

function describeAll(maps: ParsedMaps): unknown {
  const vmas = Array.from({ length: maps.vma_count }, (_, i) => maps.vma(i));
  return { format: maps.format, gate: maps.gate_line, vmas };
}

function one(line: string) {
  const maps = parseMaps(line);
  expect(maps.vma_count).toBe(1);
  return maps.vma(0);
}

describe("one line", () => {
  it("has its parts", () => {
    expect(
      one("7f3a5c200000-7f3a5c228000 r-xp 00028000 fe:01 339380    /usr/lib/libc.so.6\n"),
    ).toEqual({
      start_page: 0x7f3a5c200,
      page_count: 0x28,
      flags: VmaFlag.READ | VmaFlag.EXEC | VmaFlag.FILE,
      perms: "r-xp",
      offset_pages: 0x28,
      dev: "fe:01",
      inode: 339380n,
      name: "/usr/lib/libc.so.6",
      path: "/usr/lib/libc.so.6",
      rss_pages: undefined,
    });
  });

  it("reaches to the top of 57 bits and starts at page 0", () => {
    const top = one("01fffffffffff000-0200000000000000 rw-p 00000000 00:00 0\n");
    expect(top.start_page).toBe(2 ** 45 - 1);
    expect(one("00000000-00001000 r-xp 00000000 00:00 0\n").start_page).toBe(0);
  });

  it("keeps offsets, devices and inodes that are large", () => {
    const vma = one("00400000-00401000 rw-s 7fffffffffff000 fff:fffff 18446744073709551615 /x\n");
    expect(vma).toMatchObject({ offset_pages: 0x7fffffffffff, dev: "fff:fffff" });
    expect(vma.inode).toBe(2n ** 64n - 1n);
    for (const inode of [2n ** 32n - 1n, 2n ** 53n - 1n, 2n ** 53n + 1n, 9007199254740980n]) {
      expect(one(`00400000-00401000 rw-s 00000000 00:2f ${inode} /x\n`).inode).toBe(inode);
    }
  });

  const RW_ANON = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
  const FILE_SHARED = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.SHARED | VmaFlag.FILE;
  it.each([
    ["rw-p 00000000 00:00 0 ", "", RW_ANON],
    ["rw-p 00000000 00:00 0", "", RW_ANON],
    ["rw-p 00000000 00:00 0    [heap]", "[heap]", RW_ANON | VmaFlag.HEAP],
    ["rw-p 00000000 00:00 0    [stack]", "[stack]", RW_ANON | VmaFlag.STACK | VmaFlag.GROWSDOWN],
    ["rw-p 00000000 00:00 0    [stack:4711]", "[stack:4711]", RW_ANON | VmaFlag.STACK],
    ["rw-p 00000000 00:00 0    [anon:my arena]", "[anon:my arena]", RW_ANON],
    ["rw-s 00000000 00:01 17   [anon_shmem:shared one]", "[anon_shmem:shared one]", FILE_SHARED],
    ["r--p 00000000 00:00 0    [vvar]", "[vvar]", VmaFlag.READ | VmaFlag.SPECIAL],
    ["r--p 00000000 00:00 0    [vvar_vclock]", "[vvar_vclock]", VmaFlag.READ | VmaFlag.SPECIAL],
    ["--xp 00000000 00:00 0    [uprobes]", "[uprobes]", VmaFlag.EXEC | VmaFlag.SPECIAL],
    [
      "r-xp 00000000 00:00 0    [uprobes-trampoline]",
      "[uprobes-trampoline]",
      VmaFlag.READ | VmaFlag.EXEC | VmaFlag.SPECIAL,
    ],
    [
      "rw-s 00000000 00:01 5    /SYSV0052e2c1 (deleted)",
      "/SYSV0052e2c1 (deleted)",
      FILE_SHARED | VmaFlag.DELETED,
    ],
    [
      "rw-s 00000000 00:01 5    /dev/zero (deleted)",
      "/dev/zero (deleted)",
      FILE_SHARED | VmaFlag.DELETED,
    ],
    ["rw-s 00000000 00:10 5    anon_inode:[io_uring]", "anon_inode:[io_uring]", FILE_SHARED],
    [
      "rw-s 00000000 00:10 5    /memfd:a b (deleted)",
      "/memfd:a b (deleted)",
      FILE_SHARED | VmaFlag.DELETED,
    ],
    [
      "rw-s 00000000 00:1a 5    /[aio] (deleted)",
      "/[aio] (deleted)",
      FILE_SHARED | VmaFlag.DELETED,
    ],
    ["rw-s 00000000 00:2a 5    /a//deleted", "/a//deleted", FILE_SHARED | VmaFlag.DELETED],
    ["rw-s 00000000 00:2a 5    /a (deleted) b", "/a (deleted) b", FILE_SHARED],
  ])("%j", (rest, name, flags) => {
    const vma = one(`00400000-00401000 ${rest}\n`);
    expect([vma.name, vma.flags]).toEqual([name, flags]);
  });
});

describe("a whole file", () => {
  it("may be empty: a kernel thread, a process that has ended", () => {
    for (const source of ["", "\n", new Uint8Array(0), []]) {
      expect(parseMaps(source).vma_count).toBe(0);
    }
  });

  it("leaves the vsyscall page out of the count", () => {
    const text =
      "7ffcfada3000-7ffcfadc4000 rw-p 00000000 00:00 0                          [stack]\n" +
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";
    const maps = parseMaps(text);
    expect([maps.vma_count, maps.gate_vmas]).toEqual([1, 1]);
    expect([...formatMaps(maps)].join("")).toBe(text);
  });

  it("takes CR LF, a byte order mark and a missing last newline", () => {
    const lines = [
      "00400000-00401000 r--p 00000000 fe:00 1 /bin/a b",
      "00401000-00402000 rw-p 00000000 00:00 0 ",
      "00402000-00403000 rw-p 00000000 00:00 0",
    ];
    const plain = describeAll(parseMaps(`${lines.join("\n")}\n`));
    expect(describeAll(parseMaps(`${lines.join("\r\n")}\r\n`))).toEqual(plain);
    expect(describeAll(parseMaps(`\ufeff${lines.join("\r\n")}\r\n\r\n`))).toEqual(plain);
    expect(describeAll(parseMaps(lines.join("\n")))).toEqual(plain);
    expect(describeAll(parseMaps(lines.join("\r\n")))).toEqual(plain);
  });

  it("keeps a CR that belongs to a name when lines end in LF", () => {
    const maps = parseMaps(
      "00400000-00401000 r--p 00000000 fe:00 1 /a\n00401000-00402000 r--p 00000000 fe:00 2 /b\r\n",
    );
    expect(maps.vma(1).name).toBe("/b\r");
  });

  it("reads smaps: size, resident pages and flags, CR LF too", () => {
    const text =
      "00400000-00408000 rw-p 00000000 00:00 0 \nSize:                 32 kB\nRss:                  12 kB\n" +
      "FilePmdMapped:         0 kB\nTHPeligible:           0\nVmFlags: rd wr mr mw me nr \n" +
      "00500000-00501000 r--p 00000000 fe:00 7 /a\nSize: 4 kB\nRss: 0 kB\nVmFlags: rd mr mw me ac gd ht zz\n";
    for (const source of [text, text.replaceAll("\n", "\r\n")]) {
      const maps = parseMaps(source);
      expect(maps.format).toBe("smaps");
      expect([...maps.rss_pages!]).toEqual([3, 0]);
      expect(maps.vma(0).flags).toBe(VmaFlag.READ | VmaFlag.WRITE);
      const stated = VmaFlag.ACCOUNT | VmaFlag.GROWSDOWN | VmaFlag.HUGETLB;
      expect(maps.vma(1).flags).toBe(VmaFlag.READ | VmaFlag.FILE | stated);
    }
  });

  it("keeps what it knows of the first mappings when there are many", () => {
    const record = (i: number, kib: number) => {
      const page = (0x400 + 512 * i).toString(16);
      const end = (0x600 + 512 * i).toString(16);
      return `${page}000-${end}000 rw-p 00000000 00:00 0 \nRss: ${kib} kB\nAnonHugePages: ${kib} kB\nVmFlags: rd wr \n`;
    };
    const count = 5000; // columns of 1,024 have doubled thrice
    const maps = parseMaps(Array.from({ length: count }, (_, i) => record(i, (i % 2) * 2048)));
    expect(maps.vma_count).toBe(count);
    for (let i = 0; i < count; i++) {
      const { rss_pages, huge_pages, start_page } = maps.vma(i);
      expect([rss_pages, huge_pages, start_page]).toEqual([(i % 2) * 512, i % 2, 0x400 + 512 * i]);
    }
  });

  it("passes over lines of smaps that newer kernels may add, also behind VmFlags", () => {
    const maps = parseMaps(
      "00400000-00408000 rw-p 00000000 00:00 0 \nSize: 32 kB\nNew_Key2: 3 furlongs\nRss: 12 kB \n" +
        "Later:\nVmFlags: rd wr zz \nProtectionLevel: 7\n",
    );
    expect([...maps.rss_pages!]).toEqual([3]);
    expect(maps.vma_count).toBe(1);
  });

  it("gives its VMAs again and again, in chunks of any size", () => {
    const page = (i: number) => `${(0x400 + i).toString(16)}000`;
    const lines = Array.from(
      { length: 10 },
      (_, i) => `${page(i)}-${page(i + 1)} r--p 0000 00:00 0`,
    );
    const maps = parseMaps(lines.join("\n"));
    for (const chunk_vmas of [1, 3, 10, CHUNK_VMAS, 3]) {
      const starts = [...maps.chunks(chunk_vmas)].flatMap((chunk) => {
        expect(chunk.length).toBeLessThanOrEqual(chunk_vmas);
        return [...chunk.start_page];
      });
      expect(starts).toEqual(Array.from({ length: 10 }, (_, i) => 0x400 + i));
    }
    expect(() => maps.vma(10)).toThrow(RangeError);
  });
});

describe("chunks", () => {
  const text =
    "00400000-00408000 rw-p 00000000 00:00 0 \nSize:  32 kB\nRss:  12 kB\nVmFlags: rd wr \n" +
    "00500000-00501000 r--p 00000000 fe:00 7          /grün 𝄞 (deleted)\nSize: 4 kB\nRss: 0 kB\nVmFlags: rd ac\n" +
    "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\nSize: 4 kB\nVmFlags: ex \n";
  const expected = describeAll(parseMaps(text));
  const bytes = new TextEncoder().encode(text);

  it("may end at any byte", () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const maps = parseMaps([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(describeAll(maps)).toEqual(expected);
    }
  });

  it("may be single bytes", () => {
    expect(describeAll(parseMaps([...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(expected);
  });

  it("may be text cut anywhere, even between the halves of a surrogate pair", () => {
    for (let cut = 0; cut <= text.length; cut++) {
      expect(describeAll(parseMaps([text.slice(0, cut), text.slice(cut)]))).toEqual(expected);
    }
  });

  it("may come asynchronously", async () => {
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    }
    expect(describeAll(await parseMaps(chunks()))).toEqual(expected);
  });

  it("may be reused by the caller as soon as they are consumed", () => {
    const block = new Uint8Array(11);
    function* chunks() {
      for (let at = 0; at < bytes.length; at += block.length) {
        block.fill(0x41);
        const part = bytes.subarray(at, at + block.length);
        block.set(part);
        yield block.subarray(0, part.length);
      }
    }
    expect(describeAll(parseMaps(chunks()))).toEqual(expected);
  });
});

interface ModelVma {
  gap: number;
  pages: number;
  perms: string;
  offset: number;
  dev: string;
  inode: bigint;
  path: string;
}

const name_character = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(" ", "\n", "\r", "\t", "(deleted)", "[heap]") },
);
const path = fc
  .array(name_character, { maxLength: 12 })
  .map((parts) => `/${parts.join("")}`)
  // A literal backslash-012 reads as a newline: the kernel does not escape the backslash.
  .filter((text) => !text.includes("\\012") && !text.includes("\0"));
const model_vma: fc.Arbitrary<ModelVma> = fc.record({
  gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 39 })),
  pages: fc.integer({ min: 1, max: 2 ** 39 }),
  perms: fc
    .tuple(
      fc.constantFrom("r", "-"),
      fc.constantFrom("w", "-"),
      fc.constantFrom("x", "-"),
      fc.constantFrom("s", "p"),
    )
    .map((letters) => letters.join("")),
  offset: fc.integer({ min: 0, max: 2 ** 51 }),
  dev: fc
    .tuple(fc.integer({ min: 0, max: 0xfff }), fc.integer({ min: 0, max: 0xfffff }))
    .map((pair) => pair.map((part) => part.toString(16).padStart(2, "0")).join(":")),
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  path: fc.oneof(fc.constant(""), path, fc.constantFrom("[heap]", "[anon:x y]", "[vdso]")),
});

/** The kernel's line, made the naive way. */
function printVma(vma: ModelVma, start: number): string {
  const hex = (page: number) => (BigInt(page) << 12n).toString(16).padStart(8, "0");
  const range = `${hex(start)}-${hex(start + vma.pages)}`;
  const head = `${range} ${vma.perms} ${hex(vma.offset)} ${vma.dev} ${vma.inode} `;
  if (vma.path === "") return `${head}\n`;
  return `${head.padEnd(72)} ${escapeName(vma.path)}\n`;
}

describe("properties", () => {
  it("parse and format are inverse, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(model_vma, { maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        (vmas, chunk_bytes) => {
          let end = 0;
          // The first line ends in LF and in no CR, so CRs at the end of names stay.
          const first = { gap: 1, pages: 1, perms: "r--p", offset: 0, dev: "00:00", inode: 0n };
          const lines = [{ ...first, path: "" }, ...vmas].map((vma) => {
            const start = end + vma.gap;
            end = start + vma.pages;
            return printVma(vma, start);
          });
          const text = lines.join("");
          const bytes = new TextEncoder().encode(text);
          const chunks = [];
          for (let at = 0; at < bytes.length; at += chunk_bytes) {
            chunks.push(bytes.subarray(at, at + chunk_bytes));
          }
          const maps = parseMaps(chunks);
          expect([...formatMaps(maps)].join("")).toBe(text);
          vmas.forEach((vma, i) => {
            expect(maps.vma(i + 1)).toMatchObject({
              page_count: vma.pages,
              perms: vma.perms,
              offset_pages: vma.offset,
              inode: vma.inode,
              path: vma.path.trimStart(),
            });
          });
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("any bytes are parsed or refused with a place, never anything else", () => {
    const line = "00400000-00401000 r--p 00000000 fe:00 1 /a\n";
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.nat(line.length),
        fc.nat(5),
        (noise, at, removed) => {
          const bytes = new TextEncoder().encode(line);
          const mutated = new Uint8Array([
            ...bytes.subarray(0, at),
            ...noise,
            ...bytes.subarray(Math.min(bytes.length, at + removed)),
          ]);
          try {
            parseMaps(mutated, { file: "f" });
          } catch (error) {
            expect(String(error)).toMatch(/^InputError: f:\d+:\d+: [^\n]+$/);
          }
        },
      ),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

describe("a million lines", () => {
  it("stream through without the text ever being whole", () => {
    const vma_count = 1_000_000;
    let bytes_made = 0;
    const encoder = new TextEncoder();
    function* chunks() {
      for (let at = 0; at < vma_count; at += 10_000) {
        let text = "";
        for (let i = at; i < at + 10_000; i++) {
          const start = 0x10000000 + i * 0x3000;
          const file = `/opt/app/lib/module-${i % 500} v1.so`;
          const tail = i % 3 === 0 ? `fe:00 ${1000 + (i % 500)}          ${file}` : "00:00 0 ";
          text += `${start.toString(16)}-${(start + 0x2000).toString(16)} ${i & 1 ? "rw-p" : "r-xp"} 00000000 ${tail}\n`;
        }
        const chunk = encoder.encode(text);
        bytes_made += chunk.length;
        yield chunk;
      }
    }
    const maps = parseMaps(chunks());
    expect(maps.vma_count).toBe(vma_count);
    expect(bytes_made).toBeGreaterThan(50_000_000);
    expect(maps.name_count).toBe(501);
    for (const i of [0, 1, 2, 3, 499_998, 999_999]) {
      expect(maps.vma(i).start_page).toBe(0x10000 + i * 3);
      expect(maps.vma(i).name).toBe(i % 3 === 0 ? `/opt/app/lib/module-${i % 500} v1.so` : "");
    }
  });

  it("may have a million names", () => {
    function* chunks() {
      for (let i = 0; i < 1_000_000; i++) {
        const start = (0x10000 + i).toString(16);
        const end = (0x10001 + i).toString(16);
        yield `${start}000-${end}000 r--s 00000000 fe:00 ${i + 1} /data/segment ${i}\n`;
      }
    }
    const maps = parseMaps(chunks());
    expect(maps.name_count).toBe(1_000_001);
    expect(maps.vma(123_456)).toMatchObject({ name: "/data/segment 123456", inode: 123_457n });
  });
});
