// The series that a run records where its specification asks for them: assembly/metrics/trace.ts.

import { Config } from "../../assembly/abi/config.ts";
import { Metric, Region } from "../../assembly/abi/metric.ts";
import type { Trace, TraceRequest } from "../api/trace.ts";
import type { RunSpec, WorkloadType } from "../api/types.ts";
import type { EngineMemory } from "./abi.ts";
import { check } from "./check.ts";
import { readTimeline } from "./timeline.ts";

const BATCH_WORDS = 4;
const HAND_WORDS = 2;
const RECORDS_MAX = 100_000_000;

export function writeTrace(memory: EngineMemory, { trace }: RunSpec<WorkloadType>): void {
  const { batches_max, hands_max, hand_every, events_max = 0 } = trace ?? NO_TRACE;
  for (const [what, value] of Object.entries({ batches_max, hands_max, events_max })) {
    check(`${what} of a trace`, value, 0, RECORDS_MAX);
  }
  check("hand_every of a trace", hand_every, 1, RECORDS_MAX);
  memory.writeConfig(Config.TRACE_BATCHES, BigInt(batches_max));
  memory.writeConfig(Config.TRACE_HANDS, BigInt(hands_max));
  memory.writeConfig(Config.TRACE_HAND_EVERY, BigInt(hand_every));
  memory.writeConfig(Config.TIMELINE_EVENTS, BigInt(events_max));
}

const NO_TRACE: TraceRequest = { batches_max: 0, hands_max: 0, hand_every: 1 };

const low = (word: bigint): number => Number(word & 0xffff_ffffn);
const high = (word: bigint): number => Number(word >> 32n);
const ns = (ps: bigint): number => Number(ps / 1000n);

export function readTrace(memory: EngineMemory, spec: RunSpec<WorkloadType>): Trace {
  const { batches_max, hands_max, events_max = 0 } = spec.trace ?? NO_TRACE;
  const batches_seen = Number(memory.metric(Metric.TRACED_BATCHES));
  const hands_seen = Number(memory.metric(Metric.TRACED_HANDS));
  const kept = Math.min(batches_seen, batches_max);
  const words = memory.regionWords(Region.TRACE, 0, kept * BATCH_WORDS);
  const batches = Array.from({ length: kept }, (_, i) => {
    const [start, duration, counts, rest] = words.subarray(i * BATCH_WORDS);
    return {
      start_ns: ns(start!),
      duration_ns: ns(duration!),
      invoked: low(counts!),
      ready: high(counts!),
      limit: low(rest!),
      softirq: (high(rest!) & 1) !== 0,
      cpu: high(rest!) >> 1,
    };
  });
  const sampled = Math.min(hands_seen, hands_max);
  const first = batches_max * BATCH_WORDS;
  const samples = memory.regionWords(Region.TRACE, first, sampled * HAND_WORDS);
  const hands = Array.from({ length: sampled }, (_, i) => {
    const [time, counts] = samples.subarray(i * HAND_WORDS);
    return { time_ns: ns(time!), handed: low(counts!), back: high(counts!) };
  });
  return {
    batches,
    hands,
    batches_lost: batches_seen - kept,
    hands_lost: hands_seen - sampled,
    ...(events_max === 0 ? {} : { timeline: readTimeline(memory, spec, events_max) }),
  };
}
