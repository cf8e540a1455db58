// The exports of the room of address spaces, for tests that step its protocols by hand.

import { MmCount, MmSetting } from "../../assembly/abi/mm.ts";
import type { MmExports } from "../../src/litmus/memory.ts";
import { loadRoom, type Target } from "../queue/load.ts";

export interface MmRoom extends MmExports {
  mmAddress(id: number): number;
  actorAddress(id: number): number;
  actorState(id: number): number;
  vmaRef(vma: number): number;
  vmaSeq(vma: number): number;
  mmSeq(id: number): number;
  mapCount(id: number): number;
  mmUsers(id: number): number;
  mmAlive(id: number): number;
  mmReaders(id: number): number;
  mmWriter(id: number): number;
  killActor(id: number): void;
  mmapReadLock(actor: number, mm: number, killable: number): number;
  mmapWriteLock(actor: number, mm: number, killable: number): number;
  mmapReadTrylock(mm: number): number;
  mmapReadUnlock(mm: number): void;
  mmapWriteUnlock(actor: number, mm: number): void;
  mmapDowngrade(actor: number, mm: number): void;
  startWrite(actor: number, vma: number, killable: number): number;
  markDetached(actor: number, vma: number): number;
  freeDetached(actor: number, mm: number, vma: number): number;
  lockUnderRcu(actor: number, page: bigint, next: number): number;
  endRead(actor: number): number;
  aim(actor: number, mm: number): void;
}

export const RUNNABLE = 1;
export const BLOCKED = 2;
/** Answers of lockUnderRcu. */
export const PENDING = 0;
export const LOCKED = 1;
export const FAILED = 2;
/** VMA_REF_LIMIT + 1. */
export const SHUT = 2 ** 30;

const NO_MM = 0xffff_ffff;

/** A room with an empty world of these settings, and the oracle on. */
export function emptyWorld(
  given: Partial<Record<MmSetting, bigint>>,
  target: Target = "release",
): MmRoom {
  const room = loadRoom<MmRoom>("mm", target, 1);
  const words = new BigUint64Array(room.memory.buffer, room.settingsAddress(), MmSetting.COUNT);
  const settings: Partial<Record<MmSetting, bigint>> = {
    [MmSetting.CPUS]: 1n,
    [MmSetting.MMS]: 1n,
    [MmSetting.VMAS]: 64n,
    [MmSetting.OPS]: 1n,
    [MmSetting.MAX_MAP_COUNT]: 65_530n,
    [MmSetting.SEQ_BITS]: 32n,
    [MmSetting.ORACLE]: 1n,
    [MmSetting.OBJECTS_PER_SLAB]: 4n,
    [MmSetting.STEPS_MAX]: 1000n,
    ...given,
  };
  for (const [slot, value] of Object.entries(settings)) words[Number(slot)] = value;
  if (room.build() === 0) throw new Error("no memory for the world");
  return room;
}

/** What the world has counted so far. */
export function countsOf(room: MmRoom): BigUint64Array {
  return new BigUint64Array(room.memory.buffer, room.countsAddress(), MmCount.COUNT).slice();
}

/** A world with one mm of two VMAs and `threads` threads that do nothing by themselves. */
export function smallWorld(
  generation: number,
  threads: number,
  target: Target = "release",
): { room: MmRoom; vma: number; actors: number[]; mm: number } {
  const settings = {
    [MmSetting.GENERATION]: BigInt(generation),
    [MmSetting.ACTORS]: BigInt(threads),
  };
  const room = emptyWorld(settings, target);
  room.addMm(1, 1024n);
  const vma = room.addVma(0, 16n, 4n, 0, 0);
  room.addVma(0, 32n, 4n, 0, 0);
  const ids = Array.from({ length: threads }, () => room.addActor(NO_MM, 0));
  const mm = room.mmAddress(0);
  const actors = ids.map((id) => {
    const actor = room.actorAddress(id);
    room.aim(actor, mm);
    return actor;
  });
  return { room, vma, actors, mm };
}
