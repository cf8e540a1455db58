// A task that takes pages and keeps them, as the slow path and the OOM killer see it.

import { FrameList } from "../page/runs";

//  0       8       12     16       28       32       36
//  ┌───────┬───────┬──────┬────────┬────────┬────────┬─────┐
//  │ began │ group │ task │ frames │ killed │ passes │ pad │
//  └───────┴───────┴──────┴────────┴────────┴────────┴─────┘
/** It lies inside the record of a bystander, of a restarted thread, or of a Debt (mm/frames.ts). */
@unmanaged
export class Taker {
  /** When the allocation in hand went into direct reclaim. */
  began: u64;
  /** Its group of bystanders; of a restarted thread how many pages it wants. */
  group: u32;
  task: u32;
  /** The frames it has touched: a FrameList. */
  framesHead: u32;
  framesTail: u32;
  framesCount: u32;
  /** The OOM killer has chosen its process. */
  killed: u32;
  /** Passes of direct reclaim it has made for the page in hand. */
  passes: u32;
  pad: u32;
}

/** Frames that a task has touched. */
@inline
export function takenFrames(taker: Taker): FrameList {
  return changetype<FrameList>(changetype<usize>(taker) + offsetof<Taker>("framesHead"));
}
