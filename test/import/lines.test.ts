// Every form of line that strace writes says the same.

import { describe, expect, it } from "vitest";
import { programs, traced } from "./traces.ts";

const MAP = "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)";
const STEP = "{mmap: [16, 2, 3]}";

describe("one call", () => {
  it.each([
    ["bare", `${MAP} = 0x10000`],
    ["with a pid", `123 ${MAP} = 0x10000`],
    ["with a padded pid", `123   ${MAP} = 0x10000`],
    ["with a pid in brackets", `[pid   123] ${MAP} = 0x10000`],
    ["with a pid and a command", `123<bash> ${MAP} = 0x10000`],
    ["-t", `123 12:00:01 ${MAP} = 0x10000`],
    ["-tt", `12:00:01.000001 ${MAP} = 0x10000`],
    ["-ttt", `1700000000.123456 ${MAP} = 0x10000`],
    ["-r", `     0.000123 ${MAP} = 0x10000`],
    ["-r with a pid", `123      0.000123 ${MAP} = 0x10000`],
    ["-r and -ttt", `1700000000.123456 (+     0.000123) ${MAP} = 0x10000`],
    ["-T", `123 1700000000.123456 ${MAP} = 0x10000 <0.000070>`],
    ["-n and -i", `123 [  9] [00007f2752933000] ${MAP} = 0x10000`],
    ["decimal", "mmap(0, 8192, 3, 34, -1, 0) = 65536"],
    ["-X raw", "mmap(0, 0x2000, 0x3, 0x22, 0xffffffff, 0) = 0x10000"],
    [
      "-X verbose",
      "mmap(NULL, 8192, 0x3 /* PROT_READ|PROT_WRITE */, 0x22 /* MAP_X */, -1, 0) = 0x10000",
    ],
    ["-Y", `123<a: b \\76 c)> ${MAP} = 0x10000`],
    ["half a page", MAP.replace("8192", "4097").concat(" = 0x10000")],
  ])("%s", async (_, line) => {
    const all = Object.values(await programs(`${line}\n`));
    expect(all).toEqual([[STEP, "exit"]]);
  });

  it("in two parts", async () => {
    const text = `1 mmap(NULL, 8192, 3, 34 <unfinished ...>\n2 munmap(0x1000, 4096) = 0\n1 <... mmap resumed>, -1, 0) = 0x10000\n`;
    expect((await programs(text))["1"]).toEqual([STEP, "exit"]);
  });

  it("in two parts, by a message of strace", async () => {
    const text = `mmap(NULL, 8192, 3, 34strace: Process 12 attached\n, -1, 0) = 0x10000\n`;
    expect((await programs(text)).first).toEqual([STEP, "exit"]);
  });

  it("of a file keeps apart from its neighbour; a path may hold what it likes", async () => {
    const text = [
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3</a, b)c(/\\76x>, 0) = 0x10000",
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3</d>, 0) = 0x11000",
      "mmap(NULL, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x12000",
    ];
    const { first } = await programs(text.join("\n"));
    expect(first).toEqual([
      "{mmap: [16, 1, 17]}",
      "{mmap: [17, 1, 33]}",
      "{mmap: [18, 1, 57]}",
      "exit",
    ]);
  });
});

describe("what a line holds besides", () => {
  const others = [
    ["an arrow in a string", '1 execve("/bin/sh", ["sh", "-c", "a->b(c)"], 0x1) = 0'],
    ["a connection of -yy", "1 close(3<TCP:[127.0.0.1:1->127.0.0.1:2]>) = 0"],
    ["a path of -y that no call could hold", '1 openat(AT_FDCWD</a(b[c"d>, "x", 0) = 3</a(b/x>'],
    ["a thread that strace lets go of", "1 read(3, <detached ...>"],
    ["the same before its call", "1 <detached ...>"],
  ] as const;
  it.each(others)("%s", async (_, line) => {
    const { counts, cast } = await traced(`1 ${MAP} = 0x10000\n${line}\n`);
    expect(counts.lines).toBe(2);
    expect(cast.programs[0]!.steps[0]).toBe(STEP);
  });

  it("a message of strace that lets go in the middle of a line", async () => {
    const text = `${MAP} = 0x10000\nmunmap(0x10000, 4096strace: Process 9 detached\n <detached ...>\n`;
    const { counts } = await traced(text);
    expect(counts).toMatchObject({ lines: 2, taken: 1, cut: 0, alive: 1 });
  });

  it("the table of -C behind all calls", async () => {
    const text = `${MAP} = 0x10000\n% time     seconds  usecs/call\n------ ----\n100.00    0.1  total\n`;
    expect((await programs(text)).first).toEqual([STEP, "exit"]);
  });
});

describe("what is no step", () => {
  it("is counted", async () => {
    const text = [
      "strace: Process 7 attached",
      '1 execve("/a\\"b(", ["x, y)"], 0x7f /* 39 vars */) = 0',
      "1 brk(NULL) = 0x10000",
      "1 madvise(0x10000, 4096, MADV_DONTNEED) = 0",
      "1 mprotect(0x1000, 4096, PROT_READ) = -1 ENOMEM (Cannot allocate memory)",
      "1 wait4(-1, 0x7ff, WNOHANG, NULL) = 0",
      "1 --- SIGCHLD {si_signo=SIGCHLD} ---",
      "1 mmap(NULL, 4096, 3, 34, -1, 0) = ?",
      "1 +++ killed by SIGKILL +++",
      "",
    ];
    const { counts } = await traced(text.join("\n"));
    expect(counts).toMatchObject({
      lines: 9,
      taken: 1,
      failed: 2,
      processes: 1,
      threads: 1,
      alive: 0,
    });
    const left_out = { "brk(NULL)": 1, "madvise(MADV_DONTNEED)": 1, wait4: 1 };
    expect(Object.fromEntries(counts.left_out)).toEqual(left_out);
  });

  it("a last line that is cut off is no error", async () => {
    const { counts } = await traced(`${MAP} = 0x10000\nmunmap(0x10000, 40`);
    expect(counts.cut).toBe(1);
  });

  it("more than the 47 bits of the workload", async () => {
    const { counts } = await traced(`${MAP} = 0xff800000000000\n`);
    expect(counts.left_out.get("mmap beyond 47 bits")).toBe(1);
  });
});

it("chunks may end anywhere", async () => {
  const text = `1 ${MAP} = 0x10000\n1 munmap(0x10000, 8192) = 0\n`;
  for (const chunk of [1, 2, 7])
    expect(await programs(text, { chunk })).toEqual(await programs(text));
});
