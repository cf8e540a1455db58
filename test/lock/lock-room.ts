// The locks' test entry: CPUs whose clocks the test sets.

import { type MachineRoom, machineRoom } from "../engine/rooms.ts";
import { spec } from "../engine/spec.ts";

export interface LockRoom extends MachineRoom {
  take(cpu: number, lock: number, transfer_ps: bigint): number;
  release(cpu: number, lock: number, transfer_ps: bigint): void;
  isContended(lock: number): number;
  spins(cpu: number): number;
  willRun(cpu: number): number;
  beginTurn(cpu: number, until: bigint): void;
  turnIsOver(cpu: number): number;
  endTurn(cpu: number): void;
  preemptCount(cpu: number): number;
  cpuNow(cpu: number): bigint;
  setNow(cpu: number, now: bigint): void;
  spinFigure(lock: number, which: number): bigint;
  mutexFigure(mutex: number, which: number): bigint;
  holdBriefly(cpu: number, lock: number, hold: bigint): void;
  briefFigure(lock: number, which: number): bigint;
  place(cpu: number, task: number): void;
  sleeps(cpu: number, task: number): void;
  asleep(task: number): number;
  takeMutex(cpu: number, task: number, mutex: number): number;
  tryMutex(cpu: number, task: number, mutex: number): number;
  releaseMutex(cpu: number, task: number, mutex: number): void;
}

/** Figures of a lock by number. */
export const ACQUISITIONS = 0;
export const CONTENDED = 1;
export const WAIT_SUM = 2;
export const WAIT_MAX = 3;
export const HOLD_SUM = 4;
export const HOLD_MAX = 5;

/** A machine and the address of zeroed memory for a lock; its CPUs run at once, or take turns. */
export function lockRoom(cpus: number, cpus_in_turn = false): { room: LockRoom; lock: number } {
  const machine = { cpus, cpus_in_turn };
  const { room, spare } = machineRoom<LockRoom>("lock", spec({ machine }));
  return { room, lock: spare };
}
