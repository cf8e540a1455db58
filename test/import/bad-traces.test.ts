// Every way in which a trace is bad gives one line: where, what, found, expected, hint.

import { describe, expect, it } from "vitest";
import { InputError, LimitError } from "../../src/errors.ts";
import { parseTouch } from "../../src/import/touch.ts";
import { traced } from "./traces.ts";

const GOOD = "1 munmap(0x10000, 4096) = 0";

const CASES: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  [
    "words",
    `${GOOD}\nhello world\n`,
    /^f:2:1: no line of strace: found "hello world", expected a system call, .*\(record with -o/,
  ],
  [
    "a program's words after a time",
    "1700000000.1 hello\n",
    /^f:1:14: no line of strace: found "hello"/,
  ],
  [
    "a call without its end",
    `${GOOD}\n1 munmap(0x10000\n`,
    /^f:2:17: a call without its end: found the end of the line, expected `\) = RESULT`/,
  ],
  [
    "a bad address",
    "1 munmap(here, 4096) = 0\n",
    /^f:1:10: bad address of munmap: found "here, 4096\) = 0", expected a number or NULL/,
  ],
  ["a missing argument", "1 munmap(0x1000) = 0\n", /^f:1:10: bad length of munmap/],
  [
    "a bad result",
    "1 mmap(NULL, 4096, 3, 34, -1, 0) = soon\n",
    /^f:1:36: bad result of mmap: found "soon"/,
  ],
  [
    "strace -c",
    "% time     seconds  usecs/call     calls    errors syscall\n",
    /^f:1:1: .*the table of strace -c/,
  ],
  [
    "perf trace",
    "     0.000 ( 0.003 ms): cat/123 brk() = 0x1000\n",
    /^f:1:1: .*looks like perf trace/,
  ],
  [
    "perf script",
    "cat  123 [000] 1.000: syscalls:sys_enter_brk: brk: 0\n",
    /^f:1:1: .*looks like perf script/,
  ],
  ["ltrace", "malloc(24) = 0x1000\n", /^f:1:1: .*looks like ltrace/],
  ["ltrace -l", "libc.so.6->free(0x1) = <void>\n", /^f:1:1: .*looks like ltrace/],
  ["maps", "00400000-00401000 r--p 00000000 fe:00 1 /bin/a\n", /^f:1:\d+: .*give them with --maps/],
  ["a scenario", "version: 1\n", /^f:1:1: .*this is a scenario already/],
  ["JSON", '{"a": 1}\n', /^f:1:1: .*neither JSON nor HTML/],
  [
    "binary",
    `${GOOD}\n\u007fELF\u0000\n`,
    /^f:2:5: binary data: found a NUL byte, expected the text of strace$/,
  ],
  [
    "nothing",
    "",
    /^f: no call that maps memory or makes processes: found 0 lines, expected the text of strace/,
  ],
  ["other calls", '1 read(0, "", 1) = 0\n', /^f: no call that maps memory/],
  [
    "a line without end",
    "x".repeat(70_000),
    /^f:1: line too long: found 70,000 characters needed, expected at most 65,536/,
  ],
];

describe("a bad trace", () => {
  it.each(CASES)("%s", async (_, text, message) => {
    const error: unknown = await traced(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).code).toBe(error instanceof LimitError ? 3 : 2);
  });

  it.each(["some", "-1", "1.5", "2", "", "1e0", "0x1"])("--touch %s", (written) => {
    expect(() => parseTouch(written)).toThrow(
      /^bad value of --touch: found .*, expected first, written/,
    );
  });

  it("more threads than there can be", async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i + 1} munmap(0x1000, 4096) = 0\n`);
    await expect(traced(lines.join(""))).resolves.toBeDefined();
    lines.push("1001 munmap(0x1000, 4096) = 0\n");
    await expect(traced(lines.join(""))).rejects.toThrow(
      /^f: more threads .* 1,001 threads needed, expected at most 1,000 \(--first/,
    );
  });
});

describe("a hostile trace neither hangs nor traps", () => {
  it.each([
    ["endless brackets", `1 munmap(${"(".repeat(60_000)}\n`],
    ["endless quotes", `1 munmap("${'\\"'.repeat(30_000)}\n`],
    ["endless descriptors", `1 munmap(3${"<3".repeat(20_000)}\n`],
    ["spaces", `${" ".repeat(60_000)}x\n`],
    ["sharp brackets", `[pid 1<${"<".repeat(60_000)}\n`],
  ])("%s", async (_, text) => {
    await expect(traced(text)).rejects.toBeInstanceOf(InputError);
  });

  it("huge sizes and addresses", async () => {
    const huge = "0xffffffffffffffff";
    const { counts } = await traced(
      `1 munmap(0x0, ${huge}) = 0\n1 mmap(NULL, ${huge}, 3, 34, -1, 0) = ${huge}\n1 brk(NULL) = ${huge}\n1 mremap(${huge}, ${huge}, ${huge}, 0) = 0\n`,
    );
    expect(counts).toMatchObject({ lines: 4, taken: 0 });
  });
});
