// The segmented callback list: DONE | WAIT | NEXT_READY | NEXT, against four plain arrays.
// FC_SEED and FC_PATH of a failure's report replay it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions, TARGETS, type Target } from "../queue/load.ts";
import { DONE, loadRcu, NEXT, NEXT_READY, type RcuRoom, WAIT } from "./rcu-room.ts";
import { PlainList } from "./segcblist-oracle.ts";

const LIST = 0x10000;
const RECORDS = 0x20000;

/** One list under test; callbacks are letters or numbers to the tests, 32-byte records to the list. */
class List {
  readonly rcu: RcuRoom;

  constructor(target: Target = "release") {
    this.rcu = loadRcu(target);
    this.rcu.listInit(LIST);
  }

  #record(callback: number): number {
    return RECORDS + callback * 32;
  }

  enqueue(callback: number): void {
    this.rcu.enqueue(LIST, this.#record(callback));
  }

  entrain(callback: number): boolean {
    return this.rcu.entrain(LIST, this.#record(callback)) !== 0;
  }

  advance(seq: bigint): void {
    this.rcu.advance(LIST, seq);
  }

  accelerate(seq: bigint): boolean {
    return this.rcu.accelerate(LIST, seq) !== 0;
  }

  /** Takes DONE out; answers its callbacks and leaves them linked. */
  extract(): number[] {
    const taken = this.#chain(this.rcu.extractDone(LIST));
    if (taken.length > 0) expect(this.rcu.extractedLast()).toBe(this.#record(taken.at(-1)!));
    return taken;
  }

  /** Puts the rest of what `extract` took back. */
  insert(rest: readonly number[]): void {
    if (rest.length === 0) return;
    this.rcu.insertDone(LIST, this.#record(rest[0]!), this.#record(rest.at(-1)!), rest.length);
  }

  #chain(first: number): number[] {
    const words = new Uint32Array(this.rcu.memory.buffer);
    const callbacks: number[] = [];
    for (let at = first; at !== 0; at = words[at / 4]!) callbacks.push((at - RECORDS) / 32);
    return callbacks;
  }

  /** Cuts the one chain by the lengths of the segments. */
  get segments(): number[][] {
    const chain = this.#chain(this.rcu.firstCallback(LIST));
    const cut = [DONE, WAIT, NEXT_READY, NEXT].map((segment) =>
      chain.splice(0, this.rcu.segmentLength(LIST, segment)),
    );
    expect(chain).toEqual([]); // the lengths cover the chain
    return cut;
  }

  get length(): number {
    return this.rcu.listLength(LIST);
  }

  /** "AB|C@16|D" with DONE first; numbers on what waits. */
  get picture(): string {
    const letters = (callbacks: readonly number[]) =>
      callbacks.map((callback) => String.fromCharCode(65 + callback)).join("");
    return this.segments
      .map((callbacks, segment) => {
        const numbered = callbacks.length > 0 && (segment === WAIT || segment === NEXT_READY);
        return letters(callbacks) + (numbered ? `@${this.rcu.segmentSeq(LIST, segment)}` : "");
      })
      .join("|");
  }
}

const [A, B, C, D, E] = [0, 1, 2, 3, 4] as const;

describe.each(TARGETS)("a callback's way through the %s list", (target) => {
  it("waits in NEXT, gets a number, and is done when that grace period ends", () => {
    const list = new List(target);
    list.enqueue(A);
    list.enqueue(B);
    expect(list.picture).toBe("|||AB");
    expect(list.accelerate(12n)).toBe(true);
    expect(list.picture).toBe("|AB@12||");
    list.enqueue(C);
    expect(list.accelerate(16n)).toBe(true);
    expect(list.picture).toBe("|AB@12|C@16|");
    list.enqueue(D);
    expect(list.accelerate(16n)).toBe(true); // D shares C's grace period
    expect(list.picture).toBe("|AB@12|CD@16|");
    list.enqueue(E);
    expect(list.accelerate(20n)).toBe(false); // no segment is free for a third number
    expect(list.picture).toBe("|AB@12|CD@16|E");
    list.advance(12n);
    expect(list.picture).toBe("AB|CD@16||E");
    expect(list.length).toBe(5);
  });

  it("lets a later callback join an earlier one that waits for the same grace period", () => {
    const list = new List(target);
    list.enqueue(A);
    list.accelerate(16n); // asked while grace period 9 ran
    list.enqueue(B);
    list.accelerate(16n); // asked when it had ended: the same next one
    expect(list.picture).toBe("|AB@16||");
  });

  it("does nothing before a grace period it waits for has ended", () => {
    const list = new List(target);
    list.enqueue(A);
    list.advance(100n); // no number yet
    expect(list.picture).toBe("|||A");
    list.accelerate(12n);
    list.advance(11n);
    expect(list.picture).toBe("|A@12||");
    list.advance(16n); // a later one counts too
    expect(list.picture).toBe("A|||");
  });

  it("asks for no grace period when nothing waits for one", () => {
    const list = new List(target);
    expect(list.accelerate(12n)).toBe(false);
    list.enqueue(A);
    list.accelerate(12n);
    list.advance(12n);
    expect(list.accelerate(16n)).toBe(false);
  });

  it("keeps the length until the batch is over, and puts leftovers in front", () => {
    const list = new List(target);
    for (const callback of [A, B, C]) list.enqueue(callback);
    list.accelerate(12n);
    list.advance(12n);
    expect(list.extract()).toEqual([A, B, C]);
    expect(list.length).toBe(3);
    list.enqueue(D);
    list.accelerate(16n);
    list.advance(16n);
    list.insert([B, C]); // A has run
    list.rcu.subtractLength(LIST, 1);
    expect(list.picture).toBe("BCD|||");
    expect(list.length).toBe(3);
  });

  it("puts leftovers back into an empty list", () => {
    const list = new List(target);
    list.enqueue(A);
    list.enqueue(B);
    list.accelerate(12n);
    list.advance(12n);
    list.extract();
    list.insert([B]);
    list.rcu.subtractLength(LIST, 1);
    list.enqueue(C);
    expect(list.picture).toBe("B|||C");
  });

  it("hangs a barrier behind the last callback that still waits", () => {
    const list = new List(target);
    expect(list.entrain(A)).toBe(false); // nothing to wait for
    list.enqueue(A);
    list.accelerate(12n);
    expect(list.entrain(B)).toBe(true);
    expect(list.picture).toBe("|AB@12||");
    list.advance(12n);
    expect(list.entrain(C)).toBe(true); // all done: it joins DONE
    expect(list.picture).toBe("ABC|||");
    list.enqueue(D);
    expect(list.entrain(E)).toBe(true);
    expect(list.picture).toBe("ABC|||DE");
    expect(list.length).toBe(5);
  });

  it("traps when more callbacks leave than were queued", () => {
    const list = new List(target);
    list.enqueue(A);
    expect(() => list.rcu.subtractLength(LIST, 2)).toThrow(/segcblist\.ts/);
  });
});

type Step =
  | { readonly do: "enqueue" | "entrain" | "start-gp" | "end-gp" | "advance" | "accelerate" }
  | { readonly do: "batch"; readonly limit: number; readonly meanwhile: number };

const simple = fc.constantFrom(
  ...(["enqueue", "entrain", "start-gp", "end-gp", "advance", "accelerate"] as const),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: simple.map((name) => ({ do: name })) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("batch" as const),
      limit: fc.nat(6),
      meanwhile: fc.nat(3),
    }),
  },
);

/** Both lists and the grace periods around them. */
class Pair {
  readonly list = new List();
  readonly plain = new PlainList();
  #seq = 8n;
  #made = 0;

  get #snap(): bigint {
    return (this.#seq + 7n) & ~3n;
  }

  take(next: Step): void {
    if (next.do === "enqueue") {
      this.list.enqueue(this.#made);
      this.plain.enqueue(this.#made++);
    } else if (next.do === "entrain") {
      expect(this.list.entrain(this.#made)).toBe(this.plain.entrain(this.#made));
      this.#made++;
    } else if (next.do === "start-gp") this.#seq |= 1n;
    else if (next.do === "end-gp") this.#seq = (this.#seq | 3n) + 1n;
    else if (next.do === "advance") {
      this.list.advance(this.#seq);
      this.plain.advance(this.#seq);
    } else if (next.do === "accelerate") {
      expect(this.list.accelerate(this.#snap)).toBe(this.plain.accelerate(this.#snap));
    } else if (next.do === "batch") this.#batch(next.limit, next.meanwhile);
    this.compare();
  }

  #batch(limit: number, meanwhile: number): void {
    const taken = this.list.extract();
    expect(taken).toEqual(this.plain.extract());
    for (let i = 0; i < meanwhile; i++) this.take({ do: "enqueue" });
    const rest = taken.slice(limit);
    this.list.insert(rest);
    this.plain.insert(rest);
    const invoked = taken.length - rest.length;
    this.list.rcu.subtractLength(LIST, invoked);
    this.plain.length -= invoked;
  }

  compare(): void {
    const { rcu } = this.list;
    const expected = this.plain.segments.map(({ callbacks }) => callbacks);
    expect(this.list.segments).toEqual(expected);
    expect(this.list.length).toBe(this.plain.length);
    for (const at of [WAIT, NEXT_READY]) {
      if (expected[at]!.length > 0)
        expect(rcu.segmentSeq(LIST, at)).toBe(this.plain.segments[at]!.seq);
    }
    expect(rcu.readyCallbacks(LIST) !== 0).toBe(expected[DONE]!.length > 0);
    const waiting = expected.slice(1).flat();
    expect(rcu.pendingCallbacks(LIST) !== 0).toBe(waiting.length > 0);
    expect(rcu.firstPending(LIST)).toBe(waiting.length > 0 ? RECORDS + waiting[0]! * 32 : 0);
    expect(rcu.restEmpty(LIST, NEXT_READY) !== 0).toBe(expected[NEXT]!.length === 0);
  }
}

describe("the list and four plain arrays", () => {
  it("agree after any steps", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const pair = new Pair();
        for (const next of steps) pair.take(next);
      }),
      propertyOptions(150),
    );
  });
});
