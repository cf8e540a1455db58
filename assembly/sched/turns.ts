// CPUs that take turns: an emulator whose one thread executes all CPUs of a machine.
//
// QEMU with -icount and more than one CPU does so. Each instruction moves the one clock of all CPUs
// on by 1 ns, whoever executes it. In a round every CPU has a turn, in the order of their numbers;
// a turn is over after an equal share of the time that was left to the next timer when the round
// began, or as soon as its CPU halts or spins: PAUSE makes way for the next CPU.
// [same: QEMU accel/tcg/tcg-accel-ops-rr.c:rr_cpu_thread_fn,
//  accel/tcg/tcg-accel-ops-icount.c:icount_percpu_budget and icount_prepare_for_run,
//  target/i386/tcg/misc_helper.c:helper_pause]
// [simplified: the few instructions of a halted or spinning CPU's turn take no time; an interrupt
//  is handled when it is due, not in the next turn of its CPU]

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { Cpu, cpuAt, nrCpus } from "./cpu";

/** `runEvent` of a CPU that has something to do: it is called in its turn, by no event. */
export const IN_TURN: u32 = u32.MAX_VALUE;
/** QEMU looks ahead no further than INT32_MAX ns. */
const LONGEST_PS: u64 = <u64>i32.MAX_VALUE * 1000;
const ONE_INSTRUCTION_PS: u64 = 1000;

export let takesTurns: bool = false;
/** The one clock. */
export let turnClock: u64 = 0;
let next: u32 = 0;
let share: u64 = 0;

export function turnsInit(): void {
  takesTurns = config(Config.CPUS_IN_TURN) != 0;
  turnClock = 0;
  next = 0;
  share = 0;
}

/** A CPU is brought up to the clock of all. */
@inline
export function joinClock(cpu: Cpu): void {
  cpu.now = max(cpu.now, turnClock);
}

export function anyInTurn(): bool {
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (cpuAt(id).runEvent == IN_TURN) return true;
  }
  return false;
}

/** Whose turn it is, with the next timer at `due`; null when nobody can run before that. */
export function nextInTurn(due: u64): Cpu | null {
  if (due <= turnClock) return null;
  for (let scan = 0; scan < 2; scan++) {
    while (next < nrCpus()) {
      const cpu = cpuAt(next++);
      if (cpu.runEvent == IN_TURN) return cpu;
    }
    next = 0;
    share = max(min(due - turnClock, LONGEST_PS) / <u64>nrCpus(), ONE_INSTRUCTION_PS);
  }
  return null;
}

/** The end of a turn that begins now. */
export function turnEnd(due: u64): u64 {
  return min(due, turnClock + share);
}

/** A turn is over when its CPU's clock has come to `time`. */
export function endTurn(time: u64): void {
  turnClock = max(turnClock, time);
}
