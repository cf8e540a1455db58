// `load:` of a scenario: groups of bystanders beside whatever the workload is.

import { z } from "zod";
import { FIXED_PERIOD_LEAST_NS } from "../api/load.ts";
import type { LoadSpec } from "../api/types.ts";
import { parseCpuList } from "./cpulist.ts";
import type { Problem } from "./problems.ts";
import { cpuList, duration, oneOf, size, text, trueOrFalse, wholeNumber } from "./scalars.ts";
import { PAGE_BYTES } from "./units.ts";

/** As many rows as the engine's table has. */
const GROUPS_MAX = 32;

const common = {
  name: text("a name").optional().describe("For reports; by default the type"),
  tasks: wholeNumber(1, 10_000)
    .prefault(1)
    .describe("On each CPU of the list when bound, on all of them together when floating"),
  cpus: cpuList().optional().describe("CPUs as in 0-3,8; by default the exiting task's"),
  placement: oneOf(["bound", "floating"])
    .default("bound")
    .describe("Whether each task stays on its CPU"),
  priority: wholeNumber(0, 99).prefault(0).describe("SCHED_FIFO priority; 0 is the fair class"),
};

const busy = z.strictObject({
  type: z.literal("busy").describe("Computes until the workload is over"),
  mode: oneOf(["user", "kernel"]).default("user"),
  stretch: duration("1us", "10s")
    .prefault("10us")
    .describe("In the kernel: from one cond_resched() to the next"),
  ...common,
});

const reader = z.strictObject({
  type: z.literal("reader").describe("Read-side critical sections of RCU"),
  length: duration("100ns", "600s").prefault("10us").describe("CPU time inside a section"),
  every: duration("0ns", "3600s")
    .prefault("0ns")
    .describe("From the beginning of one section to that of the next; 0 without a pause"),
  ...common,
});

const sleeper = z.strictObject({
  type: z.literal("sleeper").describe("Woken by a timer, works in user mode, sleeps again"),
  every: duration("1us", "3600s").prefault("1ms").describe("Period of the timer"),
  work: duration("0ns", "10s").prefault("10us").describe("CPU time after each wake-up"),
  ...common,
});

const memory = z.strictObject({
  type: z.literal("memory").describe("Woken by a timer, touches new pages and keeps them"),
  size: size("4KiB", "1024GiB").describe("Memory that each task touches in all"),
  every: duration("1us", "3600s").prefault("1ms").describe("Period of the timer"),
  turn: size("4KiB", "1GiB").prefault("16KiB").describe("Memory touched after each wake-up"),
  ...common,
});

const mapper = z.strictObject({
  type: z.literal("mapper").describe("A process that maps and unmaps memory of its own"),
  work: duration("1us", "10s")
    .prefault("14us")
    .describe("CPU time of a round: mmap, a touch, mprotect, munmap"),
  rounds: wholeNumber(1, 1_000_000).prefault(16).describe("Rounds of an iteration, which is timed"),
  callbacks: wholeNumber(0, 1_000_000)
    .prefault(48)
    .describe("Callbacks an iteration queues: VMAs and index nodes"),
  ran_before: trueOrFalse()
    .default(false)
    .describe("It has run before: what it queued in the last tick is ready, what since then waits"),
  callback_work: duration("0ns", "1ms")
    .prefault("0ns")
    .describe("CPU time of each callback; with 0 that of the profile's rcu_foreign_callback"),
  ahead: duration("0ns", "4ms")
    .prefault("0ns")
    .describe("CPU time that each task has had beyond its share when the run begins"),
  ...common,
});

const churn = z.strictObject({
  type: z
    .literal("churn")
    .describe("Woken by a timer, touches pages and gives them back; how long allocations take"),
  every: duration("1us", "3600s").prefault("1ms").describe("Period of the timer"),
  turn: size("4KiB", "1GiB").prefault("256KiB").describe("Memory of each turn"),
  ...common,
});

const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES);

export const loadSchema = z
  .array(
    z.union([busy, reader, sleeper, memory, mapper, churn], {
      error: () => "a mapping with `type:` one of busy, reader, sleeper, memory, mapper, churn",
    }),
    { error: "a list of bystanders" },
  )
  .max(GROUPS_MAX, { error: `at most ${GROUPS_MAX} groups of bystanders` });

export type LoadFile = z.infer<typeof loadSchema>;
type Group = LoadFile[number];

/** Would the group keep its CPUs from RCU's kthreads for ever? They are fixed-priority themselves. */
function starvesRcu(group: Group, kthread_prio: number): boolean {
  const never_sleeps = group.type === "busy" || group.type === "mapper";
  const endless = never_sleeps || (group.type === "reader" && group.every === 0);
  return endless && kthread_prio > 0 && group.priority >= kthread_prio;
}

function comesBackTooSoon(group: Group): boolean {
  if (!("every" in group) || group.priority === 0) return false;
  return group.every > 0 && group.every < FIXED_PERIOD_LEAST_NS;
}

/** What no single value shows: CPUs that the machine has not, and loads under which no run ends. */
export function loadProblem(
  load: LoadFile,
  cpus: number,
  kthread_prio: number,
): Problem | undefined {
  for (const [row, group] of load.entries()) {
    if (starvesRcu(group, kthread_prio)) {
      const expected = `less than rcu.kthread_prio (${kthread_prio}), or RCU's kthreads never run`;
      return { path: ["load", row, "priority"], expected };
    }
    if (comesBackTooSoon(group)) {
      const expected = "10us or more with a priority, or nobody else comes to run";
      return { path: ["load", row, "every"], expected };
    }
    if (group.cpus === undefined || (parseCpuList(group.cpus, cpus)?.length ?? 0) > 0) continue;
    const expected = `all, or some of the ${cpus} CPUs, counted from 0`;
    return { path: ["load", row, "cpus"], expected };
  }
  return undefined;
}

function timesOf(group: Group): Omit<LoadSpec, "name" | "tasks" | "bound" | "cpus" | "priority"> {
  switch (group.type) {
    case "busy":
      if (group.mode === "user") return { kind: "busy-user", work_ns: 0, period_ns: 0 };
      return { kind: "busy-kernel", work_ns: group.stretch, period_ns: 0 };
    case "reader":
      return { kind: "reader", work_ns: group.length, period_ns: group.every };
    case "sleeper":
      return { kind: "sleeper", work_ns: group.work, period_ns: group.every };
    case "mapper": {
      const { work, rounds, callbacks, ran_before, callback_work, ahead } = group;
      const times = { work_ns: work, period_ns: 0, callback_ns: callback_work, ahead_ns: ahead };
      return { kind: "mapper", ...times, rounds, callbacks, ran_before };
    }
    case "memory": {
      const { size: bytes, turn, every } = group;
      const pages = { pages: pagesOf(bytes), turn_pages: pagesOf(turn) };
      return { kind: "memory", work_ns: 0, period_ns: every, ...pages };
    }
    case "churn": {
      const pages = pagesOf(group.turn);
      return { kind: "churn", work_ns: 0, period_ns: group.every, pages, turn_pages: pages };
    }
  }
}

/** The groups with CPUs as numbers; those that name none are where the workload's task is. */
export function resolveLoad(load: LoadFile, cpus: number, home: number): LoadSpec[] {
  return load.map((group) => ({
    name: group.name ?? group.type,
    ...timesOf(group),
    tasks: group.tasks,
    bound: group.placement === "bound",
    cpus: group.cpus === undefined ? [home] : (parseCpuList(group.cpus, cpus) ?? []),
    priority: group.priority,
  }));
}
