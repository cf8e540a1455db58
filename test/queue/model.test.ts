// The queue against a sorted array: any pushes, pops, cancels and re-arms, with ties everywhere.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions, TARGETS } from "./load.ts";
import { OracleQueue } from "./oracle.ts";
import { loadQueue, NEVER, QUEUE, type QueueRoom, SEQUENCE_WORD, topTime } from "./queue-room.ts";

type Step =
  | { do: "push"; time: bigint; priority: number }
  | { do: "pop" }
  | { do: "cancel"; pick: number }
  | { do: "rearm"; pick: number; time: bigint; priority: number };

// Few different times and priorities, so that nearly everything ties; now and then the extremes.
const time = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt({ min: 0n, max: 5n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 32n, 2n ** 63n, NEVER - 1n) },
);
const priority = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 2 }) },
  { weight: 1, arbitrary: fc.constant(255) },
);
const pick = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("push" as const), time, priority }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pop" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("rearm" as const), pick, time, priority }) },
);

/** Runs the steps on both; every answer must be the same. */
class Pair {
  private readonly oracle = new OracleQueue();
  private readonly over: number[] = [];
  private payload = 0;

  constructor(
    private readonly room: QueueRoom,
    private readonly capacity: number,
  ) {}

  run(one: Step): void {
    const { room, oracle } = this;
    const handles = oracle.handles;
    if (one.do === "push") {
      const handle = room.queuePush(QUEUE, one.time, one.priority, ++this.payload) >>> 0;
      expect(handle !== 0).toBe(oracle.size < this.capacity);
      if (handle !== 0) oracle.push(one.time, one.priority, this.payload, handle);
    } else if (one.do === "pop" && oracle.size > 0) {
      const event = oracle.pop()!;
      expect(room.queueTopPayload(QUEUE)).toBe(event.payload);
      expect(room.queuePop(QUEUE)).toBe(event.payload);
      this.over.push(event.handle);
    } else if (one.do === "cancel" && handles.length > 0) {
      const handle = handles[one.pick % handles.length]!;
      expect(room.queueCancel(QUEUE, handle)).toBe(Number(oracle.cancel(handle)));
      this.over.push(handle);
    } else if (one.do === "rearm" && handles.length > 0) {
      const handle = handles[one.pick % handles.length]!;
      expect(room.queueRearm(QUEUE, handle, one.time, one.priority)).toBe(1);
      oracle.rearm(handle, one.time, one.priority);
    }
    this.compare();
  }

  private compare(): void {
    const { room, oracle } = this;
    const first = oracle.first();
    expect(room.queueSize(QUEUE)).toBe(oracle.size);
    expect(topTime(room)).toBe(first?.time ?? NEVER);
    expect(room.queueTopPriority(QUEUE)).toBe(first?.priority ?? 255);
    for (const handle of oracle.handles) expect(room.queueHolds(QUEUE, handle)).toBe(1);
    const stale = this.over.at(-1);
    if (stale !== undefined) {
      expect(room.queueHolds(QUEUE, stale)).toBe(0);
      expect(room.queueCancel(QUEUE, stale)).toBe(0);
      expect(room.queueRearm(QUEUE, stale, 0n, 0)).toBe(0);
    }
    room.queueAudit(QUEUE);
  }
}

describe.each(TARGETS)("queue against a sorted array (%s)", (target) => {
  const room = loadQueue(target);

  it("gives the same events in the same order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 48 }),
        fc.nat({ max: 60 }),
        fc.array(step, { maxLength: 250, size: "max" }),
        (capacity, before_wrap, steps) => {
          room.queueInit(QUEUE, capacity);
          // Every run passes the end of the 32-bit sequence numbers at another step.
          new Uint32Array(room.memory.buffer)[SEQUENCE_WORD] = 0xffffffff - before_wrap;
          const pair = new Pair(room, capacity);
          for (const one of steps) pair.run(one);
        },
      ),
      propertyOptions(target === "release" ? 300 : 40),
    );
  });
});
