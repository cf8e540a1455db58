// Series that a run records where it is asked to, in the columns of measured traces, and its timeline.

import type { Timeline } from "./timeline.ts";

/** What a run records besides its figures. */
export interface TraceRequest {
  /** Batches of callbacks to keep, and samples of hand-overs. */
  readonly batches_max: number;
  readonly hands_max: number;
  /** Hand-overs from one sample to the next, at least 1. */
  readonly hand_every: number;
  /** Events of a timeline to keep; none where it is left out. Each takes 40 bytes. */
  readonly events_max?: number | undefined;
}

/** A batch of callbacks. */
export interface TracedBatch {
  readonly start_ns: number;
  readonly duration_ns: number;
  /** Callbacks it invoked, how many were ready, and the limit in force. */
  readonly invoked: number;
  readonly ready: number;
  readonly limit: number;
  readonly softirq: boolean;
  readonly cpu: number;
}

/** VMAs handed over for freeing, and back in the slab, at a hand-over. */
export interface TracedHand {
  readonly time_ns: number;
  readonly handed: number;
  readonly back: number;
}

export interface Trace {
  readonly batches: readonly TracedBatch[];
  readonly hands: readonly TracedHand[];
  /** What there was no room for. */
  readonly batches_lost: number;
  readonly hands_lost: number;
  readonly timeline?: Timeline | undefined;
}
