// Grace-period sequence numbers: two bits of state, the rest a counter, all on a circle of 2^64.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { loadRcu } from "./rcu-room.ts";

const rcu = loadRcu();
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const snap = (seq: bigint): bigint => u64(rcu.seqSnap(seq));
const end = (seq: bigint): bigint => u64(rcu.seqEnd(seq));

describe("sequence numbers", () => {
  it("promise a full grace period: the running one does not count", () => {
    expect(snap(8n)).toBe(12n); // idle: the next one is the first
    expect(snap(9n)).toBe(16n); // running: the one after it
    expect(end(9n)).toBe(12n);
    expect(u64(rcu.seqStart(8n))).toBe(9n);
  });

  it("boot 300 grace periods before the wrap, so that wrap bugs show", () => {
    expect(u64(rcu.SEQ_AT_BOOT.value)).toBe(2n ** 64n - 1200n);
    let seq = u64(rcu.SEQ_AT_BOOT.value);
    for (let gp = 0; gp < 600; gp++) {
      const wanted = snap(seq);
      seq = u64(rcu.seqStart(seq));
      expect(rcu.seqDone(seq, wanted)).toBe(0);
      seq = end(seq);
      expect(rcu.seqDone(seq, wanted)).toBe(1);
    }
    expect(seq).toBe(1200n);
  });

  it("tell a begun grace period from an ended one", () => {
    expect(rcu.seqStarted(8n, 12n)).toBe(0);
    expect(rcu.seqStarted(9n, 12n)).toBe(1);
    expect(rcu.seqStarted(9n, 16n)).toBe(0);
    expect(rcu.seqNewGp(8n, 9n)).toBe(1);
    expect(rcu.seqNewGp(9n, 9n)).toBe(0);
    expect(rcu.seqNewGp(9n, 12n)).toBe(0);
    expect(rcu.seqNewGp(9n, 13n)).toBe(1);
    expect(rcu.seqCompletedGp(8n, 9n)).toBe(0);
    expect(rcu.seqCompletedGp(9n, 12n)).toBe(1);
    expect(rcu.seqCompletedGp(9n, 13n)).toBe(1);
  });

  it("keep the promise from any moment, across the wrap too", () => {
    const moment = fc.record({ counter: fc.bigInt(-400n, 400n), running: fc.boolean() });
    fc.assert(
      fc.property(moment, ({ counter, running }) => {
        let seq = u64((counter << 2n) + (running ? 1n : 0n));
        const wanted = snap(seq);
        let full = 0;
        if (running) seq = end(seq);
        while (rcu.seqDone(seq, wanted) === 0 && full < 3) {
          seq = end(u64(rcu.seqStart(seq)));
          full++;
        }
        expect(full).toBe(1);
      }),
      propertyOptions(500),
    );
  });
});
