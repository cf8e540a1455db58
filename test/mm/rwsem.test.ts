// mmap_lock against the plainest model of a fair lock: a list of those inside and a queue.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { BLOCKED, type MmRoom, smallWorld } from "./mm-room.ts";

const THREADS = 6;
type Kind = "read" | "write";

class Plain {
  readonly readers = new Set<number>();
  writer: number | undefined;
  queue: { who: number; kind: Kind; killable: boolean }[] = [];
  readonly interrupted = new Set<number>();

  holds(who: number): Kind | undefined {
    if (this.writer === who) return "write";
    return this.readers.has(who) ? "read" : undefined;
  }

  waits(who: number): boolean {
    return this.queue.some((one) => one.who === who);
  }

  lock(who: number, kind: Kind, killable: boolean): void {
    const free = this.writer === undefined && this.queue.length === 0;
    if (free && (kind === "read" || this.readers.size === 0)) this.#enter(who, kind);
    else this.queue.push({ who, kind, killable });
  }

  unlock(who: number): void {
    if (this.writer === who) this.writer = undefined;
    else this.readers.delete(who);
    if (this.readers.size === 0) this.#letIn();
  }

  downgrade(who: number): void {
    this.writer = undefined;
    this.readers.add(who);
    if (this.queue[0]?.kind === "read") this.#readersIn();
  }

  kill(who: number): void {
    if (!this.queue.some((one) => one.who === who && one.killable)) return;
    this.queue = this.queue.filter((one) => one.who !== who);
    this.interrupted.add(who);
    if (this.writer !== undefined) return;
    if (this.readers.size === 0) this.#letIn();
    else if (this.queue[0]?.kind === "read") this.#readersIn();
  }

  #enter(who: number, kind: Kind): void {
    if (kind === "read") this.readers.add(who);
    else this.writer = who;
  }

  #letIn(): void {
    const first = this.queue[0];
    if (first === undefined) return;
    if (first.kind === "read") this.#readersIn();
    else {
      this.queue.shift();
      this.writer = first.who;
    }
  }

  #readersIn(): void {
    for (const { who, kind } of this.queue) if (kind === "read") this.readers.add(who);
    this.queue = this.queue.filter(({ kind }) => kind === "write");
  }
}

const action = fc.record({
  who: fc.nat(THREADS - 1),
  what: fc.constantFrom("read", "write", "release", "release", "downgrade", "kill", "try"),
  killable: fc.boolean(),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

class Both {
  readonly plain = new Plain();
  readonly world = smallWorld(1, THREADS);
  /** What a thread was asking for when it was put to sleep. */
  readonly #asked = new Map<number, Kind>();

  take({ who, what, killable }: Action): void {
    const { room, actors, mm } = this.world;
    const actor = actors[who]!;
    const held = this.plain.holds(who);
    if (what === "kill") {
      room.killActor(who);
      this.plain.kill(who);
      this.#resume(room, who);
      // a thread is killed once: it does not ask again
      this.plain.interrupted.add(who);
    } else if (this.plain.waits(who)) return;
    else if (what === "try") {
      if (held !== undefined) return;
      const free = this.plain.writer === undefined && this.plain.queue.length === 0;
      expect(room.mmapReadTrylock(mm) !== 0).toBe(free);
      if (free) this.plain.readers.add(who);
    } else if (what === "release") {
      if (held === undefined) return;
      if (held === "write") room.mmapWriteUnlock(actor, mm);
      else room.mmapReadUnlock(mm);
      this.plain.unlock(who);
    } else if (what === "downgrade") {
      if (held !== "write") return;
      room.mmapDowngrade(actor, mm);
      this.plain.downgrade(who);
    } else if (held === undefined && !this.plain.interrupted.has(who)) {
      const lock = what === "read" ? room.mmapReadLock : room.mmapWriteLock;
      const got = lock(actor, mm, killable ? 1 : 0) !== 0;
      this.plain.lock(who, what as Kind, killable);
      expect(got).toBe(this.plain.holds(who) !== undefined);
      if (!got) this.#asked.set(who, what as Kind);
    }
    this.#wakeAll();
    expect(room.mmReaders(0)).toBe(this.plain.readers.size);
    expect(room.mmWriter(0)).toBe(this.plain.writer === undefined ? 0 : this.plain.writer + 1);
  }

  #wakeAll(): void {
    for (const who of this.#asked.keys()) this.#resume(this.world.room, who);
  }

  #resume(room: MmRoom, who: number): void {
    const kind = this.#asked.get(who);
    const asleep = room.actorState(who) === BLOCKED;
    expect(asleep).toBe(this.plain.waits(who));
    if (kind === undefined || asleep) return;
    this.#asked.delete(who);
    const { actors, mm } = this.world;
    const lock = kind === "read" ? room.mmapReadLock : room.mmapWriteLock;
    expect(lock(actors[who]!, mm, 1)).toBe(1);
  }
}

describe("mmap_lock", () => {
  it("lets in whom a plain fair lock lets in", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (script) => {
        const both = new Both();
        for (const one of script) both.take(one);
      }),
      propertyOptions(300),
    );
  });

  it("lets all waiting readers in together, past the writer between them", () => {
    const both = new Both();
    const step = (who: number, what: Action["what"]) => both.take({ who, what, killable: false });
    step(0, "write");
    step(1, "read");
    step(2, "write");
    step(3, "read");
    step(0, "release");
    expect([...both.plain.readers]).toEqual([1, 3]);
    expect(both.world.room.mmReaders(0)).toBe(2);
    step(1, "release");
    step(3, "release");
    expect(both.world.room.mmWriter(0)).toBe(3);
  });

  it("lets in 256 readers at a time, and the rest when those have left", () => {
    const THRONG = 300;
    const { room, actors, mm } = smallWorld(1, THRONG + 1);
    const [writer, ...readers] = actors;
    expect(room.mmapWriteLock(writer!, mm, 0)).toBe(1);
    for (const reader of readers) expect(room.mmapReadLock(reader, mm, 0)).toBe(0);
    room.mmapWriteUnlock(writer!, mm);
    expect(room.mmReaders(0)).toBe(256); // MAX_READERS_WAKEUP
    expect(room.actorState(256)).not.toBe(BLOCKED); // in the order in which they came
    expect(room.actorState(257)).toBe(BLOCKED);
    for (let left = 0; left < 256; left++) room.mmapReadUnlock(mm);
    expect(room.mmReaders(0)).toBe(THRONG - 256);
  });

  it("is not waited for by a thread that is dying, if it may be killed; a free one it takes", () => {
    const { room, actors, mm } = smallWorld(1, 2);
    const [writer, dying] = actors;
    room.killActor(1);
    expect(room.mmapReadLock(dying!, mm, 1)).toBe(1);
    expect(room.mmReaders(0)).toBe(1);
    room.mmapReadUnlock(mm);
    expect(room.mmapWriteLock(writer!, mm, 0)).toBe(1);
    expect(room.mmapReadLock(dying!, mm, 1)).toBe(1); // with EINTR
    expect(room.mmReaders(0)).toBe(0);
    expect(room.actorState(1)).not.toBe(BLOCKED);
    expect(room.mmapReadLock(dying!, mm, 0)).toBe(0); // exit_mmap, say
    expect(room.actorState(1)).toBe(BLOCKED);
  });

  it("lets readers go in beside one another when the writer before them is killed", () => {
    const both = new Both();
    const step = (who: number, what: Action["what"]) => both.take({ who, what, killable: true });
    step(0, "read");
    step(1, "write"); // waits for 0
    step(2, "read"); // waits behind 1
    step(3, "write");
    step(4, "read");
    step(1, "kill");
    expect(both.world.room.mmReaders(0)).toBe(3);
    step(0, "release");
    step(2, "release");
    step(4, "release");
    expect(both.world.room.mmWriter(0)).toBe(4);
  });
});
