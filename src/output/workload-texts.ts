// The texts of all workloads, by type.

import type { WorkloadType } from "../api/types.ts";
import { EXIT_TEXT } from "./exit-text.ts";
import { MUNMAP_TEXT } from "./munmap-text.ts";
import type { WorkloadText } from "./workload-text.ts";

const TEXTS: { readonly [W in WorkloadType]: WorkloadText<W> } = {
  exit: EXIT_TEXT,
  munmap: MUNMAP_TEXT,
};

export function textOfWorkload<W extends WorkloadType>(type: W): WorkloadText<W> {
  return TEXTS[type];
}
