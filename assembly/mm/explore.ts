// The explorer: runs a world under one of the schedules that its seed stands for. Any runnable
// thread may take the next step, RCU as well.
//
// Seeds draw in two ways. Half of them draw the next thread at random, some at every step, some
// rarely: races of many switches. The other half gives threads random ranks, runs the highest that
// can run, and lowers the running one at a few random steps (the probabilistic concurrency testing
// of Burckhardt and others, 2010): races of few switches, however long the way between them.

import { Happened, MmSetting } from "../abi/mm";
import { prngInit, prngNext } from "../memory/prng";
import { exploreRcuInit, rcuCanStep, stepRcu } from "./explore-rcu";
import { rcuInit } from "./rcu";
import { ActorState } from "./records";
import { settle } from "./settle";
import { happened, setting } from "./settings";
import { stepActor } from "./step";
import { actorAt, actorCount, broken, setNow } from "./world";
import { takeWoken } from "./wake";

const RCU: u32 = 0xffff_ffff;
const NOBODY: u32 = 0xffff_fffe;
/** Of eight draws, how many leave the turn where it is: by the seed. */
let sticky: u64 = 0;
let last: u32 = RCU;

/** Ranks of threads, RCU's behind them; the highest runs. */
const RANKED_MAX: u32 = 64;
const RANKS: usize = memory.data(65 * 4, 4);
let ranked: bool = false;
/** The next lower rank than any. */
let lowest: u32 = 0;
/** Of how many steps one is a change of ranks, on average. */
let changeEvery: u64 = 0;
/** Steps of one thread in a row: one that spins gives way. */
const ROW_MAX: u32 = 60;
let row: u32 = 0;

@inline
function rankOf(turn: u32): u32 {
  return load<u32>(RANKS + (<usize>(turn == RCU ? RANKED_MAX : turn) << 2));
}

/** Who took the first steps, and in which operation: two bytes each. */
export const TRACED_MAX: u32 = 8192;
const TRACE: usize = memory.data(16384, 2);
let traced: u32 = 0;

export function tracedSteps(): u32 {
  return traced;
}

export function traceAddress(): usize {
  return TRACE;
}

function trace(turn: u32, op: u8): void {
  if (traced == TRACED_MAX) return;
  const at = TRACE + (<usize>traced << 1);
  store<u8>(at, <u8>turn); // 255: RCU
  store<u8>(at, op, 1);
  traced++;
}

/** One step of a thread, and which operation it belonged to. */
function take(turn: u32): u8 {
  const actor = actorAt(turn);
  const before = actor.op;
  stepActor(actor);
  actor.pauseNs = 0; // schedules are all pauses
  return before != 0 ? before : actor.op;
}

function setRank(turn: u32, rank: u32): void {
  store<u32>(RANKS + (<usize>(turn == RCU ? RANKED_MAX : turn) << 2), rank);
}

export function exploreInit(seed: u64): void {
  prngInit(seed);
  sticky = prngNext() % 8;
  last = RCU;
  ranked = (prngNext() & 1) != 0;
  row = 0;
  traced = 0;
  lowest = 1 << 20;
  changeEvery = 8 << (prngNext() & 3);
  for (let turn: u32 = 0; turn <= RANKED_MAX; turn++) {
    setRank(turn == RANKED_MAX ? RCU : turn, (1 << 20) + <u32>(prngNext() & 0xffff));
  }
  exploreRcuInit();
  rcuInit();
}

/** Runs until nothing can happen any more, something broke, or the steps are used up. */
export function explore(): void {
  const most = setting(MmSetting.STEPS_MAX);
  let steps: u64 = 0;
  for (; !broken && steps < most; steps++) {
    setNow(steps);
    const turn = chooseTurn();
    if (turn == NOBODY) break;
    let op: u8 = 0;
    if (turn == RCU) stepRcu(actorAt(0));
    else op = take(turn);
    trace(turn, op);
    row = turn == last ? row + 1 : 0;
    last = turn;
    takeWoken();
  }
  if (steps == most) happened(Happened.ENDLESS);
  else if (!broken) settle();
}

function canRun(id: u32): bool {
  return actorAt(id).state == <u8>ActorState.RUNNABLE;
}

function chooseTurn(): u32 {
  const draw = prngNext();
  const rcu = rcuCanStep();
  if (ranked && actorCount < RANKED_MAX) return highest(draw, rcu);
  if ((draw & 7) < sticky) {
    if (last == RCU ? rcu : last < actorCount && canRun(last)) return last;
  }
  let able: u32 = rcu ? 1 : 0;
  for (let id: u32 = 0; id < actorCount; id++) if (canRun(id)) able++;
  if (able == 0) return NOBODY;
  let which = <u32>((draw >> 8) % able);
  for (let id: u32 = 0; id < actorCount; id++) {
    if (!canRun(id)) continue;
    if (which == 0) return id;
    which--;
  }
  return RCU;
}

/** The highest rank that can run; the running one falls behind all at random steps. */
function highest(draw: u64, rcu: bool): u32 {
  if ((draw & (changeEvery - 1)) == 0 || row > ROW_MAX) {
    setRank(last, --lowest);
    row = 0;
  }
  let best: u32 = rcu ? RCU : NOBODY;
  for (let id: u32 = 0; id < actorCount; id++) {
    if (!canRun(id)) continue;
    if (best == NOBODY || rankOf(id) > rankOf(best)) best = id;
  }
  return best;
}
