// Calls as steps: time, faults, threads, forks, execs, folding.

import { describe, expect, it } from "vitest";
import { parseMaps } from "../../src/input/maps.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { programs, scenarioOf, traced } from "./traces.ts";

const map = (at: string, pages = 1, prot = 3): string =>
  `mmap(NULL, ${pages * 4096}, ${prot}, 34, -1, 0) = ${at}`;

describe("time", () => {
  it.each([
    ["-ttt", "1700000000.0", "1700000000.25", "{pause: 250ms}"],
    ["-ttt, ns", "1700000000.000000001", "1700000000.000000003", "{pause: 2ns}"],
    ["-tt, past midnight", "23:59:59.5", "00:00:00.5", "{pause: 1000ms}"],
    ["-r", "0.0", "0.000125", "{pause: 125us}"],
  ])("%s", async (_, one, two, pause) => {
    const text = `${one} ${map("0x10000")}\n${two} munmap(0x10000, 4096) = 0 <9.0>\n`;
    const { first } = await programs(text, { timed: true });
    expect(first).toEqual(["{mmap: [16, 1, 3]}", pause, "{munmap: [16, 1]}", "exit"]);
  });

  it("that goes back is none", async () => {
    const text = `1700000002.0 ${map("0x10000")}\n1700000001.0 munmap(0x10000, 4096) = 0\n`;
    expect((await programs(text, { timed: true })).first).toHaveLength(3);
  });
});

describe("faults", () => {
  const text = `${map("0x10000", 8)}\n${map("0x20000", 8, 1)}\nmmap(NULL, 81920, 1, MAP_PRIVATE, 3, 0) = 0x40000\n`;
  it.each([
    ["none", []],
    ["first", ["{touch: [16, 1, 1]}"]],
    ["written", ["{touch: [16, 8, 1]}"]],
    ["0.5", ["{touch: [16, 4, 1]}"]],
    ["all", ["{touch: [16, 8, 1]}", "{read-file: [64, 2, 16]}"]],
  ])("--touch %s", async (touch, faults) => {
    const { first } = await programs(text, { touch });
    expect(first!.filter((step) => /touch|read/.test(step))).toEqual(faults);
  });

  it("on more than one operation holds are several, and so are VMAs that were there", async () => {
    const [tib, page] = [2 ** 40, 4096];
    const huge = `mmap(NULL, ${5 * tib}, 3, 34, -1, 0) = 0x100000000000`;
    const gone = `munmap(0x200000000000, ${5 * tib}) = 0`;
    const text = await scenarioOf(`${gone}\n${huge}\n`, { touch: "written" });
    const { workload } = parseScenario(text, "f.yaml");
    if (workload.type !== "mm") throw new Error("another workload");
    const touched = workload.threads[0]!.ops.filter(({ op }) => op === "touch");
    expect(touched.map(({ y }) => y)).toEqual([(4 * tib) / page, tib / page]);
    const { vmas } = workload.mms[0]!;
    expect(vmas.map(({ pages }) => pages)).toEqual([(4 * tib) / page, tib / page]);
  });

  it("come when memory becomes writable, and once", async () => {
    const none = "mmap(NULL, 16384, PROT_NONE, 34, -1, 0) = 0x10000";
    const protect = (prot: number) => `mprotect(0x10000, 4096, ${prot}) = 0`;
    const { first } = await programs([none, protect(3), protect(5), protect(3)].join("\n"), {
      touch: "first",
    });
    expect(first!.filter((step) => step.includes("touch"))).toEqual(["{touch: [16, 1, 1]}"]);
  });
});

describe("the heap", () => {
  it("grows and shrinks by brk once its place is known", async () => {
    const text = "brk(NULL) = 0x10000\nbrk(0x12000) = 0x12000\nbrk(0x11000) = 0x11000\n";
    const { cast, counts } = await traced(text);
    expect(cast.programs[0]!.steps).toEqual(["{brk: 18}", "{brk: 17}", "exit"]);
    expect(cast.mms[0]!.heap_told).toBe(16);
    expect(counts.taken).toBe(2);
  });

  it("of a process with maps begins behind what was there", async () => {
    const maps = await parseMaps("00010000-00012000 rw-p 00000000 00:00 0 [heap]\n");
    const text = "brk(NULL) = 0x12000\nbrk(0x13000) = 0x13000\nbrk(0x11000) = 0x11000\n";
    const { first } = await programs(text, { maps });
    expect(first).toEqual(["{brk: 19}", "{munmap: [17, 2]}", "exit"]);
  });
});

describe("mremap", () => {
  const grown = (size: number, at: string) =>
    `${map("0x10000", 4)}\nmremap(0x10000, 16384, ${size}, MREMAP_MAYMOVE) = ${at}\n`;
  it.each([
    ["shrinks", 8192, "0x10000", ["{munmap: [18, 2]}"]],
    ["grows in place", 24576, "0x10000", ["{mmap: [20, 2, 3]}"]],
    ["moves", 24576, "0x40000", ["{mmap: [64, 6, 3]}", "{munmap: [16, 4]}"]],
  ])("%s", async (_, size, at, steps) => {
    const { first } = await programs(grown(size, at));
    expect(first).toEqual(["{mmap: [16, 4, 3]}", ...steps, "exit"]);
  });

  it("grows over what a thread was given before its line came", async () => {
    const text = `${map("0x10000", 4)}\n${map("0x15000", 4, 1)}\nmremap(0x10000, 16384, 24576, 0) = 0x10000\nmunmap(0x14000, 8192) = 0\n`;
    const { cast } = await traced(text);
    expect(cast.programs[0]!.steps).toContain("{mmap-fixed: [20, 2, 3]}");
    expect(cast.mms[0]!.space.within(0, 100).map(({ start, end }) => [start, end])).toEqual([
      [16, 20],
      [22, 25],
    ]);
  });
});

describe("memory that no line mapped", () => {
  it("was there before, where the trace begins in the middle", async () => {
    const { cast, counts } = await traced(
      "munmap(0x10000, 8192) = 0\nmprotect(0x20000, 4096, 1) = 0\n",
    );
    expect(cast.mms[0]!.initial.map(({ start, pages }) => [start, pages])).toEqual([
      [16, 2],
      [32, 1],
    ]);
    expect(counts.inferred).toBe(2);
  });

  it("comes from --maps", async () => {
    const maps = await parseMaps("00010000-00012000 rw-p 00000000 00:00 0\n");
    const { cast, counts } = await traced("mprotect(0x10000, 4096, 1) = 0\n", {
      maps,
      touch: "first",
    });
    expect(cast.mms[0]!.initial).toEqual([{ start: 16, pages: 2, protection: 3, touched: 1 }]);
    expect(cast.programs[0]!.steps).toEqual(["{mprotect: [16, 1, 1]}", "exit"]);
    expect(counts.inferred).toBe(0);
  });

  it("is mapped then and there after an exec", async () => {
    const text = "1 execve() = 0\n1 execve() = 0\n1 mprotect(0x100000000, 4096, 1) = 0\n";
    const steps = (await programs(text))["1"]!;
    expect(steps[1]).toMatch(/^\{mmap: \[1048576, 1, /);
    expect(steps[2]).toMatch(/^\{mprotect: \[1048576, 1, /);
  });
});

describe("an mprotect over several VMAs", () => {
  it("is one for each", async () => {
    const text = [map("0x10000"), map("0x11000", 1, 1), "mprotect(0x10000, 8192, 5) = 0"].join(
      "\n",
    );
    const { first } = await programs(text);
    expect(first!.slice(2)).toEqual(["{mprotect: [16, 1, 5]}", "{mprotect: [17, 1, 5]}", "exit"]);
  });
});

const THREAD =
  "clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, exit_signal=0} => {parent_tid=[2]}, 88) = 2";

describe("threads", () => {
  it("are of the same memory and sleep until they are made", async () => {
    const text = `1 1700000000.0 ${map("0x10000")}\n1 1700000001.0 ${THREAD}\n2 1700000002.0 munmap(0x10000, 4096) = 0\n2 1700000003.0 exit(0) = ?\n2 1700000003.5 +++ exited with 0 +++\n`;
    const { cast, counts } = await traced(text, { timed: true });
    expect(counts).toMatchObject({ processes: 1, threads: 2, guessed: 0, alive: 1 });
    expect(cast.programs[1]).toMatchObject({
      mm: "1",
      born: false,
      steps: ["{pause: 2000ms}", "{munmap: [16, 1]}", "{pause: 1500ms}", "exit"],
    });
  });

  it("may have lines before their maker has told of them", async () => {
    const text = `1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD <unfinished ...>\n2 ${map("0x10000")}\n1 <... clone resumed>) = 2\n`;
    const { counts } = await traced(text);
    expect(counts).toMatchObject({ processes: 1, threads: 2, guessed: 0 });
  });

  it("that nothing made are of the first process", async () => {
    const { counts, cast } = await traced(`1 ${map("0x10000")}\n2 ${map("0x20000")}\n`);
    expect(cast.programs[1]!.mm).toBe("1");
    expect(counts.guessed).toBe(1);
  });

  it("of a program that a child execs begin with it and sleep until they are made", async () => {
    const text = [
      "1 1700000000.0 execve() = 0",
      "1 1700000001.0 fork() = 2",
      "2 1700000002.0 execve() = 0",
      `2 1700000004.0 ${THREAD.replaceAll("2", "3").replace("clone3", "clone")}`,
      `3 1700000005.0 ${map("0x100000000")}`,
      "3 1700000006.0 +++ exited with 0 +++",
      "2 1700000006.0 +++ exited with 0 +++",
    ].join("\n");
    const { cast, counts } = await traced(text, { timed: true });
    expect(counts).toMatchObject({ processes: 2, threads: 3, guessed: 0 });
    expect(cast.programs[2]).toMatchObject({
      mm: "2-exec",
      born: true,
      steps: ["{pause: 3000ms}", "{mmap: [1048576, 1, 3]}", "{pause: 1000ms}", "exit"],
    });
  });

  it("free before others are given what they freed", async () => {
    const text = `1 ${map("0x10000")}\n1 ${THREAD}\n1 munmap(0x10000, 4096 <unfinished ...>\n2 ${map("0x10000")}\n1 <... munmap resumed>) = 0\n`;
    const all = await programs(text);
    expect(all["1/2"]).toEqual(["{mmap: [16, 1, 3]}", "exit"]);
  });
});

describe("forks", () => {
  it("copy memory, and are waited for", async () => {
    const text = [
      `1 ${map("0x10000")}`,
      "1 fork() = 2",
      "2 munmap(0x10000, 4096) = 0",
      "2 fork() = 3",
      "3 munmap(0x10000, 4096) = 0",
      "3 +++ exited with 0 +++",
      "2 wait4(3, NULL, 0, NULL) = 3",
      "2 +++ exited with 0 +++",
      "1 waitid(P_ALL, 0, {si_signo=SIGCHLD, si_pid=2}, WEXITED, NULL) = 0",
    ].join("\n");
    expect(await programs(text)).toEqual({
      1: ["{mmap: [16, 1, 3]}", '{fork: "2"}', '{wait: "2"}', "exit"],
      2: ["{munmap: [16, 1]}", '{fork: "3"}', '{wait: "3"}', "exit"],
      3: ["{munmap: [16, 1]}", "exit"],
    });
  });

  it("by vfork have nothing until they exec", async () => {
    const text = `1 ${map("0x10000")}\n1 vfork( <unfinished ...>\n2 execve("/x", [], 0x1) = 0\n1 <... vfork resumed>) = 2\n`;
    const all = await programs(text);
    expect(all["1"]).toEqual(["{mmap: [16, 1, 3]}", "exit"]);
    expect(all["2"]).toEqual(['{exec: "2-exec", vmas: 12, cut: 2}', "exit"]);
  });

  it.each([
    ["-Y", "2<a: b \\76 c)>"],
    ["--decode-pids=pidns", "7 /* 2 in strace's PID NS */"],
    ["both", "7<a b> /* 2 in strace's PID NS */"],
  ])("are known by their PID, written as by %s", async (_, result) => {
    const text = `1 ${map("0x10000")}\n1 fork() = ${result}\n2 munmap(0x10000, 4096) = 0\n`;
    expect((await programs(text))["2"]).toEqual(["{munmap: [16, 1]}", "exit"]);
  });

  it("get a name of their own when a PID comes again", async () => {
    const text = "1 fork() = 2\n2 +++ exited with 0 +++\n1 fork() = 2\n2 +++ exited with 0 +++\n";
    const text_timed = text.replace(/^(\d)/gm, (pid, _, at) => `${pid} 1700000000.${100 + at}`);
    expect(Object.keys(await programs(text_timed))).toEqual(
      ["1", "2", "2.2"].sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  it("end with their exit where no line tells it", async () => {
    const text = [
      `1 1700000000.0 ${map("0x10000")}`,
      `1 1700000000.0 ${THREAD}`,
      "1 1700000000.0 fork() = 3",
      "3 1700000001.0 exit_group(0) = ?",
      `2 1700000001.0 ${map("0x20000")}`,
      "1 1700000002.0 exit_group(0 <unfinished ...>",
    ].join("\n");
    const { cast, counts } = await traced(text, { timed: true });
    expect(counts).toMatchObject({ threads: 3, alive: 0 });
    expect(cast.programs.map(({ steps }) => steps.slice(-2))).toEqual([
      ["{pause: 2000ms}", "exit"],
      ["{pause: 1000ms}", "exit"],
      ["{pause: 1000ms}", "exit"],
    ]);
  });

  it("the first process is known without a PID and with it", async () => {
    const text = `${map("0x10000")}\nclone(flags=SIGCHLD) = 2\n[pid 1] ${map("0x20000")}\n[pid 2] +++ exited with 0 +++\nmunmap(0x20000, 4096) = 0\n`;
    const { counts } = await traced(text);
    expect(counts).toMatchObject({ processes: 2, threads: 2, guessed: 0 });
  });

  it("a thread that execs goes on under its process's PID", async () => {
    const text = `1 ${map("0x10000")}\n1 ${THREAD}\n2 execve("/x", [], 0x1 <unfinished ...>\n1 +++ superseded by execve in pid 2 +++\n1 <... execve resumed>) = 0\n`;
    const all = await programs(text);
    expect(all["1/2"]).toEqual(['{exec: "1/2-exec", vmas: 12, cut: 2}', "exit"]);
    expect(all["1"]).toEqual(["{mmap: [16, 1, 3]}", "exit"]);
    const timed = text.replace(/^\d/gm, (pid, at: number) => `${pid} 1700000000.${100 + at}`);
    expect((await programs(timed, { timed: true }))["1"]).toHaveLength(3);
  });
});

describe("the scenario", () => {
  it("folds what repeats", async () => {
    const turn = `${map("0x10000")}\nmunmap(0x10000, 4096) = 0\n`;
    const text = await scenarioOf(turn.repeat(25_000));
    expect(text).toContain("{repeat: 10000, do: [{mmap: [16, 1, 3]}, {munmap: [16, 1]}]}");
    const { workload } = parseScenario(text, "f.yaml");
    const ops = workload.type === "mm" ? workload.threads[0]!.ops.length : 0;
    expect(ops).toBe(50_001);
  });

  it("takes the first calls only", async () => {
    const text = Array.from({ length: 9 }, (_, i) => map(`0x${i + 1}0000`)).join("\n");
    const { cast, counts } = await traced(text, { first: 4 });
    expect(cast.programs[0]!.steps).toHaveLength(5);
    expect(counts).toMatchObject({ taken: 4, behind_first: 5 });
  });

  it("says how many calls fit where it would be too long", async () => {
    const at = (i: number) => `0x${(0x100000 + i * 2).toString(16)}000`;
    const text = Array.from({ length: 60_000 }, (_, i) => map(at(i))).join("\n");
    await expect(scenarioOf(text)).rejects.toThrow(
      /longer than scenario files can be: found [\d,]+ characters needed, expected at most 1,048,576 \(of 60000 calls about \d+ fit/,
    );
  });
});
