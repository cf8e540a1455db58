// What the event queue promises, one promise a test.

import { beforeEach, describe, expect, it } from "vitest";
import {
  COMPACTIONS_WORD,
  loadQueue,
  NEVER,
  QUEUE,
  RENUMBERINGS_WORD,
  SEQUENCE_WORD,
  SLOTS_WORD,
  topTime,
} from "./queue-room.ts";

const room = loadQueue();
const word = (index: number): number => new Uint32Array(room.memory.buffer)[index]!;

function popAll(): number[] {
  const payloads: number[] = [];
  while (room.queueSize(QUEUE) > 0) payloads.push(room.queuePop(QUEUE));
  return payloads;
}

beforeEach(() => room.queueInit(QUEUE, 64));

describe("order", () => {
  it("is time, then priority, then order of insertion", () => {
    const events: [bigint, number][] = [
      [20n, 0],
      [10n, 3],
      [10n, 1],
      [10n, 3],
      [10n, 1],
      [0n, 255],
    ];
    events.forEach(([time, priority], payload) => {
      room.queuePush(QUEUE, time, priority, payload);
    });
    expect(popAll()).toEqual([5, 2, 4, 1, 3, 0]);
  });

  it("puts a re-armed event behind those that are already there", () => {
    const first = room.queuePush(QUEUE, 5n, 1, 1);
    room.queuePush(QUEUE, 5n, 1, 2);
    expect(room.queueRearm(QUEUE, first, 5n, 1)).toBe(1);
    expect(popAll()).toEqual([2, 1]);
  });

  it("compares times as unsigned 64-bit numbers", () => {
    room.queuePush(QUEUE, NEVER - 1n, 0, 1);
    room.queuePush(QUEUE, 2n ** 63n, 0, 2);
    room.queuePush(QUEUE, 2n ** 32n, 0, 3);
    room.queuePush(QUEUE, 2n ** 32n - 1n, 0, 4);
    expect(popAll()).toEqual([4, 3, 2, 1]);
  });
});

describe("an empty queue", () => {
  it("says never, and lowest priority", () => {
    expect([topTime(room), room.queueTopPriority(QUEUE), room.queueSize(QUEUE)]).toEqual([
      NEVER,
      255,
      0,
    ]);
  });

  it("says never again after its only event was cancelled or popped", () => {
    room.queueCancel(QUEUE, room.queuePush(QUEUE, 1n, 0, 1));
    expect(topTime(room)).toBe(NEVER);
    room.queuePush(QUEUE, 1n, 0, 1);
    room.queuePop(QUEUE);
    expect(topTime(room)).toBe(NEVER);
  });

  it("traps on pop and on a look at the payload", () => {
    expect(() => room.queuePop(QUEUE)).toThrow(/queue\.ts/);
    expect(() => room.queueTopPayload(QUEUE)).toThrow(/queue\.ts/);
  });
});

describe("limits", () => {
  it("answers 0 when full, and takes events again after one went", () => {
    for (let i = 0; i < 64; i++) expect(room.queuePush(QUEUE, 1n, 0, i)).not.toBe(0);
    expect(room.queuePush(QUEUE, 1n, 0, 99)).toBe(0);
    room.queuePop(QUEUE);
    expect(room.queuePush(QUEUE, 1n, 0, 99)).not.toBe(0);
  });

  it("refuses the time that means never, priorities above 255 and crooked addresses", () => {
    expect(() => room.queuePush(QUEUE, NEVER, 0, 1)).toThrow(/assert/);
    room.queueInit(QUEUE, 64);
    expect(() => room.queuePush(QUEUE, 0n, 256, 1)).toThrow(/assert/);
    expect(() => room.queueInit(QUEUE + 8, 64)).toThrow(/assert/);
    expect(() => room.queueInit(QUEUE, 0)).toThrow(/assert/);
    expect(() => room.queueInit(QUEUE, 2 ** 24 + 1)).toThrow(/assert/);
  });

  it.each([1, 2, 3, 48, 64])("stay within the planned bytes, %i events", (capacity) => {
    room.queueInit(QUEUE, capacity);
    const behind = QUEUE + Number(room.queueBytes(capacity));
    const bytes = new Uint8Array(room.memory.buffer, behind, 1024).fill(0xa5);
    const handles = Array.from({ length: capacity }, (_, i) =>
      room.queuePush(QUEUE, BigInt(i), 0, i),
    );
    for (let i = 0; i < 10 * capacity; i++) {
      room.queueRearm(QUEUE, handles[i % capacity]!, BigInt(i % 7), 0);
    }
    expect(bytes.every((byte) => byte === 0xa5)).toBe(true);
  });

  it("plans its bytes in 64 bits", () => {
    expect(room.queueBytes(1)).toBe(128n);
    expect(room.queueBytes(2 ** 24)).toBe(48n + 2n ** 24n * 48n + 16n);
  });
});

describe("handles", () => {
  it("are stale as soon as the event is over, also when the slot is reused", () => {
    room.queueInit(QUEUE, 1);
    const old = room.queuePush(QUEUE, 1n, 0, 1);
    room.queuePop(QUEUE);
    const young = room.queuePush(QUEUE, 1n, 0, 2);
    expect(young).not.toBe(old);
    expect(room.queueCancel(QUEUE, old)).toBe(0);
    expect(room.queueHolds(QUEUE, young)).toBe(1);
  });

  it("are different for 100,000 lives of one slot", () => {
    room.queueInit(QUEUE, 1);
    const seen = new Set<number>();
    for (let i = 0; i < 100_000; i++) {
      seen.add(room.queuePush(QUEUE, 1n, 0, 1));
      room.queuePop(QUEUE);
    }
    expect(seen.size).toBe(100_000);
    expect(seen.has(0)).toBe(false);
  });

  it("that nobody ever got are refused", () => {
    for (const handle of [0, 1, 63, 64, 0xffffffff]) {
      expect(room.queueCancel(QUEUE, handle)).toBe(0);
    }
  });

  it("of the slot behind the last one are refused, whatever lies there", () => {
    room.queueInit(QUEUE, 3);
    const [sequence, generation] = [0, 1]; // as of a slot that lives for the first time
    new Uint32Array(room.memory.buffer).set([sequence, generation], word(SLOTS_WORD) / 4 + 3 * 4);
    expect(room.queueHolds(QUEUE, (generation << 2) | 3)).toBe(0);
  });

  it("come from the slot that is free for the longest time", () => {
    room.queueInit(QUEUE, 4);
    const slots = Array.from({ length: 8 }, () => {
      const handle = room.queuePush(QUEUE, 1n, 0, 1);
      room.queueCancel(QUEUE, handle);
      return handle & 3;
    });
    expect(slots).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });

  it("of one slot begin again after 2^16 - 1 lives, where a slot has 16 bits, and none is 0", () => {
    const large = loadQueue("release", 60);
    large.queueInit(QUEUE, 2 ** 16);
    const first = large.queuePush(QUEUE, 1n, 0, 0);
    for (let i = 1; i < 2 ** 16; i++) large.queuePush(QUEUE, 2n, 0, i);
    const lives = new Set<number>();
    for (let life = 1, handle = first; life < 2 ** 16; life++) {
      lives.add(handle);
      large.queueCancel(QUEUE, handle);
      handle = large.queuePush(QUEUE, 1n, 0, 0);
      if (life === 2 ** 16 - 1) expect(handle).toBe(first);
    }
    expect(lives.size).toBe(2 ** 16 - 1);
    expect(lives.has(0)).toBe(false);
  });
});

describe("stale entries", () => {
  it("are dropped in bulk: a million re-arms of a tick do not fill the heap", () => {
    const tick = room.queuePush(QUEUE, 100n, 0, 1);
    room.queuePush(QUEUE, 1n, 0, 2);
    for (let i = 0; i < 1_000_000; i++) room.queueRearm(QUEUE, tick, BigInt(1000 + i), 0);
    expect(room.queueAudit(QUEUE)).toBeLessThanOrEqual(2 + 32);
    expect(word(COMPACTIONS_WORD)).toBeGreaterThan(1000);
    expect(popAll()).toEqual([2, 1]);
  });

  it("are not made when the first event is re-armed", () => {
    const tick = room.queuePush(QUEUE, 100n, 0, 1);
    room.queuePush(QUEUE, 5_000_000n, 0, 2);
    for (let i = 0; i < 1000; i++) room.queueRearm(QUEUE, tick, BigInt(1000 + i), 0);
    expect(room.queueAudit(QUEUE)).toBe(0);
  });
});

describe("sequence numbers", () => {
  it("start again without changing the order of ties", () => {
    new Uint32Array(room.memory.buffer)[SEQUENCE_WORD] = 0xffffffff - 10;
    for (let i = 0; i < 40; i++) room.queuePush(QUEUE, BigInt(i % 2), 7, i);
    expect(word(RENUMBERINGS_WORD)).toBe(1);
    const even = Array.from({ length: 20 }, (_, i) => 2 * i);
    expect(popAll()).toEqual([...even, ...even.map((i) => i + 1)]);
  });

  it("start again without changing the order of what lies in the heap", () => {
    // 32 events fit the front: two thirds of them lie behind it
    room.queueInit(QUEUE, 256);
    for (let i = 0; i < 100; i++) room.queuePush(QUEUE, BigInt(i % 3), 7, i);
    new Uint32Array(room.memory.buffer)[SEQUENCE_WORD] = 0xffffffff;
    room.queuePush(QUEUE, 1n, 7, 100);
    expect(word(RENUMBERINGS_WORD)).toBe(1);
    const of = (third: number) =>
      Array.from({ length: 101 }, (_, i) => i).filter((i) => i % 3 === third);
    room.queueAudit(QUEUE);
    expect(popAll()).toEqual([...of(0), ...of(1), ...of(2)]); // the last one behind its equals
  });
});

describe("the hold model", () => {
  it("keeps size and order over 200,000 events", () => {
    const state = room.holdFill(QUEUE, 500, 2463534242);
    room.holdRun(QUEUE, 200_000, state);
    expect(room.queueSize(QUEUE)).toBe(500);
    room.queueAudit(QUEUE);
    let last = 0n;
    while (room.queueSize(QUEUE) > 0) {
      expect(topTime(room) >= last).toBe(true);
      last = topTime(room);
      room.queuePop(QUEUE);
    }
  });
});
