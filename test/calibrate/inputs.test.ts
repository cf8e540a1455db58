// What a user may bring: rows, rcutorture lines, traces and slabinfo, good and bad.

import { describe, expect, it } from "vitest";
import { tracedExits } from "../../src/calibrate/inputs/ftrace.ts";
import { baseFor, kernelOf, readData } from "../../src/calibrate/inputs/read.ts";
import { slabFacts } from "../../src/calibrate/inputs/slabinfo.ts";
import { tortureObservations } from "../../src/calibrate/inputs/torture.ts";
import { csv, PROFILE } from "../validate/rows.ts";

const OPTIONS = {
  base: PROFILE,
  traced_vmas: 5_000,
  traced_kernel: kernelOf("6.12"),
  hz: 250,
};

const RANGE = { vma_count_min: 1, vma_count_max: 2, cpus_max: 1 };

const TORTURE =
  "[  12.5] rcu-torture: rcu_torture_fwd_prog_cr: Starting forward-progress test 0\n" +
  "[  20.5] rcu_torture_fwd_prog_cr Duration 2000 barrier: 3 pending 500 n_launders: 9000000 n_launders_sa: 800 n_max_gps: 100 n_max_cbs: 1000000 cver 3 gps 400\n";

const TRACE = `# tracer: function_graph
#
# CPU  DURATION                  FUNCTION CALLS
# |     |   |                     |   |   |   |
 1)               |  exit_mmap() {
 1)   3.000 us    |    unmap_vmas();
 1) + 12.000 us   |  }
 0)               |  exit_mmap() {
 0)               |    unmap_vmas() {
 1)   0.300 us    |  other();
 0)   0.300 us    |      unmap_single_vma();
 0) ! 337.100 us  |    }
 0) ! 202.400 us  |    free_pgtables();
 0) # 1236.022 us |  } /* exit_mmap */
`;

const SLABINFO = (active: number) => `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables
vm_area_struct     ${active}   5000    192   21    1 : tunables    0    0    0 : slabdata
maple_node         400     500    256   16    1 : tunables    0    0    0 : slabdata
`;

function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
}

describe("rcutorture lines", () => {
  it("give the time of a call with its callback", () => {
    const [only, ...more] = tortureObservations(TORTURE, "console.log", 250);
    expect(more).toEqual([]);
    // 2,000 jiffies of 4 ms over ten million calls.
    expect(only).toMatchObject({ source: "console.log:2", measured_ns: 800 });
  });

  it("that are cut off or empty are refused with their place", () => {
    const cut = TORTURE.replace(/ n_max_cbs.*/, "");
    expect(refused(() => tortureObservations(cut, "c.log", 250))).toMatch(
      /^c\.log:2:10: rcutorture line is cut off/,
    );
    const empty = TORTURE.replace("Duration 2000", "Duration 0");
    expect(refused(() => tortureObservations(empty, "c.log", 250))).toMatch(
      /^c\.log:2:10: rcutorture line without work: found Duration 0/,
    );
  });
});

describe("a function_graph trace", () => {
  it("gives each exit with its phases, CPUs told apart", () => {
    expect(tracedExits(TRACE, "t")).toEqual([
      { line: 7, exit_mmap_ns: 12_000, unmap_vmas_ns: 3_000, free_pgtables_ns: undefined },
      { line: 14, exit_mmap_ns: 1_236_022, unmap_vmas_ns: 337_100, free_pgtables_ns: 202_400 },
    ]);
  });

  it("is that of the slowest process, whose VMAs the user says", () => {
    const files = [{ file: "t", text: TRACE }];
    const { observations } = readData(files, OPTIONS);
    expect(observations.map(({ metric, measured_ns }) => [metric, measured_ns])).toEqual([
      ["exit_total_ns", 1_236_022],
      ["unmap_vmas_ns", 337_100],
      ["free_pgtables_ns", 202_400],
    ]);
    expect(observations[0]).toMatchObject({ n: 5_000, source: "t:14", wall_clock: true });
    expect(refused(() => readData(files, { ...OPTIONS, traced_vmas: undefined }))).toBe(
      "t: a trace does not say how many VMAs the process had: expected --traced-vmas with their number",
    );
  });

  it("without an exit is refused, with the settings that show one", () => {
    const text = TRACE.replaceAll("exit_mmap", "exit_mm");
    expect(refused(() => tracedExits(text, "t"))).toMatch(
      /^t:1:1: no complete exit_mmap\(\) in the trace: expected .*\(echo exit_mmap > set_graph/,
    );
  });
});

describe("two copies of slabinfo", () => {
  const [before, after] = [100, 4_100].map((active) => ({ file: "s", text: SLABINFO(active) }));

  it("give the geometry of the caches and what was allocated between them", () => {
    expect(slabFacts(before!, after!)).toEqual([
      {
        cache: "vm_area_struct",
        object_bytes: 192,
        objects_per_slab: 21,
        pages_per_slab: 1,
        before: 100,
        after: 4_100,
      },
      expect.objectContaining({ cache: "maple_node", object_bytes: 256 }),
    ]);
  });

  it("are the slabs that traced exits are simulated with", () => {
    const trace = { file: "t", text: TRACE };
    const { observations } = readData([before!, trace, after!], OPTIONS);
    expect(observations[0]).toMatchObject({
      jobs: [
        { machine: { slab: { vm_area_struct: { object_bytes: 192, objects_per_slab: 21 } } } },
      ],
    });
  });

  it("must be two, whole, and tell VMAs apart", () => {
    expect(refused(() => readData([before!], OPTIONS))).toMatch(/^s: 1 copies of slabinfo/);
    const broken = { file: "s", text: SLABINFO(1).replace(": tunables    0", "tunables") };
    expect(refused(() => slabFacts(broken, after!))).toMatch(
      /^s:3:1: bad line of \/proc\/slabinfo/,
    );
    const merged = { file: "s", text: SLABINFO(1).replace("vm_area_struct", "kmalloc-192   ") };
    expect(refused(() => slabFacts(merged, after!))).toMatch(/no cache vm_area_struct/);
  });
});

describe("the kernel", () => {
  const rows = (kernel: string) => ({
    file: "m.csv",
    text: `n,op,populate,exit_wait_ns,kernel\n1000,exit,0,400,${kernel}\n`,
  });

  it("of the first row that names one decides which profile is fitted", () => {
    expect(baseFor([rows("6.18.44-generic")], "6.12")).toBe("icount-7.2");
    expect(baseFor([rows("5.10.0")], "7.2")).toBe("icount-6.12");
    expect(baseFor([{ file: "t", text: TRACE }, rows("")], "6.12")).toBe("icount-6.12");
    expect(baseFor([{ file: "t", text: TRACE }], "6.18")).toBe("icount-7.2");
  });

  it("of a trace is what the user says; anything but a release is refused", () => {
    const files = [{ file: "t", text: TRACE }];
    const { observations } = readData(files, { ...OPTIONS, traced_kernel: kernelOf("6.18") });
    expect(observations[0]).toMatchObject({
      strategy: "typesafe",
      jobs: [{ machine: { generation: "7.2", slab: { sheaf_capacity: 32 } } }],
    });
    expect(refused(() => kernelOf("newest"))).toBe(
      'bad value of --kernel: found "newest", expected a kernel release such as 6.18 or 6.12.107',
    );
  });

  it("of rows must be the base's: others say nothing about its costs", () => {
    const base = { ...PROFILE, range: { ...RANGE, generations: ["7.2"] } };
    const { unused } = readData([{ file: "r.csv", text: csv({ id: "a" }) }], { ...OPTIONS, base });
    expect(unused).toEqual([
      { file: "r.csv", reason: "there is no cost profile icount-6.12", rows: 1 },
    ]);
  });
});

describe("rows", () => {
  it("give the times that do not hang on the tick, and say which rows they do not use", () => {
    const text = csv({ id: "a" }, { id: "b", kernel: "5.0" }, { id: "c", rcu_cbs_in_exit: 7 });
    const { observations, unused } = readData([{ file: "r.csv", text }], OPTIONS);
    expect(observations.map(({ source, metric }) => `${source} ${metric}`)).toEqual([
      "r.csv:2 exit_total_ns",
    ]);
    expect(unused).toEqual([{ file: "r.csv", reason: "kernel 5.0 is not modelled", rows: 1 }]);
  });

  it("of a real machine count with their fastest repeat and name machine, kernel and date", () => {
    const text =
      "n,op,populate,exit_wait_ns,kernel,machine,date\n" +
      "1000,exit,0,500,6.18,box,2026-01-31\n1000,exit,0,400,6.18,box,2026-01-31\n1000,exit,0,480,6.18,box,2026-01-31\n";
    const { observations, machines } = readData([{ file: "m.csv", text }], OPTIONS);
    expect(observations).toMatchObject([{ measured_ns: 400, n: 1000, wall_clock: true }]);
    expect(machines).toEqual(["box, 6.18, 2026-01-31"]);
  });
});
