// `workload: { type: vmalloc }`: threads allocate and free kernel address space.

import { z } from "zod";
import { firstAreaRecords } from "../../api/area-records.ts";
import type { MachineConfig } from "../../api/types.ts";
import type { VmallocWorkload, VmapGeneration, VmapYield } from "../../api/vmalloc.ts";
import { VMALLOC_LIMITS } from "../../api/vmalloc-limits.ts";
import { formatCount } from "../../errors.ts";
import { duration, expectation, oneOf, size, trueOrFalse, wholeNumber } from "../scalars.ts";
import { PAGE_BYTES } from "../units.ts";
import type { WorkloadReader } from "./reader.ts";

/** All bits that the module of 2019 knew. */
const ALL_CASES_2019 = 0xff;
/** What 7.2 runs if it is not told otherwise. */
const DEFAULT_MASK = 7;
const LIMITS = VMALLOC_LIMITS;
const NODES_MAX = LIMITS.nodes[1];
const RECORDS_MAX = LIMITS.area_records[1];

const GIB = 2 ** 30;
/** Memory of a PC from which on some of it lies above 4 GiB, and what then lies below. */
const HOLE_FROM_BYTES = 3.5 * GIB;
const BELOW_HOLE_BYTES = 3 * GIB;

type Mode = "performance" | "smoke" | "stress";

/** Parameters of tools/testing/selftests/mm/test_vmalloc.sh. */
const MODES: Readonly<Record<Mode, Partial<VmallocWorkload>>> = {
  performance: { sequential_test_order: true, test_repeat_count: 3, threads: 1 },
  smoke: { test_loop_count: 10_000, test_repeat_count: 10, threads: 1 },
  stress: { test_repeat_count: 20 },
};

const yieldRule = z.unknown().transform((raw, context): VmapYield => {
  if (raw === "never" || raw === "every-element") return raw;
  if (typeof raw === "number" && Number.isInteger(raw) && raw >= 1 && raw <= 1000) return raw;
  context.addIssue(expectation(raw, "never, every-element, or lazy_max_pages times 1 to 1000"));
  return z.NEVER;
});

const schema = z.strictObject({
  type: z.literal("vmalloc").describe("Threads allocate and free kernel address space"),
  generation: oneOf(["2019-before", "2019-threshold", "vmap-nodes"])
    .default("vmap-nodes")
    .describe("How address space is managed: 5.0 before and after a patch, or since 6.9"),
  nodes: wholeNumber(...LIMITS.nodes, true)
    .prefault(-1)
    .describe("vmap nodes; -1 one for each CPU, up to 128, and one before 6.9"),
  yield: yieldRule
    .optional()
    .describe("When a purge that returns areas one by one lets others have the lock"),
  range: oneOf(["loop", "on-add", "sorted"])
    .optional()
    .describe("Where the range of a purge's TLB flush comes from"),
  lazy_max_pages: wholeNumber(...LIMITS.lazy_max_pages, true)
    .prefault(-1)
    .describe("Pages freed lazily before a purge is due; -1 32 MiB times fls(CPUs)"),
  driver: oneOf(["test_vmalloc", "hold-then-loop", "hold-then-batch"]).default("test_vmalloc"),
  mode: oneOf(["performance", "smoke", "stress"])
    .optional()
    .describe("Parameters of the kernel's script test_vmalloc.sh; those given besides win"),
  threads: wholeNumber(0, LIMITS.threads[1])
    .optional()
    .describe("nr_threads; 0 is 1, and `stress` has one for each CPU"),
  run_test_mask: wholeNumber(...LIMITS.run_test_mask)
    .optional()
    .describe("Cases to run, a bit each; 7 since 6.9, all 8 in 2019"),
  test_loop_count: wholeNumber(...LIMITS.test_loop_count)
    .optional()
    .describe("Loops of a case; 1,000,000"),
  test_repeat_count: wholeNumber(...LIMITS.test_repeat_count).optional(),
  nr_pages: wholeNumber(...LIMITS.nr_pages)
    .prefault(1)
    .describe("Pages of fix_size_alloc"),
  sequential_test_order: trueOrFalse().optional(),
  nr_pcpu_objects: wholeNumber(...LIMITS.nr_pcpu_objects).prefault(35_000),
  held_areas: wholeNumber(...LIMITS.held_areas)
    .prefault(0)
    .describe("Areas of one page that are held all the time"),
  held_every_second: trueOrFalse().prefault(false),
  memory: size("1MiB", "1024GiB").prefault("4GiB").describe("Memory of the machine"),
  zone: size("1MiB", "1024GiB")
    .optional()
    .describe(
      "Of it, the zone that pages are taken from; by default what a PC has above 4 GiB, or all",
    ),
  reserved: size("1KiB", "1024GiB")
    .prefault("256MiB")
    .describe("Of it, what the kernel and all else has taken"),
  lazy_holds_pages: trueOrFalse()
    .prefault(false)
    .describe("Lazily freed areas keep their pages until the purge: no kernel does so"),
  boot_stacks: wholeNumber(...LIMITS.boot_stacks)
    .prefault(30)
    .describe("Stacks of kernel threads that lie in the range already"),
  other_work: duration("0ns", "10s")
    .prefault("0ns")
    .describe(
      "CPU time of a task beside the tests, which asks for two purges, the last in its end",
    ),
  other_purge_gap: duration("0ns", "10s")
    .prefault("0ns")
    .describe("Of it, what lies between the two purges"),
  other_ahead: duration("0ns", "10s")
    .prefault("0ns")
    .describe("Virtual time that it is ahead of the threads, as it has run since boot"),
  boot_lazy_areas: wholeNumber(0, 256)
    .prefault(0)
    .describe("Areas of 1, 2, ... pages that boot has freed and nobody has purged"),
  final_purge: trueOrFalse()
    .prefault(false)
    .describe("The last thread to finish purges what is still lazy"),
  stop_after: duration("0ns", "36000s")
    .prefault("0ns")
    .describe("Threads begin no operation from then on; 0 they run to their end"),
  area_records: wholeNumber(...LIMITS.area_records, true)
    .prefault(-1)
    .describe("Records of areas to plan for; -1 what the cases can need, and some millions"),
});

type File = z.infer<typeof schema>;

function rules(generation: VmapGeneration): Pick<VmallocWorkload, "yield" | "range"> {
  if (generation === "2019-before") return { yield: "every-element", range: "loop" };
  if (generation === "2019-threshold") return { yield: 2, range: "loop" };
  return { range: "sorted" };
}

/** fls(online CPUs) * 32 MiB (mm/vmalloc.c:lazy_max_pages, 5.0 to 7.2). */
export function lazyMaxPages(cpus: number): number {
  return (Math.floor(Math.log2(cpus)) + 1) * 8192;
}

/**
 * Pages of the highest zone of a PC with so much memory, from which the kernel takes first.
 * [simplified: arch/x86/mm/init.c:zone_sizes_init, 6.12 and 7.2: the hole below 4 GiB is of 1 GiB,
 *  and what the kernel keeps for itself is not taken off]
 */
function zonePages(memory: number): number {
  const low = memory >= HOLE_FROM_BYTES ? BELOW_HOLE_BYTES : 0;
  return Math.floor((memory - low) / PAGE_BYTES);
}

/** clamp(possible CPUs, 1, 128) (mm/vmalloc.c:vmap_init_nodes, 6.9 on). */
export function vmapNodes(cpus: number): number {
  return Math.min(Math.max(cpus, 1), NODES_MAX);
}

const AREAS_BESIDES = 1_000_000;
const AREAS_BESIDES_2019 = 6_000_000;

/** A record for each area held, for the block beside it, and for what may be lazy. */
function areaRecords(old: boolean, threads: number, held: number, lazy_max_pages: number): number {
  const besides = old ? AREAS_BESIDES_2019 : AREAS_BESIDES;
  const wanted = 2 * (held * 2 + threads * (2 * lazy_max_pages + 20_000)) + besides;
  return Math.min(wanted, RECORDS_MAX);
}

function resolve(file: File, machine: MachineConfig): VmallocWorkload {
  const { mode, memory, zone, reserved, other_work, stop_after, ...others } = file;
  const { area_records, nodes, other_purge_gap, other_ahead, ...rest } = others;
  const { generation, threads: wanted, lazy_max_pages: lazy, ...given } = rest;
  const preset = mode === undefined ? {} : MODES[mode];
  const old = generation !== "vmap-nodes";
  const threads = Math.max(1, wanted ?? preset.threads ?? (mode === "stress" ? machine.cpus : 1));
  const lazy_max_pages = lazy === -1 ? lazyMaxPages(machine.cpus) : lazy;
  const most = areaRecords(old, threads, file.held_areas, lazy_max_pages);
  const chosen = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as typeof given;
  return {
    run_test_mask: old ? ALL_CASES_2019 : DEFAULT_MASK,
    test_loop_count: 1_000_000,
    test_repeat_count: 1,
    sequential_test_order: false,
    ...preset,
    ...rules(generation),
    ...(chosen as Partial<VmallocWorkload>),
    type: "vmalloc",
    generation,
    driver: file.driver,
    nr_pages: file.nr_pages,
    nr_pcpu_objects: file.nr_pcpu_objects,
    held_areas: file.held_areas,
    held_every_second: file.held_every_second,
    boot_stacks: file.boot_stacks,
    lazy_holds_pages: file.lazy_holds_pages,
    small_pools_stay: machine.generation === "7.2",
    large_orders: machine.generation === "7.2",
    zone_pages: zone === undefined ? zonePages(memory) : Math.floor(zone / PAGE_BYTES),
    range: file.range ?? rules(generation).range,
    threads,
    nodes: nodes === -1 ? (old ? 1 : vmapNodes(machine.cpus)) : nodes,
    lazy_max_pages,
    memory_pages: Math.max(1, Math.floor((memory - reserved) / PAGE_BYTES)),
    other_work_ns: other_work,
    other_purge_gap_ns: other_purge_gap,
    other_ahead_ns: other_ahead,
    boot_lazy_areas: file.boot_lazy_areas,
    final_purge: file.final_purge,
    stop_after_ns: stop_after,
    area_records: area_records === -1 ? most : area_records,
  };
}

export const VMALLOC_READER: WorkloadReader<"vmalloc", typeof schema> = {
  schema,
  resolve,
  problem(file, { cpus }) {
    const { generation, nodes, yield: rule, range, memory, reserved, driver, threads } = file;
    const old = generation !== "vmap-nodes";
    if (old && nodes > 1) {
      return { path: ["workload", "nodes"], expected: "no nodes before 6.9" };
    }
    if (old && range === "sorted") {
      return { path: ["workload", "range"], expected: "loop or on-add, as of 2019" };
    }
    const several = nodes > 1 || (nodes === -1 && cpus > 1);
    if (!old && several && rule !== undefined) {
      return { path: ["workload", "yield"], expected: "no such rule with several nodes: nodes: 1" };
    }
    if (!old && several && range !== undefined && range !== "sorted") {
      return { path: ["workload", "range"], expected: "sorted with several nodes: nodes: 1" };
    }
    if (driver !== "test_vmalloc" && (threads ?? 1) > 1) {
      return { path: ["workload", "threads"], expected: "one thread that holds areas" };
    }
    if (reserved >= memory) {
      return { path: ["workload", "reserved"], expected: "less than the machine's memory" };
    }
    if (file.zone !== undefined && file.zone > memory) {
      return { path: ["workload", "zone"], expected: "no more than the machine's memory" };
    }
    if (file.area_records !== -1 && file.area_records < firstAreaRecords(file)) {
      const expected = `at least ${formatCount(firstAreaRecords(file))}, for what lies there before the run`;
      return { path: ["workload", "area_records"], expected };
    }
    return undefined;
  },
  uses_space: false,
  uses_strategies: false,
};
