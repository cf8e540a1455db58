// The records of a timeline as events: assembly/abi/timeline.ts read the other way round.

import { Span, TimelineKind, TimelineRecord } from "../../assembly/abi/timeline.ts";
import type { SpanName, SpanOperation, Timeline, TimelineEvent } from "../api/timeline.ts";
import { STALL_KINDS } from "../engine/stalls.ts";
import { OPS, wordOf } from "../litmus/words.ts";

const RECORD_WORDS = TimelineRecord.BYTES / 8;

type SpanNumber = Exclude<Span, Span.COUNT>;

const SPANS: Readonly<Record<SpanNumber, readonly [SpanOperation, SpanName]>> = {
  [Span.EXIT_MMAP]: ["exit_mmap", "exit_mmap"],
  [Span.UNMAP_VMAS]: ["exit_mmap", "unmap_vmas"],
  [Span.FREE_PGTABLES]: ["exit_mmap", "free_pgtables"],
  [Span.TLB_FINISH]: ["exit_mmap", "tlb_finish_mmu"],
  [Span.REMOVAL_LOOP]: ["exit_mmap", "removal loop"],
  [Span.FINAL_DRAIN]: ["exit_mmap", "final drain"],
  [Span.MT_DESTROY]: ["exit_mmap", "mt_destroy"],
  [Span.MUNMAP]: ["munmap", "munmap"],
  [Span.MUNMAP_GATHER]: ["munmap", "gather"],
  [Span.MUNMAP_CLEAR_RANGE]: ["munmap", "clear range"],
  [Span.MUNMAP_UNMAP]: ["munmap", "unmap, tables"],
  [Span.MUNMAP_LOOP]: ["munmap", "removal loop"],
  [Span.MUNMAP_DRAIN]: ["munmap", "final drain"],
  [Span.MUNMAP_MT_DESTROY]: ["munmap", "mt_destroy"],
  [Span.WAIT]: ["wait4", "wait4"],
  [Span.DO_EXIT]: ["do_exit", "do_exit"],
  [Span.PURGE]: ["purge", "__purge_vmap_area_lazy"],
  [Span.PURGE_NODE]: ["purge", "purge_vmap_node"],
  [Span.DIRECT_RECLAIM]: ["reclaim", "direct reclaim"],
  [Span.OOM_KILL]: ["reclaim", "out_of_memory"],
};

const low = (word: bigint): number => Number(word & 0xffff_ffffn);
const high = (word: bigint): number => Number(word >> 32n);
const ns = (ps: bigint): number => Number(ps / 1000n);

/** Number of records. */
export function timelineLength({ words }: Timeline): number {
  return words.length / RECORD_WORDS;
}

/** The record of this number, from 0. */
export function timelineEvent({ words }: Timeline, index: number): TimelineEvent {
  const first = index * RECORD_WORDS;
  const head = words[first + 2]!;
  const [start_ns, end_ns] = [ns(words[first]!), ns(words[first + 1]!)];
  const [a, b] = [low(words[first + 3]!), high(words[first + 3]!)];
  const [c, d] = [low(words[first + 4]!), high(words[first + 4]!)];
  const kind: TimelineKind = Number(head & 0xffn);
  const detail = Number((head >> 8n) & 0xffn);
  const cpu = Number((head >> 16n) & 0xffffn);
  const task = high(head);
  const by = task === 0 ? {} : { task };
  switch (kind) {
    case TimelineKind.SWITCH:
      return { kind: "switch", cpu, time_ns: start_ns, ...by };
    case TimelineKind.TICK:
      return { kind: "tick", cpu, start_ns, end_ns };
    case TimelineKind.SOFTIRQ:
      return { kind: "softirq", cpu, start_ns, end_ns };
    case TimelineKind.BATCH: {
      const counts = { invoked: a, ready: b, limit: c, callbacks_of_cpu: d };
      return { kind: "batch", cpu, start_ns, end_ns, ...by, ...counts, counted: detail > 1 };
    }
    case TimelineKind.GRACE_PERIOD:
      return { kind: "grace period", start_ns, end_ns, expedited: detail !== 0, number: a };
    case TimelineKind.SPAN: {
      const [operation, name] = SPANS[detail as SpanNumber];
      return { kind: "span", operation, name, start_ns, end_ns, task, subject: a };
    }
    case TimelineKind.OPERATION:
      return { kind: "operation", name: wordOf(OPS, detail), task, start_ns, end_ns };
    case TimelineKind.STALL:
      return { kind: "stall", time_ns: start_ns, cpu, stall: STALL_KINDS[detail]!, jiffies: a };
    default:
      return {
        kind: "counters",
        time_ns: start_ns,
        dead_vmas: a,
        callbacks_queued: b,
        free_pages: c,
      };
  }
}

/** All events of a timeline, in the order in which they ended. */
export function* timelineEvents(timeline: Timeline): Generator<TimelineEvent> {
  const length = timelineLength(timeline);
  for (let index = 0; index < length; index++) yield timelineEvent(timeline, index);
}
