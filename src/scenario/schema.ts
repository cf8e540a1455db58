// The scenario file, version 1. Every default is the kernel's (6.12); ranges are those within which
// the kernel itself does something sensible with the value.

import { z } from "zod";
import { BATCH_MAX } from "../api/policy.ts";
import { CPUS_MAX } from "./cpulist.ts";
import { loadSchema } from "./load.ts";
import {
  cpuList,
  duration,
  expectation,
  generationOf,
  INT_MAX,
  jsonShapes,
  oneOf,
  size,
  text,
  trueOrFalse,
  wholeNumber,
} from "./scalars.ts";
import { lookUpPreset } from "./strategies.ts";
import { workloadSchema } from "./workloads/workloads.ts";

/** More VMAs than any wasm32 memory holds: the memory plan gives the real limit. */
export const VMAS_MAX = 1_000_000_000;
/** 1 TiB: the longest VMA or gap that is generated. */
const PAGES_MAX = 2 ** 28;
const SHARE = "a number from 0 to 1";
const HZ_CHOICES = [100, 250, 300, 1000];

const rcu = z.strictObject({
  blimit: wholeNumber(1, INT_MAX).prefault(10).describe("Callbacks a softirq pass invokes"),
  qhimark: wholeNumber(1, INT_MAX).prefault(10_000).describe("Backlog that lifts blimit"),
  qlowmark: wholeNumber(0, INT_MAX).prefault(100).describe("Backlog at which blimit returns"),
  qovld: wholeNumber(0, INT_MAX, true)
    .prefault(20_000)
    .describe("Backlog that counts as overload; 0 never, -1 twice qhimark"),
  rcu_divisor: wholeNumber(0, 62).prefault(7).describe("Batch is at least backlog >> this"),
  rcu_resched_ns: duration("1ms", "1s", true)
    .prefault("3ms")
    .describe("Longest batch when the limit is lifted"),
  jiffies_till_first_fqs: wholeNumber(0, 1000, true)
    .prefault(-1)
    .describe("Jiffies to the first look for quiescent states; -1 from HZ and CPUs"),
  jiffies_till_next_fqs: wholeNumber(1, 1000, true)
    .prefault(-1)
    .describe("Jiffies between further looks; -1 from HZ and CPUs"),
  jiffies_till_sched_qs: wholeNumber(0, 1_000_000, true)
    .prefault(-1)
    .describe("Jiffies until a CPU is pushed; -1 from the two above"),
  use_softirq: wholeNumber(0, 1)
    .prefault(1)
    .describe("1: callbacks in softirq; 0: in rcuc kthreads"),
  rcu_nocb_gp_stride: wholeNumber(1, 256, true)
    .prefault(-1)
    .describe("Offloaded CPUs that share an rcuog; -1 CPUs over their square root"),
  nocb_nobypass_lim_per_jiffy: wholeNumber(0, INT_MAX, true)
    .prefault(-1)
    .describe("Calls in a jiffy before the bypass list is used; -1 16,000 a second"),
  jiffies_lazy_flush: wholeNumber(1, 1_000_000, true)
    .prefault(-1)
    .describe("Jiffies that lazy callbacks wait; -1 ten seconds"),
  kthread_prio: wholeNumber(0, 99)
    .prefault(0)
    .describe("SCHED_FIFO priority of RCU's kthreads; 0 is the fair class"),
  rcu_expedited: wholeNumber(0, 1)
    .prefault(0)
    .describe("1: synchronize_rcu() waits for expedited grace periods"),
  rcu_normal: wholeNumber(0, 1)
    .prefault(0)
    .describe("1: who asks for an expedited grace period waits for a normal one"),
  rcu_normal_wake_from_gp: wholeNumber(0, 1, true)
    .prefault(-1)
    .describe("1: the grace-period kthread wakes who waits in synchronize_rcu(); -1 by generation"),
  rcu_cpu_stall_timeout: wholeNumber(3, 300)
    .prefault(21)
    .describe("Seconds until a grace period that does not end is reported"),
  rcu_exp_cpu_stall_timeout: wholeNumber(0, 300_000)
    .prefault(0)
    .describe("The same for expedited ones, in ms; 0: as for normal ones"),
  rcu_cpu_stall_suppress: wholeNumber(0, 1).prefault(0).describe("1: stalls are not reported"),
});

function slabCache(object_size: string) {
  return z.strictObject({
    object_size: size("8B", "4KiB")
      .optional()
      .describe(`Bytes of one object; ${object_size} in a Debian cloud kernel`),
    objects_per_slab: wholeNumber(1, 4096, true).prefault(-1),
    slab_order: wholeNumber(0, 3, true).prefault(-1).describe("Pages of a slab as a power of 2"),
    cpu_partial_slabs: wholeNumber(0, 10_000, true).prefault(-1),
    min_partial: wholeNumber(0, 1_000, true).prefault(-1),
  });
}

const slab = z.strictObject({
  vm_area_struct: slabCache("176B, in 7.2 192B,").prefault({}),
  vma_lock: slabCache("40B").prefault({}),
  sheaf_capacity: wholeNumber(1, 256, true)
    .prefault(-1)
    .describe("Objects in a sheaf of the VMA cache, 7.2; -1 the kernel's choice"),
  allocation_order: oneOf(["address", "random"])
    .default("address")
    .describe("Whether VMAs lie in their slabs in the order of their addresses"),
  vmas_freed_before: wholeNumber(0, 10_000_000)
    .prefault(0)
    .describe("VMAs that others allocated and freed before the run: they fill sheaves and barn"),
});

const flag = (value: boolean) => trueOrFalse().default(value);

const generation = generationOf(["6.12", "7.2"], 'a modelled generation: "6.12" or "7.2"');

const hz = wholeNumber(1, 1000).refine((value) => HZ_CHOICES.includes(value), {
  error: () => `one of ${HZ_CHOICES.join(", ")}`,
});

const memory = z.strictObject({
  ram: size("64MiB", "1024GiB").prefault("4GiB").describe("Memory of the machine, a PC's"),
  pcp_generation: oneOf(["5.15", "6.12", "7.2"])
    .default("6.12")
    .describe("Whose per-CPU page lists: 5.15 to 6.6, 6.7 to 6.19, 7.0 on"),
  percpu_pagelist_high_fraction: wholeNumber(0, 65_536)
    .prefault(0)
    .refine((value) => value === 0 || value >= 8, { error: () => "0, or 8 and more" })
    .describe("vm.percpu_pagelist_high_fraction; 0: lists tune themselves (6.7 on)"),
  kfreepcp: oneOf(["inline", "posted", "intended"])
    .default("inline")
    .describe("Who empties long lists: the freeing task, or the kfreepcp patch of 2021"),
  pcp_start_pages: wholeNumber(0, 65_536)
    .prefault(100)
    .describe("Pages on the first CPU's list before anything is touched"),
  pcp_start_high: wholeNumber(0, 65_536).prefault(1770).describe("And how long it may be"),
  vmstat_rounds_before: wholeNumber(0, 60)
    .prefault(1)
    .describe("Rounds of the periodic trimming of lists between the last touch and the exit"),
  vmstat_rounds_after: wholeNumber(0, 60)
    .prefault(0)
    .describe("Rounds of the periodic trimming before lists are counted"),
});

const machine = z.strictObject({
  generation: generation.prefault("6.12").describe("Kernel generation whose mechanisms apply"),
  cpus: wholeNumber(1, CPUS_MAX).prefault(1),
  hz: hz.prefault(250).describe("Ticks per second"),
  preempt: oneOf(["none", "voluntary", "full", "lazy"])
    .optional()
    .describe(
      "Preemption model: 6.12 has none, voluntary (default), full; 7.2 full, lazy (default)",
    ),
  preempt_rcu: flag(true).describe("CONFIG_PREEMPT_RCU, as with PREEMPT_DYNAMIC"),
  hrtick: trueOrFalse()
    .optional()
    .describe("A timer ends slices while another task waits (HRTICK); by default on in 7.2 alone"),
  hrtick_latency: duration("0ns", "4ms")
    .prefault("0ns")
    .describe("How long after its time the timer that ends slices interrupts"),
  node_sheaves: z
    .tuple([wholeNumber(0, 31), wholeNumber(0, 32), wholeNumber(0, 31)])
    .prefault([3, 29, 27])
    .describe(
      "Index nodes in main, spare and rcu sheaf when a process of 7.2 begins to make its VMAs",
    ),
  cpus_in_turn: flag(false).describe(
    "One emulator thread executes the CPUs in turn (QEMU 7.2 icount)",
  ),
  tick_lateness: oneOf(["counted", "drawn"])
    .default("counted")
    .describe(
      "Where CPUs take turns: what each tick is late, 1 to 16 ns, follows from costs or is drawn",
    ),
  kworker_lag: duration("0ns", "4ms")
    .prefault("0ns")
    .describe("What kworkers are owed when the run begins"),
  ksoftirqd_lag: duration("0ns", "4ms")
    .prefault("0ns")
    .describe("What ksoftirqds are owed when the run begins"),
  gp_kthread_lag: duration("0ns", "4ms")
    .prefault("10us")
    .describe("What the grace-period kthread is owed when the run begins"),
  rcuog_lag: duration("0ns", "4ms")
    .prefault("0ns")
    .describe("What rcuogs are owed when the run begins"),
  rcuop_lag: duration("0ns", "4ms")
    .prefault("0ns")
    .describe("What rcuops are owed when the run begins"),
  idle_before: duration("0ns", "1000s")
    .prefault("0ns")
    .describe("How long the CPU of an exit or a munmap was idle before it began"),
  nohz: flag(true).describe("false: nohz=off, idle CPUs tick"),
  nohz_full: cpuList()
    .default("none")
    .describe("CPUs that do not tick while they run one task; their callbacks are offloaded"),
  rcu_kthread_cpus: cpuList()
    .optional()
    .describe("CPUs that RCU's kthreads may use; by default all but nohz_full"),
  rcu_boost: flag(false).describe("CONFIG_RCU_BOOST: rcuc kthreads have kthread_prio"),
  rcu_nocb_cpu_cb_boost: flag(false).describe("CONFIG_RCU_NOCB_CPU_CB_BOOST: so have rcuops"),
  tick_phase: duration("0ns", "10ms")
    .prefault("0ns")
    .describe("When the first tick after the start of the exit falls: below one jiffy"),
  exit_cpu: wholeNumber(0, CPUS_MAX - 1)
    .prefault(0)
    .describe("CPU on which the exiting task runs"),
  rcu: rcu.prefault({}).describe("rcutree.* parameters under their kernel names"),
  rcu_nocbs: cpuList()
    .default("none")
    .describe("CPUs whose callbacks are offloaded: none, all, or a list such as 0-3,8 or [0, 8]"),
  rcu_nocb_poll: flag(false).describe(
    "The boot parameter: rcuogs look every jiffy, nobody wakes them",
  ),
  rcu_lazy: flag(false).describe("CONFIG_RCU_LAZY: callbacks of offloaded CPUs wait for company"),
  memory: memory.optional().describe("Memory, where pages are resident; default 4 GiB"),
  slab: slab.prefault({}).describe("Slab geometry; -1 is what the kernel computes"),
});

const share = (what: string, value = 0) =>
  z
    .number({ error: () => SHARE })
    .min(0, { error: () => SHARE })
    .max(1, { error: () => SHARE })
    .default(value)
    .describe(what);

const shares = z.strictObject({
  anonymous: share("Share of the private anonymous memory that is resident"),
  file: share("Share of private mappings of files that is resident"),
  shared: share("Share of shared mappings that is resident"),
  huge: share("Share of whole 2 MiB blocks of resident anonymous memory that are huge pages"),
});

const POPULATED = `${SHARE}, or shares: anonymous, file, shared, huge`;
const populated = z
  .union([z.number().min(0, POPULATED).max(1, POPULATED), shares], { error: () => POPULATED })
  .default(0)
  .describe("Share of the private anonymous memory that is resident, or shares by class");

const FOUND_TOO = `${POPULATED}, or found`;
const populatedOrFound = z
  .union([z.number().min(0, FOUND_TOO).max(1, FOUND_TOO), z.literal("found"), shares], {
    error: () => FOUND_TOO,
  })
  .default(0)
  .describe("As for generated ones, or found: the pages that smaps found resident");

const MAPS_EXPECTED = "a path of a /proc/PID/maps file, a PID, or - for standard input";
const fromMaps = z.strictObject({
  maps: z
    .union([text(MAPS_EXPECTED), z.number().int(MAPS_EXPECTED).min(1, MAPS_EXPECTED)], {
      error: () => MAPS_EXPECTED,
    })
    .transform(String)
    .describe("File in the format of /proc/PID/maps, relative to the scenario; a PID; or -"),
  scale_to: wholeNumber(1, VMAS_MAX).optional().describe("Repeat and cut to this many VMAs"),
  populated: populatedOrFound,
});

// One entry a layout: what can be said about one makes no sense for another.
const layout = {
  vma_count: wholeNumber(1, VMAS_MAX).describe("VMAs to generate"),
  populated,
};
const generated = [
  z.strictObject({
    generate: z.literal("alternating").describe("Pages of alternating protection, no gaps"),
    ...layout,
    page_count: wholeNumber(1, PAGES_MAX).prefault(1),
    base_process: flag(false).describe("Add the 11 VMAs of a small static program around the area"),
  }),
  z.strictObject({
    generate: z.literal("contiguous").describe("VMAs of one size that touch each other"),
    ...layout,
    page_count: wholeNumber(1, PAGES_MAX).prefault(1),
  }),
  z.strictObject({
    generate: z.literal("gappy").describe("VMAs of random size with gaps between them"),
    ...layout,
    page_count_max: wholeNumber(1, PAGES_MAX).prefault(16),
    gap_pages_max: wholeNumber(1, PAGES_MAX).prefault(16),
  }),
  z.strictObject({
    generate: z.literal("random").describe("Log-uniform sizes with gaps between them"),
    ...layout,
    page_count_min: wholeNumber(1, PAGES_MAX).prefault(1),
    page_count_max: wholeNumber(1, PAGES_MAX).prefault(256),
    gap_pages_max: wholeNumber(1, PAGES_MAX).prefault(16),
  }),
] as const;

export const SPACE_EXPECTED = "a mapping with `maps: FILE` or `generate: LAYOUT`";
const addressSpace = z.union([fromMaps, ...generated], { error: () => SPACE_EXPECTED });

const jiffies = wholeNumber(0, INT_MAX);
const shrinker = trueOrFalse().optional();
const drain = z.union(
  [
    z.strictObject({ when: z.literal("end"), shrinker }),
    z.strictObject({ when: z.literal("size-over"), vmas: wholeNumber(0, BATCH_MAX), shrinker }),
    z.strictObject({
      when: z.literal("interval"),
      jiffies,
      timer: trueOrFalse().optional(),
      shrinker,
    }),
  ],
  {
    error: () =>
      "{ when: end }, { when: size-over, vmas: N } or { when: interval, jiffies: N } (N whole, not negative)",
  },
);

const policy = z
  .strictObject({
    collect: oneOf(["none", "mm-list", "private-list", "bulk", "sheaf"]),
    drain: drain.optional(),
    release: oneOf(["direct", "call-rcu", "typesafe"]),
  })
  .superRefine((value, context) => {
    if (value.drain?.shrinker === true && value.collect !== "mm-list") {
      const issue = expectation(true, "no shrinker but that of collect: mm-list");
      context.addIssue({ ...issue, path: ["drain", "shrinker"] });
      return;
    }
    if (value.collect !== "none") {
      if (value.release === "call-rcu") return;
      const issue = expectation(value.release, "call-rcu where VMAs are collected");
      context.addIssue({ ...issue, path: ["release"] });
      return;
    }
    if (value.drain === undefined) return;
    const issue = expectation(value.drain, "no drain rule where nothing is collected");
    context.addIssue({ ...issue, path: ["drain"] });
  });

const inlineStrategy = z.strictObject({
  name: text("a name").regex(/^\S{1,40}$/, { error: "a name of 1 to 40 characters, no spaces" }),
  exit: policy.describe("How exit_mmap() gets rid of the VMAs"),
  munmap: policy
    .optional()
    .describe("How munmap() does; the same, or call-rcu where exit frees at once"),
  unsafe: flag(false).describe("Allow what can free a VMA under a reader"),
});

const presetName = z.string().transform((name, context) => {
  // HZ is not known here and changes no name: 250 stands in.
  const found = lookUpPreset(name, 250);
  if ("hint" in found) {
    context.addIssue(expectation(name, "a strategy", found.hint));
    return z.NEVER;
  }
  return name;
});

const SEED_MAX = 2n ** 64n - 1n;
const SEED = "a whole number from 0 to 2^64 - 1";
const seed = z
  .union([z.number(), z.bigint(), z.string()], { error: () => SEED })
  .register(jsonShapes, { shape: { type: ["integer", "string"], minimum: 0 } })
  .transform((raw, context): bigint => {
    const written = typeof raw === "string" ? raw.trim().replaceAll(/(?<=\d)_(?=\d)/g, "") : raw;
    const whole = typeof written === "number" ? Number.isSafeInteger(written) : true;
    const valid = whole && /^(\d+|0x[0-9a-fA-F]+)$/.test(String(written));
    const value = valid ? BigInt(written) : -1n;
    if (value < 0n || value > SEED_MAX) {
      context.addIssue(expectation(raw, SEED));
      return z.NEVER;
    }
    return value;
  });

/** A scenario file as written; parsing yields it with every default filled in. */
export const scenarioSchema = z.strictObject({
  version: z.literal(1, { error: () => "1, the version of the scenario format" }),
  name: text("a short name").default("unnamed"),
  title: text("a one-line title").optional(),
  machine: machine.prefault({}),
  profile: text("the name of a cost profile or a path ending in .json").optional(),
  workload: workloadSchema
    .prefault({ type: "exit" })
    .describe("What is simulated; by default an exit"),
  address_space: addressSpace
    .optional()
    .describe("Where the VMAs come from; needed by every workload that has some"),
  strategies: z
    .array(z.union([presetName, inlineStrategy], { error: () => "a name or a mapping" }), {
      error: () => "a list of strategies",
    })
    .min(1, { error: "at least one strategy" })
    .optional(),
  load: loadSchema
    .default([])
    .describe("Bystanders: tasks beside the workload, and what it does to them"),
  seed: seed.prefault(1),
  tick_phases: wholeNumber(1, 64)
    .prefault(1)
    .describe("Repeat each run over this many evenly spaced tick phases and report the ranges"),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;

/** JSON Schema (2020-12) of a scenario file, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const known = jsonShapes.get(zodSchema as unknown as z.ZodType);
      if (known === undefined) return;
      delete jsonSchema.anyOf;
      Object.assign(jsonSchema, known.shape);
    },
  });
  return { title: "vma-teardown scenario, version 1", ...schema };
}
