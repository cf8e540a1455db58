// The record of a piece of work, embedded in what it works on.

//  0      4      5         6     8          12         16         24
//  ┌──────┬──────┬─────────┬─────┬──────────┬──────────┬──────────┐
//  │ next │ kind │ pending │     │ argument │ progress │ queuedAt │
//  └──────┴──────┴─────────┴─────┴──────────┴──────────┴──────────┘
/** work_struct */
@unmanaged
export class Work {
  next: u32;
  kind: u8;
  /** On a pool's list; cleared just before the work runs. */
  pending: u8;
  pad: u16;
  /** What it works on; its kind says how to read it. */
  argument: u32;
  /** How far it is; its kind's own. */
  progress: u32;
  queuedAt: u64;
}

export const WORK_BYTES: u32 = 24;

/** What a work item does (Work.kind). */
export enum WorkKind {
  NONE,
  /** Load: so many microseconds of CPU, and so many asleep before it ends (see `stepBusy`). */
  BUSY,
  /** drain_vmap_area_work, and a helper's share of it. */
  VMAP_DRAIN,
  VMAP_NODE,
  /** kvfree_rcu of vmalloc memory. */
  VMAP_KVFREE,
  /** vmstat_update of a CPU (page/vmstat.ts). */
  VMSTAT,
  /** mmput_async_fn (workload/child.ts). */
  MMPUT,
  /** vmstat_shepherd (page/vmstat.ts). */
  VMSTAT_SHEPHERD,
}

/** The item is done; its memory may be gone. */
export const WORK_DONE: u64 = u64.MAX_VALUE - 2;
