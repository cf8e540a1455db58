// The texts of all workloads, by type.

import type { WorkloadType } from "../api/types.ts";
import { EXIT_TEXT } from "./exit-text.ts";
import { EXITS_TEXT } from "./exits-text.ts";
import { MM_TEXT } from "./mm-text.ts";
import { MUNMAP_TEXT } from "./munmap-text.ts";
import { RCU_FLOOD_TEXT } from "./rcu-flood-text.ts";
import { RCU_POST_TEXT } from "./rcu-post-text.ts";
import { VMALLOC_TEXT } from "./vmalloc-text.ts";
import type { WorkloadText } from "./workload-text.ts";

const TEXTS: { readonly [W in WorkloadType]: WorkloadText<W> } = {
  exit: EXIT_TEXT,
  munmap: MUNMAP_TEXT,
  exits: EXITS_TEXT,
  rcu_flood: RCU_FLOOD_TEXT,
  rcu_post: RCU_POST_TEXT,
  vmalloc: VMALLOC_TEXT,
  mm: MM_TEXT,
};

export function textOfWorkload<W extends WorkloadType>(type: W): WorkloadText<W> {
  return TEXTS[type];
}
