// CPUs that take turns: an emulator whose one thread executes all CPUs of a machine.
//
// QEMU with -icount and more than one CPU does so. Each instruction moves the one clock of all CPUs
// on by 1 ns, whoever executes it. CPUs have turns in the order of their numbers. A turn lasts to
// the next timer, unless its CPU halts, spins (PAUSE makes way for the next CPU), sends another CPU
// an interrupt, or sets a timer that is earlier than all others: these two kick all CPUs out of
// their turns, so that how far the next one may go is looked at again. A timer that is due is an
// interrupt pending on its CPU, which takes it at the beginning of its next turn.
//
//   a pass of the loop     timers due?   ──►  they go off, all are kicked  (at the beginning)
//                          kicked?       ──►  the kick is spent, back to the beginning
//                          timers due?   ──►  they go off, and this CPU's turn is lost
//                          else          ──►  its turn
//
// So where all CPUs are busy one of them has most of a tick's period, and another one the next.
//
// [same: QEMU 7.2 accel/tcg/tcg-accel-ops-rr.c:rr_cpu_thread_fn, rr_kick_vcpu_thread,
//  accel/tcg/tcg-accel-ops-icount.c:icount_prepare_for_run, icount_handle_deadline,
//  accel/tcg/tcg-accel-ops.c:tcg_handle_interrupt, softmmu/cpu-timers.c:qemu_timer_notify_cb,
//  target/i386/tcg/misc_helper.c:helper_pause. From 8.1 on a turn is an equal share of that time
//  (icount_percpu_budget)]
// [simplified: the few instructions of a halted or spinning CPU's turn take no time; a CPU that is
//  kicked in its tick ends its turn at the end of the tick; what is no tick and no slice goes off
//  when it is due]

import { Config } from "../abi/config";
import { prngNext } from "../memory/prng";
import { config } from "../memory/slots";
import { Cpu, cpuAt, nrCpus } from "./cpu";
import { drawHorizon } from "./horizon";

/** In place of an event: what it stands for happens in the CPU's next turn. */
export const IN_TURN: u32 = u32.MAX_VALUE;
/** The loop has a timer of its own. [same: accel/tcg/tcg-accel-ops-rr.h:TCG_KICK_PERIOD, 7.2] */
const LONGEST_PS: u64 = 100_000_000_000;
/** The local APIC counts in steps of 16 ns here, and one more than it is asked for. */
const NS_A_STEP: u64 = 16;
const APIC_STEP_PS: u64 = NS_A_STEP * 1000;
const PS_PER_NS: u64 = 1000;

export enum Pass {
  /** Timers are due and go off. */
  TIMERS,
  /** Nothing happens. */
  AGAIN,
  /** `turnOf` has its turn. */
  TURN,
}

export let takesTurns: bool = false;
let drawsLateness: bool = false;
/** The one clock. */
export let turnClock: u64 = 0;
/** Whose turn it is, or was. */
export let turnOf: u32 = 0;
/** It was cut short. */
export let turnKicked: bool = false;
let next: u32 = 0;
let atBeginning: bool = true;

export function turnsInit(): void {
  takesTurns = config(Config.CPUS_IN_TURN) != 0;
  drawsLateness = config(Config.TICK_LATENESS_DRAWN) != 0;
  turnClock = 0;
  turnOf = 0;
  turnKicked = false;
  next = 0;
  atBeginning = true;
}

/** A CPU is brought up to the clock of all. */
@inline
export function joinClock(cpu: Cpu): void {
  cpu.now = max(cpu.now, turnClock);
}

/** Does a CPU do anything in its turn? One that halts or spins only takes its interrupts. */
@inline
export function usesTurn(cpu: Cpu): bool {
  return cpu.runEvent == IN_TURN || cpu.tickEvent == IN_TURN || cpu.sliceEvent == IN_TURN;
}

export function anyInTurn(): bool {
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (usesTurn(cpuAt(id))) return true;
  }
  return false;
}

/** One pass of the emulator's loop. */
export function pass(timersDue: bool): Pass {
  if (next == nrCpus()) {
    next = 0;
    atBeginning = true;
  }
  const cpu = cpuAt(next);
  if (atBeginning) {
    atBeginning = false;
    if (timersDue) {
      kickAll();
      return Pass.TIMERS;
    }
  }
  if (cpu.kicked != 0) {
    cpu.kicked = 0;
    atBeginning = true;
    return Pass.AGAIN;
  }
  next++;
  if (timersDue) {
    kickAll();
    cpu.kicked = 0;
    return Pass.TIMERS;
  }
  turnOf = cpu.id;
  turnKicked = false;
  return Pass.TURN;
}

function kickAll(): void {
  for (let id: u32 = 0; id < nrCpus(); id++) cpuAt(id).kicked = 1;
}

/** An interrupt for another CPU: where CPUs take turns, the sender's is over. */
export function sendsIpi(cpu: Cpu): void {
  if (takesTurns && turnOf == cpu.id && cpu.inRun != 0) kickFrom(cpu);
}

/** The CPU whose turn it is has set the earliest of all timers: its turn is over. */
export function kickFrom(cpu: Cpu): void {
  kickAll();
  cpu.kicked = 0;
  turnKicked = true;
  drawHorizon(0);
}

/** The end of a turn that begins now, with the next timer at `due`. */
export function turnEnd(due: u64): u64 {
  return min(due, turnClock + LONGEST_PS);
}

/** A turn is over when its CPU's clock has come to `time`; if all halt, time comes to a timer. */
export function endTurn(time: u64): void {
  turnClock = max(turnClock, time);
}

/**
 * When the local APIC of `cpu` goes off that is set now for `time`: 1 to 16 ns late, by what is
 * left of a step. That follows from costs, which nobody knows to the nanosecond, or is drawn.
 */
export function apicTime(cpu: Cpu, time: u64): u64 {
  const delta = time > cpu.now ? time - cpu.now : 0;
  if (drawsLateness && delta != 0) {
    return time - (time % PS_PER_NS) + ((prngNext() % NS_A_STEP) + 1) * PS_PER_NS;
  }
  const now = cpu.now - (cpu.now % PS_PER_NS);
  return now + (delta / APIC_STEP_PS + 1) * APIC_STEP_PS;
}
