// The VMA lock's number, step by step, as the kernel's own protocol has it.
//
//   0 detached │ 1 attached │ 2.. readers │ SHUT+n a writer waits for n-1 readers │ SHUT detaching

import { describe, expect, it } from "vitest";
import { MmCount } from "../../assembly/abi/mm.ts";
import { BLOCKED, FAILED, LOCKED, PENDING, RUNNABLE, SHUT, smallWorld } from "./mm-room.ts";

const V6_12 = 1;
const V7_2 = 2;
const READER = 0;
const SECOND = 1;
const WRITER = 2;

type World = ReturnType<typeof smallWorld>;

/** A whole look-up by one thread with nobody between. */
function lookUp({ room, actors }: World, who: number, page = 17n): number {
  for (let step = 0; step < 20; step++) {
    const answer = room.lockUnderRcu(actors[who]!, page, 0);
    if (answer !== PENDING) return answer;
  }
  throw new Error("the look-up does not end");
}

function leave({ room, actors }: World, who: number): void {
  for (let step = 0; step < 5; step++) if (room.endRead(actors[who]!) !== 0) return;
  throw new Error("the unlock does not end");
}

function writeLock(world: World): void {
  const { room, actors, mm } = world;
  expect(room.mmapWriteLock(actors[WRITER]!, mm, 0)).toBe(1);
}

const stateOf = ({ room }: World, who: number) => room.actorState(who);

describe("vm_refcnt, 7.2", () => {
  it("goes from attached over two readers to a waiting writer and back", () => {
    const world = smallWorld(V7_2, 3);
    const { room, vma, actors } = world;
    expect(room.vmaRef(vma)).toBe(1);
    expect(lookUp(world, READER)).toBe(LOCKED);
    expect(lookUp(world, SECOND)).toBe(LOCKED);
    expect(room.vmaRef(vma)).toBe(3);
    writeLock(world);
    expect(room.startWrite(actors[WRITER]!, vma, 0)).toBe(0);
    expect(room.vmaRef(vma)).toBe(SHUT + 3);
    expect(stateOf(world, WRITER)).toBe(BLOCKED);
    leave(world, READER);
    expect(room.vmaRef(vma)).toBe(SHUT + 2);
    expect(stateOf(world, WRITER)).toBe(BLOCKED); // no wake yet
    leave(world, SECOND);
    expect(room.vmaRef(vma)).toBe(SHUT + 1);
    expect(stateOf(world, WRITER)).toBe(RUNNABLE);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    expect(room.vmaRef(vma)).toBe(1);
    expect(room.vmaSeq(vma)).toBe(room.mmSeq(0));
  });

  it("lets nobody in while a writer waits, nor while the VMA is write-locked", () => {
    const world = smallWorld(V7_2, 3);
    const { room, vma, actors, mm } = world;
    expect(lookUp(world, READER)).toBe(LOCKED);
    writeLock(world);
    room.startWrite(actors[WRITER]!, vma, 0);
    expect(lookUp(world, SECOND)).toBe(FAILED); // shut out
    leave(world, READER);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    expect(lookUp(world, SECOND)).toBe(FAILED); // write-locked
    room.mmapDowngrade(actors[WRITER]!, mm);
    expect(lookUp(world, SECOND)).toBe(LOCKED); // the downgrade ends every write lock
  });

  it("detaches around one transient reader", () => {
    const world = smallWorld(V7_2, 3);
    const { room, vma, actors } = world;
    // the reader stops behind its first look at the sequence: section, walk, sequence
    for (let step = 0; step < 3; step++) room.lockUnderRcu(actors[READER]!, 17n, 0);
    writeLock(world);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    expect(room.vmaRef(vma)).toBe(1);
    room.lockUnderRcu(actors[READER]!, 17n, 0);
    expect(room.vmaRef(vma)).toBe(2);
    expect(room.markDetached(actors[WRITER]!, vma)).toBe(0);
    expect(room.vmaRef(vma)).toBe(SHUT + 1);
    expect(stateOf(world, WRITER)).toBe(BLOCKED);
    // it finds the numbers equal, puts its reference and gives up
    expect(lookUp(world, READER)).toBe(FAILED);
    expect(room.vmaRef(vma)).toBe(SHUT);
    expect(stateOf(world, WRITER)).toBe(RUNNABLE);
    expect(room.markDetached(actors[WRITER]!, vma)).toBe(1);
    expect(room.vmaRef(vma)).toBe(0);
  });

  it("turns away who comes when the last reader has left and the writer has not run yet", () => {
    const world = smallWorld(V7_2, 3);
    const { room, vma, actors } = world;
    // both readers stop behind their first look at the sequence
    for (const reader of [READER, SECOND]) {
      for (let step = 0; step < 3; step++) room.lockUnderRcu(actors[reader]!, 17n, 0);
    }
    writeLock(world);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    room.lockUnderRcu(actors[READER]!, 17n, 0);
    expect(room.markDetached(actors[WRITER]!, vma)).toBe(0);
    expect(lookUp(world, READER)).toBe(FAILED);
    expect(room.vmaRef(vma)).toBe(SHUT);
    room.lockUnderRcu(actors[SECOND]!, 17n, 0);
    expect(room.vmaRef(vma)).toBe(SHUT); // no reference, not even for a moment
    expect(lookUp(world, SECOND)).toBe(FAILED);
    expect(room.markDetached(actors[WRITER]!, vma)).toBe(1);
  });

  it("unlocks in one step behind the first, in 6.12 in two: it leaves a section of RCU last", () => {
    const steps = (generation: number): number => {
      const world = smallWorld(generation, 3);
      expect(lookUp(world, READER)).toBe(LOCKED);
      let calls = 1;
      while (world.room.endRead(world.actors[READER]!) === 0) calls++;
      return calls;
    };
    expect(steps(V7_2)).toBe(2);
    expect(steps(V6_12)).toBe(3);
  });

  it("keeps a killed writer waiting that may not be killed, as munmap's", () => {
    const world = smallWorld(V7_2, 3);
    const { room, vma, actors } = world;
    expect(lookUp(world, READER)).toBe(LOCKED);
    writeLock(world);
    expect(room.startWrite(actors[WRITER]!, vma, 0)).toBe(0);
    room.killActor(WRITER);
    expect(room.startWrite(actors[WRITER]!, vma, 0)).toBe(0);
    expect(stateOf(world, WRITER)).toBe(BLOCKED);
    expect(room.vmaRef(vma)).toBe(SHUT + 2);
    leave(world, READER);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    expect(room.vmaSeq(vma)).toBe(room.mmSeq(0));
  });

  it("lets a killed writer go, who takes its mark along", () => {
    const world = smallWorld(V7_2, 3);
    const { room, vma, actors } = world;
    expect(lookUp(world, READER)).toBe(LOCKED);
    writeLock(world);
    expect(room.startWrite(actors[WRITER]!, vma, 1)).toBe(0);
    room.killActor(WRITER);
    expect(stateOf(world, WRITER)).toBe(RUNNABLE);
    expect(room.startWrite(actors[WRITER]!, vma, 1)).toBe(1);
    expect(room.vmaRef(vma)).toBe(2);
  });
});

describe("rwsem and sequence, 6.12", () => {
  it("holds the rwsem only for a moment: the sequence number keeps readers out", () => {
    const world = smallWorld(V6_12, 3);
    const { room, vma, actors, mm } = world;
    expect(lookUp(world, READER)).toBe(LOCKED);
    expect(room.vmaRef(vma)).toBe(1);
    writeLock(world);
    expect(room.startWrite(actors[WRITER]!, vma, 0)).toBe(0);
    expect(stateOf(world, WRITER)).toBe(BLOCKED);
    expect(lookUp(world, SECOND)).toBe(FAILED);
    leave(world, READER);
    expect(stateOf(world, WRITER)).toBe(RUNNABLE);
    expect(room.startWrite(actors[WRITER]!, vma, 0)).toBe(1);
    expect(room.vmaSeq(vma)).toBe(room.mmSeq(0));
    expect(lookUp(world, SECOND)).toBe(FAILED);
    const before = room.mmSeq(0);
    room.mmapWriteUnlock(actors[WRITER]!, mm);
    expect(room.mmSeq(0)).toBe(before + 1);
    expect(lookUp(world, SECOND)).toBe(LOCKED);
  });

  it("is locked twice at the price of once", () => {
    const world = smallWorld(V6_12, 3);
    const { room, vma, actors } = world;
    writeLock(world);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    expect(room.startWrite(actors[WRITER]!, vma, 0)).toBe(1);
  });
});

describe("a reader of a VMA that was detached behind its look-up", () => {
  // a round: walk, sequence and reference, in 7.2 with a section of its own; in 6.12 the lock is taken and put as well
  it.each([
    [V6_12, 7],
    [V7_2, 4],
  ])("looks again until the index names another one (generation %i)", (generation, round) => {
    const world = smallWorld(generation, 3);
    const { room, vma, actors, mm } = world;
    for (let step = 0; step < 2; step++) room.lockUnderRcu(actors[READER]!, 17n, 0);
    writeLock(world);
    while (room.startWrite(actors[WRITER]!, vma, 0) === 0);
    expect(room.markDetached(actors[WRITER]!, vma)).toBe(1);
    room.mmapDowngrade(actors[WRITER]!, mm); // its write lock is over as well
    for (let step = 0; step < 5 * round; step++) {
      expect(room.lockUnderRcu(actors[READER]!, 17n, 0)).toBe(PENDING);
    }
    const counts = new BigUint64Array(room.memory.buffer, room.countsAddress(), MmCount.COUNT);
    expect(counts[MmCount.MISS]).toBe(5n);
  });
});
