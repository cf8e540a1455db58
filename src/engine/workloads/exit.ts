// The workload `exit` on the engine's side of the border.

import { Workload } from "../../../assembly/abi/config.ts";
import { reaperTasks } from "../../api/policy.ts";
import { readMetrics } from "../metrics.ts";
import { workersForPages } from "../pages.ts";
import type { WorkloadPort } from "./port.ts";

export const EXIT_PORT: WorkloadPort<"exit"> = {
  id: Workload.EXIT,
  extraTasks: (_, spec) => workersForPages(spec) + reaperTasks(spec.strategy),
  write: () => {}, // machine, address space and strategy say it all
  read: readMetrics,
};
