// mmap with MAP_FIXED, and the exec of a program with its loader: what is where afterwards, and how what gave way is freed.

import { describe, expect, it } from "vitest";
import { PROFILE } from "../engine/spec.ts";
import { runReady, type Setting } from "../reclaim/ready-run.ts";

/** The scenario's own process has a VMA and no thread: it stays. */
const LEFT = 1;

/** One thread that runs a program in a process of one VMA of 100 pages. */
function program(ops: readonly unknown[]): Setting[] {
  return [
    ["machine.cpus", 1],
    ["address_space", { generate: "contiguous", vma_count: 1, page_count: 100 }],
    ["workload.pages_from", "zero"],
    [
      "workload.mms",
      { one: { vmas: [[1000, 100, 1, 100]] }, next: { later: true }, copy: { later: true } },
    ],
    ["workload.threads", [{ name: "one", mm: "one", do: ops }]],
  ];
}

async function run(ops: readonly unknown[], strategy = "direct") {
  const { metrics } = await runReady<"mm">("threads-munmap", strategy, program(ops));
  expect(metrics.breaches).toBe(0);
  const copied = metrics.forks * metrics.fork_vmas; // a copy without a program stays as well
  expect(metrics.vmas_freed).toBe(metrics.vmas_allocated - LEFT - copied);
  return metrics;
}

const began = await run([{ pause: "1us" }]);
const made = (metrics: { vmas_allocated: number }) => metrics.vmas_allocated - began.vmas_allocated;
/** VMAs that a fork finds in the process. */
const held = async (ops: readonly unknown[]) => (await run([...ops, { fork: "copy" }])).fork_vmas;

describe("mmap with MAP_FIXED", () => {
  it("cuts a hole into what is there and fills it, and munmap's way frees what gave way", async () => {
    const ops = [{ "mmap-fixed": [1040, 20, 3] }];
    const metrics = await run(ops);
    expect(made(metrics)).toBe(3); // both splits, and itself
    expect(metrics.ncall_rcu).toBe(1);
    expect(await held(ops)).toBe(3);
  });

  it("takes the place of several, and of none", async () => {
    const three = [
      { mprotect: [1040, 10, 2] },
      { "mmap-fixed": [1030, 40, 3] }, // the end of one, all of the next, the beginning of the last
    ];
    expect(made(await run(three))).toBe(2 + 3);
    expect((await run(three)).ncall_rcu).toBe(3);
    expect(await held(three)).toBe(3);
    const none = [{ "mmap-fixed": [5000, 4, 3] }];
    expect(made(await run(none))).toBe(1);
    expect((await run(none)).ncall_rcu).toBe(0);
    expect(await held(none)).toBe(2);
  });

  it("leaves pages of its own only: a fault there begins anew", async () => {
    const fresh = await run([{ "mmap-fixed": [1040, 20, 3] }, { touch: [1040, 20, 1] }]);
    expect(fresh.happened).not.toContain("segv");
    expect(fresh.faults).toBe(20);
    expect(fresh.vma_lock_success).toBe(20);
  });

  it("is refused at max_map_count where it makes a hole, as munmap is", async () => {
    const settings = program([{ "mmap-fixed": [1040, 20, 3] }]);
    const full = await runReady<"mm">("threads-munmap", "direct", [
      ...settings,
      ["workload.max_map_count", 1],
    ]);
    expect(full.metrics.happened).toContain("map-count-limit");
    expect(full.metrics.vmas_freed).toBe(full.metrics.vmas_allocated - LEFT);
  });

  it("keeps mmap_lock for writing to its end, where munmap lets readers in", async () => {
    const beside = async (ops: readonly unknown[]) => {
      const settings = program(ops).filter(([path]) => path !== "workload.threads");
      const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
        ...settings,
        ["machine.cpus", 2],
        [
          "workload.threads",
          [
            { name: "one", mm: "one", do: ops },
            { name: "reader", do: [{ pause: "20us" }, { "read-maps": "one" }] },
          ],
        ],
      ]);
      return metrics.mmap_read_wait_max_ns;
    };
    // a hundred touched pages take 60 us to unmap
    expect(await beside([{ munmap: [1000, 100] }])).toBeLessThan(1000);
    expect(await beside([{ "mmap-fixed": [1000, 100, 3] }])).toBeGreaterThan(20_000);
  });
});

describe("a writer that waits for mmap_lock", () => {
  /** A thread takes out a thousand VMAs, `others` come in the middle of that, one after the other. */
  const waits = async (others: number) => {
    const old = Array.from({ length: 1000 }, (_, number) => [2000 + number * 2, 1]);
    const later = Array.from({ length: others }, (_, number) => ({
      name: `later-${number}`,
      mm: "one",
      do: [{ pause: `${30 + 10 * number}us` }, { mmap: [1000 + 10 * number, 4, 3] }],
    }));
    const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
      ["machine.cpus", 1 + others],
      ["address_space", { generate: "contiguous", vma_count: 1, page_count: 100 }],
      ["workload.mms", { one: { vmas: old } }],
      [
        "workload.threads",
        [{ name: "one", mm: "one", do: [{ munmap: [2000, 2000] }, { pause: "1ms" }] }, ...later],
      ],
    ]);
    return metrics;
  };

  it("has waited the longest where nobody else has waited, and not as long as two of them", async () => {
    const { mmap_write_waits, mmap_write_wait_ns, mmap_write_wait_max_ns } = await waits(1);
    expect(mmap_write_waits).toBe(1);
    expect(mmap_write_wait_max_ns).toBe(mmap_write_wait_ns);
    const two = await waits(2);
    expect(two.mmap_write_waits).toBe(2);
    expect(two.mmap_write_wait_max_ns).toBeGreaterThan(two.mmap_write_wait_ns / 2);
    expect(two.mmap_write_wait_max_ns).toBeLessThan(two.mmap_write_wait_ns);
  });
});

describe("at max_map_count", () => {
  const most = async (max: number, ops: readonly unknown[]) => {
    const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
      ...program([...ops, { fork: "copy" }]),
      ["workload.max_map_count", max],
    ]);
    return [metrics.fork_vmas, metrics.happened.includes("map-count-limit")];
  };

  it("one mapping more is had, and then none", async () => {
    const apart = (number: number) => ({ mmap: [2000 + 10 * number, 4, number % 3] });
    expect(await most(3, [0, 1].map(apart))).toEqual([3, false]);
    expect(await most(3, [0, 1, 2].map(apart))).toEqual([4, false]);
    expect(await most(3, [0, 1, 2, 3].map(apart))).toEqual([4, true]);
  });

  it("munmap may shorten a VMA from either end, but not make two of one", async () => {
    expect(await most(1, [{ munmap: [1000, 10] }])).toEqual([1, false]);
    expect(await most(1, [{ munmap: [1090, 10] }])).toEqual([1, false]);
    expect(await most(1, [{ munmap: [1040, 10] }])).toEqual([1, true]);
    expect(await most(2, [{ munmap: [1040, 10] }])).toEqual([2, false]);
  });

  it("mprotect may not split", async () => {
    expect(await most(1, [{ mprotect: [1000, 10, 2] }])).toEqual([1, true]);
    expect(await most(2, [{ mprotect: [1000, 10, 2] }])).toEqual([2, false]);
    expect(await most(2, [{ mprotect: [1040, 10, 2] }])).toEqual([2, true]); // after its first split
  });
});

describe("brk", () => {
  it("grows the heap again from where it was cut", async () => {
    const ops = [{ brk: 1524 }, { brk: 1518 }, { brk: 1524 }];
    const heap = (settings: Setting[]): Setting[] => [...settings, ["workload.mms.one.heap", 1514]];
    const { metrics } = await runReady<"mm">(
      "threads-munmap",
      "direct",
      heap(program([...ops, { touch: [1514, 10, 1] }])),
    );
    expect(metrics.happened).not.toContain("segv");
    expect(metrics.faults).toBe(10);
    const { metrics: cut } = await runReady<"mm">(
      "threads-munmap",
      "direct",
      heap(program([...ops.slice(0, 2), { touch: [1518, 1, 1] }])),
    );
    expect(cut.happened).toContain("segv");
  });
});

describe("mmap at a place", () => {
  it("takes the pages up to the next VMA, and nothing where one page is taken", async () => {
    expect(made(await run([{ mmap: [996, 4, 3] }]))).toBe(1);
    expect(await held([{ mmap: [996, 4, 3] }])).toBe(2);
    expect(made(await run([{ mmap: [997, 4, 3] }]))).toBe(0);
    expect(made(await run([{ mmap: [1100, 4, 3] }]))).toBe(1);
    expect(made(await run([{ mmap: [1099, 4, 3] }]))).toBe(0);
  });
});

describe("exec", () => {
  it("maps its program after the old one is gone, and cuts what its loader maps too long", async () => {
    const whole = await run([{ exec: "next", vmas: 6 }]);
    const cut = await run([{ exec: "next", vmas: 6, cut: 2 }]);
    expect(made(whole)).toBe(6);
    expect(made(cut)).toBe(8);
    expect(whole.ncall_rcu).toBe(0);
    expect(cut.ncall_rcu).toBe(2);
    expect((await run([{ exec: "next", vmas: 6, cut: 2 }], "call_rcu")).ncall_rcu).toBe(
      cut.vmas_freed,
    );
    expect(await held([{ exec: "next", vmas: 6, cut: 2 }])).toBe(6);
  });

  it("starts the threads of the program once all of it is mapped, as threads of the process", async () => {
    const turn = async (...workers: readonly (readonly unknown[])[]) => {
      const parent = [{ fork: "copy" }, { wait: "copy" }, { pause: "50ms" }];
      const threads = [
        { name: "one", mm: "one", do: parent },
        { name: "child", mm: "copy", born: true, do: [{ exec: "next", vmas: 6 }, "exit"] },
        ...workers.map((ops, i) => ({ name: `worker-${i}`, mm: "next", born: true, do: ops })),
      ];
      const set = program([]).filter(([path]) => path !== "workload.threads");
      const all: Setting[] = [...set, ["workload.threads", threads]];
      const { metrics } = await runReady<"mm">("threads-munmap", "direct", all);
      expect(metrics).toMatchObject({ breaches: 0, vmas_freed: metrics.vmas_allocated - LEFT });
      expect(metrics.happened).not.toContain("segv");
      return metrics;
    };
    const alone = await turn();
    const touch = { touch: [1024, 6, 8] }; // every VMA of it, up to the stack
    const both = await turn([touch, { pause: "50ms" }], [touch]);
    expect(both.faults - alone.faults).toBe(2 * 6);
    expect(alone.threads_done_ns).toBeLessThan(60_000_000);
    // who waits for the process waits for all of them
    expect(both.threads_done_ns).toBeGreaterThan(100_000_000);
  });

  it("has nothing but its stack while the old program goes", async () => {
    // who reads the maps of the new one in the middle of that pays for one line, whatever comes later
    const reading = async (vmas: number, reads: boolean) => {
      const settings = program([{ exec: "next", vmas }]).filter(
        ([path]) => path !== "workload.threads",
      );
      const old = Array.from({ length: 1000 }, (_, number) => [2000 + number * 2, 1]);
      const reader = { name: "reader", do: [{ pause: "100us" }, ...(reads ? [READ] : [])] };
      const READS: Setting[] = [
        ["machine.cpus", 2],
        ["workload.mms", { one: { vmas: old }, next: { later: true } }],
        ["workload.threads", [{ name: "one", mm: "one", do: [{ exec: "next", vmas }] }, reader]],
      ];
      const { metrics } = await runReady<"mm">("threads-munmap", "direct", [...settings, ...READS]);
      return metrics.cpu_task_ns;
    };
    const READ = { "read-maps": "next" };
    const lines = (await reading(60, true)) - (await reading(60, false));
    expect(lines).toBeGreaterThan(2000); // one line is 2.5 us
    expect(lines).toBeLessThan(20_000);
  });

  it("pays for files, arguments and its stack, whatever it maps", async () => {
    const base = (await run(["exit"])).cpu_task_ns;
    const one = (await run([{ exec: "next", vmas: 1 }])).cpu_task_ns;
    // 51 us of its own, and the exit of a program with a stack of one page
    expect(one - base).toBeGreaterThan(51_000);
    expect(one - base).toBeLessThan(70_000);
  });

  it("gives the page with its arguments back to the machine when it exits", async () => {
    const memory: Setting[] = [
      ["machine", { cpus: 1, memory: { ram: "128MiB" } }],
      ["address_space.vma_count", 100],
      ["workload.mms", { one: { vmas: [[1000, 100, 1, 100]] }, next: { later: true } }],
      ["workload.threads", [{ name: "one", mm: "one", do: [{ exec: "next", vmas: 6, cut: 2 }] }]],
    ];
    const { metrics } = await runReady<"mm">("memory-pressure-processes", "direct", memory);
    expect(metrics).toMatchObject({ execs: 1, breaches: 0 }); // the engine checks the frames
  });

  it("has its arguments in the new stack before the old program is gone", async () => {
    // the stack is the last VMA: its first page is there, a second touch of it takes no anon_vma
    const touched = await run([{ exec: "next", vmas: 2 }, { touch: [1032, 1, 1] }]);
    const untouched = await run([{ exec: "next", vmas: 2 }, { touch: [1024, 1, 1] }]);
    expect(touched.fault_max_ns).toBeLessThan(untouched.fault_max_ns - 1000);
  });
});

describe("a read of a file", () => {
  it("needs no anon_vma and no memory, and exit unmaps what it mapped", async () => {
    const settings = program([{ "mmap-fixed": [1000, 100, 1] }, { "read-file": [1000, 10, 10] }]);
    const { metrics } = await runReady<"mm">("threads-munmap", "direct", settings);
    expect(metrics).toMatchObject({ faults: 10, vma_lock_success: 10, fault_fallbacks: 0 });
    const fork = await run([
      { "mmap-fixed": [1000, 100, 1] },
      { "read-file": [1000, 10, 10] },
      { fork: "copy" },
    ]);
    const written = await run([
      { "mmap-fixed": [1000, 100, 1] },
      { touch: [1000, 10, 10] },
      { fork: "copy" },
    ]);
    // fork leaves pages of files to faults of the child
    expect(fork.fork_copy_pages_ns).toBeLessThan(written.fork_copy_pages_ns / 10);
    const once = await run([{ "read-file": [1000, 1, 1] }]);
    const often = await run([{ "read-file": [1000, 11, 1] }]);
    const each = (often.cpu_task_ns - once.cpu_task_ns) / 10;
    expect(each).toBeGreaterThan(6000); // the fault, and 2,757 at exit
    expect(each).toBeLessThan(7500);
  });

  it("leaves page tables to exit, one for each 2 MiB with pages of it", async () => {
    const exit = async (second: number) =>
      (
        await run([
          { "mmap-fixed": [5120, 4, 1] },
          { "mmap-fixed": [second, 4, 1] },
          { "read-file": [5120, 1, 1] },
          { "read-file": [second, 1, 1] },
        ])
      ).cpu_task_ns;
    const table = PROFILE.costs.mm_free_table!.ps / 1000;
    const [together, apart] = [await exit(5128), await exit(5120 + 512)];
    expect(apart - together).toBeGreaterThan(0.95 * table);
    expect(apart - together).toBeLessThan(1.05 * table);
  });
});

describe("a fork after faults", () => {
  /** Forks a process of VMAs [first page, pages, protection, touched pages] after some operations. */
  const fork = async (vmas: readonly number[][], ops: readonly unknown[]) => {
    const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
      ...program([...ops, { fork: "copy" }]),
      ["workload.mms", { one: { vmas }, copy: { later: true } }],
    ]);
    return metrics;
  };
  const places = [1000, 1010, 1020, 1030, 1040];

  it("costs what it costs a process that had its pages before", async () => {
    const before = await fork(
      places.map((page) => [page, 4, 1, 2]),
      [],
    );
    const written = await fork(
      places.map((page) => [page, 4, 1]),
      places.map((page) => ({ touch: [page, 2, 1] })),
    );
    expect(written.faults).toBe(10);
    expect(written.fork_anon_vma_ns).toBe(before.fork_anon_vma_ns); // five that share: three levels
    expect(written.fork_copy_pages_ns).toBe(before.fork_copy_pages_ns);
  });

  it("copies a page once, however often it was written", async () => {
    const once = await fork([[1000, 1, 1]], [{ touch: [1000, 1, 1] }]);
    const often = await fork([[1000, 1, 1]], Array(5).fill({ touch: [1000, 1, 1] }));
    expect(often.faults).toBe(5);
    expect(often.fork_copy_pages_ns).toBe(once.fork_copy_pages_ns);
  });
});

describe("work in user mode", () => {
  it("takes its time, and ends with a fatal signal", async () => {
    const done = async (ops: readonly unknown[], kill: boolean) => {
      const settings = program(ops).filter(([path]) => path !== "workload.threads");
      const threads = [
        { name: "one", mm: "one", do: ops },
        ...(kill ? [{ name: "killer", do: [{ pause: "2ms" }, { kill: "one" }] }] : []),
      ];
      const run = [...settings, ["workload.threads", threads]] as Setting[];
      return (await runReady<"mm">("threads-munmap", "direct", run)).metrics.threads_done_ns;
    };
    const rest = await done(["exit"], false);
    expect((await done([{ run: "10ms" }], false)) - rest).toBeGreaterThan(9_999_000);
    expect((await done([{ run: "10ms" }], false)) - rest).toBeLessThan(10_200_000);
    expect(await done([{ run: "10ms" }], true)).toBeLessThan(8_000_000);
  });
});
