// `workload: { type: mm }`: several address spaces with threads that run small programs.

import { z } from "zod";
import { addressSpace, thread } from "../../litmus/file.ts";
import { castProblem } from "../../litmus/fit.ts";
import { GENERATIONS } from "../../litmus/generation.ts";
import { resolveMms, resolveThreads } from "../../litmus/resolve.ts";
import { listOf, TWINS } from "../../litmus/words.ts";
import { generationOf, oneOf, trueOrFalse, wholeNumber } from "../scalars.ts";
import type { WorkloadReader } from "./reader.ts";

/** The scenario's own address space, as threads name it. */
const PROCESS = "process";
/** As many as one run plans for; an operation takes 32 bytes in the engine and 100 here. */
const LIMITS = { threads: 1000, operations: 4_000_000 };

const schema = z.strictObject({
  type: z.literal("mm").describe("Threads of several address spaces run small programs"),
  kernel: generationOf(GENERATIONS)
    .optional()
    .describe("Whose VMA locks: 6.1 none, 6.12 rwsem, 7.2 reference count; the machine's"),
  pages_from: oneOf(["area", "zero"])
    .default("area")
    .describe("From where pages of `process` and of its forks count"),
  touched_pages: wholeNumber(0, 2 ** 30)
    .prefault(0)
    .describe("Pages written before in each VMA of the scenario's address space"),
  max_map_count: wholeNumber(1, 2 ** 31 - 1).prefault(65_530),
  memory_pages: wholeNumber(0, 2 ** 40)
    .prefault(0)
    .describe("Pages that VMAs and touched pages come out of; 0 no limit"),
  oracle: trueOrFalse().default(true).describe("Whether the lifetime oracle judges every access"),
  without: z
    .array(oneOf(listOf(TWINS)))
    .default([])
    .describe("Rules of the kernel to leave out"),
  mms: z.record(z.string(), addressSpace).default({}).describe("Address spaces besides `process`"),
  threads: z
    .array(thread)
    .min(1, { error: "at least one thread" })
    .max(LIMITS.threads, { error: `at most ${LIMITS.threads} threads` }),
});

export const MM_READER: WorkloadReader<"mm", typeof schema> = {
  schema,
  resolve: ({ mms, threads, kernel, ...rest }) => ({
    ...rest,
    ...(kernel === undefined ? {} : { kernel }),
    mms: resolveMms(mms),
    threads: resolveThreads(threads),
  }),
  problem(file, { memory }) {
    if (memory !== undefined && file.memory_pages !== 0) {
      const expected = "0 beside machine.memory, which limits memory itself";
      return { path: ["workload", "memory_pages"], expected };
    }
    const problem = castProblem(file, LIMITS, [PROCESS]);
    return problem === undefined ? undefined : { ...problem, path: ["workload", ...problem.path] };
  },
  uses_space: true,
  uses_strategies: true,
};
