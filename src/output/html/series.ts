// How many VMAs were dead and how many callbacks queued over a run, from its timeline, in as few points as a chart can
// show.

import type { Timeline, TimelineEvent } from "../../api/timeline.ts";
import { timelineEvents } from "../../trace/timeline-events.ts";

export interface Sample {
  readonly time_ns: number;
  readonly dead_vmas: number;
  readonly callbacks_queued: number;
}

const NOTHING: Omit<Sample, "time_ns"> = { dead_vmas: 0, callbacks_queued: 0 };

/** When counters were looked at, and recorded if they had changed. */
function lookedAt(event: TimelineEvent): number | undefined {
  switch (event.kind) {
    case "tick":
    case "batch":
    case "span":
    case "operation":
      return event.end_ns;
    default:
      return undefined;
  }
}

/**
 * Counters at each time at which they were looked at: a timeline has them only where they changed, and a straight line
 * from one change to the next would tell of a slope where nothing moved.
 */
export function samplesOf(timeline: Timeline): Sample[] {
  const samples: Sample[] = [];
  let last = NOTHING;
  const put = (time_ns: number): void => {
    if (samples.at(-1)?.time_ns === time_ns) samples.pop();
    samples.push({ time_ns, ...last });
  };
  for (const event of timelineEvents(timeline)) {
    if (event.kind === "counters") {
      const { dead_vmas, callbacks_queued } = event;
      last = { dead_vmas, callbacks_queued };
      put(event.time_ns);
      continue;
    }
    // what a batch began with stood since the look before it
    if (event.kind === "batch" && event.start_ns > (samples.at(-1)?.time_ns ?? -1)) {
      put(event.start_ns);
    }
    const looked = lookedAt(event);
    if (looked !== undefined) put(looked);
  }
  put(timeline.end_ns);
  return samples.sort((a, b) => a.time_ns - b.time_ns);
}

/** When a counter is back at zero for good; the last sample where it never is. */
export function settledAt(samples: readonly Sample[], counter: keyof typeof NOTHING): number {
  const last = samples.findLastIndex((sample) => sample[counter] !== 0);
  return samples[Math.min(last + 1, samples.length - 1)]?.time_ns ?? 0;
}

/** Of each of so many equal spans of time the first and last sample, and the lowest and highest of a counter. */
export function thinned(
  samples: readonly Sample[],
  counter: keyof typeof NOTHING,
  end_ns: number,
  spans: number,
): Sample[] {
  const kept: Sample[] = [];
  let span: Sample[] = [];
  const close = (): void => {
    if (span.length === 0) return;
    const by = [...span].sort((a, b) => a[counter] - b[counter]);
    const chosen = new Set([span[0]!, by[0]!, by.at(-1)!, span.at(-1)!]);
    kept.push(...span.filter((sample) => chosen.has(sample)));
    span = [];
  };
  const numberOf = ({ time_ns }: Sample): number => Math.floor((time_ns * spans) / (end_ns + 1));
  for (const sample of samples) {
    if (sample.time_ns > end_ns) break;
    if (span.length > 0 && numberOf(span[0]!) !== numberOf(sample)) close();
    span.push(sample);
  }
  close();
  return kept;
}
