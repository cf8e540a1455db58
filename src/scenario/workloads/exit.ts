// `workload: { type: exit }`, the default: a process tears its address space down.

import { z } from "zod";
import type { WorkloadReader } from "./reader.ts";

const schema = z.strictObject({
  type: z.literal("exit").describe("A process exits while its parent waits for it"),
});

export const EXIT_READER: WorkloadReader<"exit", typeof schema> = {
  schema,
  resolve: ({ type }) => ({ type }),
  uses_space: true,
  uses_strategies: true,
};
