// `workload: { type: munmap }`: a process unmaps ranges of its address space, then exits.

import { z } from "zod";
import { vmaSpan } from "../../api/munmap.ts";
import { formatCount } from "../../errors.ts";
import { duration, INT_MAX, oneOf, wholeNumber } from "../scalars.ts";
import type { WorkloadReader } from "./reader.ts";

/** Pages of 57-bit addresses. */
const PAGES_END = 2 ** 45;
/** As many calls as one run plans for. */
const CALLS_MAX = 10_000_000;

const range = z.strictObject({
  start_page: wholeNumber(0, PAGES_END - 1).describe("First page: address / 4096"),
  page_count: wholeNumber(1, PAGES_END),
});

const schema = z.strictObject({
  type: z.literal("munmap").describe("A process unmaps ranges, sleeps, and exits"),
  first_vma: wholeNumber(0, INT_MAX, true)
    .prefault(-1)
    .describe("First VMA to unmap, from 0 in address order; -1 the generated area"),
  vma_count: wholeNumber(1, INT_MAX, true)
    .prefault(-1)
    .describe("VMAs to unmap; -1 all from there"),
  calls: wholeNumber(1, CALLS_MAX).prefault(1).describe("Calls that share the VMAs evenly"),
  every: wholeNumber(0, INT_MAX)
    .prefault(0)
    .describe("One call for every n-th of the VMAs alone; 0 shares them among `calls`"),
  order: oneOf(["ascending", "descending", "random"]).default("ascending"),
  ranges: z
    .array(range, { error: () => "a list of { start_page, page_count }" })
    .min(1, { error: "at least one range" })
    .max(100_000, { error: "at most 100,000 ranges" })
    .optional()
    .describe("Pages to unmap, one call each, instead; they may cut VMAs in two"),
  pause: duration("0ns", "1000s").prefault("0ns").describe("Sleep between two calls"),
  exit_after: duration("0ns", "1000s").prefault("3s").describe("Sleep before the exit"),
  max_map_count: wholeNumber(1, INT_MAX)
    .prefault(INT_MAX)
    .describe("vm.max_map_count: a hole in one VMA beyond it fails the call"),
});

export const MUNMAP_READER: WorkloadReader<"munmap", typeof schema> = {
  schema,
  resolve: ({ pause, exit_after, ranges, ...rest }) => ({
    ...rest,
    pause_ns: pause,
    exit_after_ns: exit_after,
    ...(ranges !== undefined && { ranges }),
  }),
  problem({ ranges, every, calls, first_vma, vma_count }) {
    if (every > 0 && calls > 1) {
      return { path: ["workload", "calls"], expected: "no `calls` beside `every`" };
    }
    if (ranges !== undefined && (every > 0 || calls > 1 || first_vma !== -1 || vma_count !== -1)) {
      const expected = "no other choice of VMAs beside `ranges`";
      return { path: ["workload", "ranges"], expected };
    }
    const beyond = ranges?.findIndex(({ start_page, page_count }) => {
      return start_page + page_count > PAGES_END;
    });
    if (beyond !== undefined && beyond !== -1) {
      const most = PAGES_END - ranges![beyond]!.start_page;
      const expected = `at most ${formatCount(most)} pages from there, the end of 57-bit addresses`;
      return { path: ["workload", "ranges", beyond, "page_count"], expected };
    }
    return undefined;
  },
  spaceProblem(workload, space) {
    const { from, to } = vmaSpan(workload, space);
    if (from < to && to <= space.vma_count) return undefined;
    const all = `${formatCount(space.vma_count)} VMAs of the address space`;
    if (from >= space.vma_count) {
      return { path: ["workload", "first_vma"], expected: `one of the ${all}, from 0` };
    }
    const most = formatCount(space.vma_count - from);
    return { path: ["workload", "vma_count"], expected: `at most ${most} of the ${all}` };
  },
  uses_space: true,
  uses_strategies: true,
};
