// What a run records besides its figures, where the configuration asks for it: every batch of
// callbacks, and how many VMAs were handed over and are back, at every n-th hand-over. These are
// the series that measured kernels were traced with, so that the two can be laid over each other.
// Memory for it is planned; what does not fit is counted, not kept.

import { Config } from "../abi/config";
import { Metric, Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { addMetric, config, metric } from "../memory/slots";
import { timelineCounters } from "./timeline";

//  0       8          16     20      24      28
//  ┌───────┬──────────┬──────┬───────┬───────┬─────────┐
//  │ start │ duration │ done │ ready │ limit │ context │  a batch; context: bit 0 softirq, then CPU
//  └───────┴──────────┴──────┴───────┴───────┴─────────┘
//  0      8        12
//  ┌──────┬────────┬──────┐
//  │ time │ handed │ back │     a sample
//  └──────┴────────┴──────┘
const BATCH_BYTES: u64 = 32;
const HAND_BYTES: u64 = 16;

export function traceBytes(): u64 {
  return config(Config.TRACE_BATCHES) * BATCH_BYTES + config(Config.TRACE_HANDS) * HAND_BYTES;
}

/** Hand-overs so far, and at how many the next sample is due; never without a trace. */
let handed: u64 = 0;
let sampleAt: u64 = u64.MAX_VALUE;

export function traceInit(): void {
  handed = 0;
  const sampled = config(Config.TRACE_HANDS) + config(Config.TIMELINE_EVENTS) != 0;
  sampleAt = sampled ? config(Config.TRACE_HAND_EVERY) : u64.MAX_VALUE;
}

export function traceBatch(
  start: u64,
  duration: u64,
  done: u32,
  ready: u32,
  limit: u32,
  context: u32,
): void {
  if (config(Config.TRACE_BATCHES) == 0) return;
  const number = metric(Metric.TRACED_BATCHES);
  addMetric(Metric.TRACED_BATCHES, 1);
  if (number >= config(Config.TRACE_BATCHES)) return;
  const at = regionBase(Region.TRACE) + <usize>(number * BATCH_BYTES);
  store<u64>(at, start);
  store<u64>(at, duration, 8);
  store<u32>(at, done, 16);
  store<u32>(at, ready, 20);
  store<u32>(at, limit, 24);
  store<u32>(at, context, 28);
}

/** A VMA was handed over at `now`; `back` are back in the slab. */
@inline
export function traceHand(now: u64, back: u64): void {
  if (++handed >= sampleAt) sampleHand(now, back);
}

function sampleHand(now: u64, back: u64): void {
  sampleAt += config(Config.TRACE_HAND_EVERY);
  timelineCounters(now);
  if (config(Config.TRACE_HANDS) == 0) return;
  const number = metric(Metric.TRACED_HANDS);
  addMetric(Metric.TRACED_HANDS, 1);
  if (number >= config(Config.TRACE_HANDS)) return;
  const first = regionBase(Region.TRACE) + <usize>(config(Config.TRACE_BATCHES) * BATCH_BYTES);
  const at = first + <usize>(number * HAND_BYTES);
  store<u64>(at, now);
  store<u32>(at, <u32>handed, 8);
  store<u32>(at, <u32>back, 12);
}
