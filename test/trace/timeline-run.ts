// Runs with a timeline, and the slices of the document that is drawn of them.

import { expect } from "vitest";
import type { Timeline, TimelineEvent } from "../../src/api/timeline.ts";
import type { LoadSpec, RunResult, RunSpec, WorkloadType } from "../../src/api/types.ts";
import { timelineEvents } from "../../src/trace/timeline-events.ts";
import { type TracedRun, traceEventJson } from "../../src/trace/trace-event-json.ts";
import { type SpecParts, simulateNow, spec } from "../engine/spec.ts";

export interface RunParts extends SpecParts {
  readonly load?: readonly LoadSpec[];
  readonly workload?: unknown;
  readonly events_max?: number;
}

export interface Recorded<W extends WorkloadType = "exit"> {
  readonly wanted: RunSpec;
  readonly result: RunResult<W>;
  readonly timeline: Timeline;
  readonly events: readonly TimelineEvent[];
}

export function record<W extends WorkloadType = "exit">(parts: RunParts): Recorded<W> {
  const { load, workload, events_max = 200_000, ...rest } = parts;
  const request = { batches_max: 0, hands_max: 0, hand_every: 10, events_max };
  const base = { ...spec(rest), trace: request };
  const wanted = { ...base, ...(load && { load }), ...(workload ? { workload } : {}) } as RunSpec;
  const result = simulateNow(wanted) as unknown as RunResult<W>;
  const timeline = result.trace!.timeline!;
  return { wanted, result, timeline, events: [...timelineEvents(timeline)] };
}

/** Events of one kind. */
export function eventsOf<K extends TimelineEvent["kind"]>(
  events: readonly TimelineEvent[],
  kind: K,
): Extract<TimelineEvent, { kind: K }>[] {
  return events.filter((event) => event.kind === kind) as Extract<TimelineEvent, { kind: K }>[];
}

export function traced({ wanted, result, timeline }: Recorded<WorkloadType>): TracedRun {
  const { strategy, machine, profile, seed } = wanted;
  return { strategy, machine, profile, seed, timeline, digest: result.digest };
}

/** An event of the document. */
export interface Drawn {
  readonly ph: string;
  readonly pid: number;
  readonly tid?: number;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

export function drawn(runs: readonly TracedRun[], title?: string): readonly Drawn[] {
  const text = [...traceEventJson(runs, title)].join("");
  return (JSON.parse(text) as { traceEvents: Drawn[] }).traceEvents;
}

export interface TrackSlice {
  readonly start_ns: number;
  readonly end_ns: number;
  readonly name: string;
  readonly args: Drawn["args"];
}

/** Slices by the names of their tracks, in the order of the document. */
export function tracks(document: readonly Drawn[]): ReadonlyMap<string, readonly TrackSlice[]> {
  const names = new Map<number, string>();
  for (const { ph, name, tid, args } of document) {
    if (ph === "M" && name === "thread_name") names.set(tid!, args.name as string);
  }
  const found = new Map<string, TrackSlice[]>();
  for (const { ph, tid, ts, dur, name, args } of document) {
    if (ph !== "X") continue;
    const start_ns = Math.round(ts * 1000);
    const slice = { start_ns, end_ns: start_ns + Math.round(dur * 1000), name, args };
    const track = names.get(tid!)!;
    const before = found.get(track);
    if (before === undefined) found.set(track, [slice]);
    else before.push(slice);
  }
  return found;
}

/** Every slice lies inside the one that is open when it begins, or begins when none is. */
export function expectNested(slices: readonly TrackSlice[], track: string): void {
  const open: TrackSlice[] = [];
  for (const slice of slices) {
    while (open.length > 0 && open.at(-1)!.end_ns <= slice.start_ns) open.pop();
    const around = open.at(-1);
    if (around !== undefined && slice.end_ns > around.end_ns) {
      expect.fail(`${track}: ${slice.name} at ${slice.start_ns} ns outlives ${around.name}`);
    }
    open.push(slice);
  }
}
