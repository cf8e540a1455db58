// `workload: { type: exits }`: processes exit at the same moment; who waits, and when is memory back?

import { z } from "zod";
import { duration, INT_MAX, oneOf, size, trueOrFalse, wholeNumber } from "../scalars.ts";
import { PAGE_BYTES } from "../units.ts";
import type { WorkloadReader } from "./reader.ts";

const CHILDREN_MAX = 4096;
const THREADS_MAX = 256;

const schema = z.strictObject({
  type: z.literal("exits").describe("Processes with memory exit while their parent waits"),
  children: wholeNumber(1, CHILDREN_MAX)
    .prefault(1)
    .describe("Processes with the address space each; all exit at the same moment"),
  placement: oneOf(["together", "spread"])
    .default("together")
    .describe(
      "All begin on machine.exit_cpu, from which idle CPUs pull them; or one on each CPU in turn",
    ),
  put: oneOf(["sync", "async", "async-by-pages", "async-by-vmas", "async-encrypted"])
    .default("sync")
    .describe("How exit_mm puts an mm: mmput, mmput_async, or a choice by mm"),
  put_async_min: wholeNumber(0, INT_MAX)
    .prefault(0)
    .describe("Resident pages or VMAs from which on the choice is mmput_async"),
  encrypted: wholeNumber(0, CHILDREN_MAX)
    .prefault(0)
    .describe("So many of the processes are encrypted guests"),
  parent_busy: duration("0ns", "1000s")
    .prefault("0ns")
    .describe("CPU time the parent uses from the first exit on before it waits"),
  work: duration("0ns", "1000s")
    .prefault("0ns")
    .describe("CPU time the parent uses after its last wait"),
  restart: size("0B", "1024GiB")
    .prefault("0B")
    .describe("Memory that the parent's next process touches at once"),
  restart_threads: wholeNumber(1, THREADS_MAX)
    .prefault(1)
    .describe("Threads of that process, which share its memory and run on whatever CPUs are free"),
  hold_back_oom: trueOrFalse()
    .default(false)
    .describe("An allocation that would end in the OOM killer waits while teardowns are pending"),
  cpu_intensive_thresh: duration("0ns", "1s")
    .prefault("10ms")
    .describe(
      "workqueue.cpu_intensive_thresh_us: CPU time after which a work item stops holding up others",
    ),
});

export const EXITS_READER: WorkloadReader<"exits", typeof schema> = {
  schema,
  resolve: ({ parent_busy, work, restart, cpu_intensive_thresh, ...rest }) => ({
    ...rest,
    parent_busy_ns: parent_busy,
    work_ns: work,
    restart_pages: Math.floor(restart / PAGE_BYTES),
    cpu_intensive_thresh_ns: cpu_intensive_thresh,
  }),
  uses_space: true,
  uses_strategies: true,
};
