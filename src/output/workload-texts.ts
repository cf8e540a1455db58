// The texts of all workloads, by type.

import type { WorkloadType } from "../api/types.ts";
import { EXIT_TEXT } from "./exit-text.ts";
import { EXITS_TEXT } from "./exits-text.ts";
import { MM_TEXT } from "./mm-text.ts";
import { MUNMAP_TEXT } from "./munmap-text.ts";
import { BYSTANDERS, type RankLines } from "./ranking.ts";
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

/** What a comparison ranks strategies by: the workload's own figures, and what bystanders had to wait. */
export function ranksOf<W extends WorkloadType>(
  type: W,
  has_bystanders: boolean,
): RankLines<W> | undefined {
  const { ranks } = textOfWorkload(type);
  if (ranks === undefined || !has_bystanders) return ranks;
  const waits = { metric: BYSTANDERS, unit: "us", best: "bystanders wait" } as const;
  return [...ranks, { ...waits, cost: "a bystander's wait of" }];
}
