// The queue's exports as the tests see them.

import { loadRoom, type Target } from "./load.ts";

export interface QueueRoom {
  memory: WebAssembly.Memory;
  queueBytes(capacity: number): bigint;
  queueInit(queue: number, capacity: number): void;
  queuePush(queue: number, time: bigint, priority: number, payload: number): number;
  queueCancel(queue: number, handle: number): number;
  queueRearm(queue: number, handle: number, time: bigint, priority: number): number;
  queueHolds(queue: number, handle: number): number;
  queueSize(queue: number): number;
  queueTopTime(queue: number): bigint;
  queueTopPriority(queue: number): number;
  queueTopPayload(queue: number): number;
  queuePop(queue: number): number;
  queueAudit(queue: number): number;
  holdFill(queue: number, size: number, seed: number): number;
  holdRun(queue: number, events: number, seed: number): number;
  rearmRun(queue: number, handles: number, size: number, events: number, seed: number): number;
}

/** Where the tests put their queue: behind the static part, 64-byte aligned. */
export const QUEUE = 4096;
export const NEVER = 2n ** 64n - 1n;

/** Offsets of words of the queue's header that no function shows. */
export const SEQUENCE_WORD = (QUEUE + 12) / 4;
export const SLOTS_WORD = (QUEUE + 16) / 4;
export const COMPACTIONS_WORD = (QUEUE + 32) / 4;
export const RENUMBERINGS_WORD = (QUEUE + 36) / 4;

export function loadQueue(target: Target = "release", pages = 16): QueueRoom {
  return loadRoom<QueueRoom>("queue", target, pages);
}

export function topTime(room: QueueRoom): bigint {
  return BigInt.asUintN(64, room.queueTopTime(QUEUE));
}
