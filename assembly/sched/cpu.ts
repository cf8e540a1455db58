// CPUs: each has its own clock, a run queue, a tick, and at most one softirq frame.

import { Config } from "../abi/config";
import { config } from "../memory/slots";

//  0     8      16      20     24        28        32         36         40
//  ┌─────┬──────┬───────┬──────┬─────────┬─────────┬──────────┬──────────┬─────────────────────┐
//  │ now │ curr │ rqHead│ nrRun│ flags.. │ runEvent│ tickEvent│ dynticks │ softirq frame        │
//  └─────┴──────┴───────┴──────┴─────────┴─────────┴──────────┴──────────┴─────────────────────┘
/** One CPU. Times in picoseconds. */
@unmanaged
export class Cpu {
  /** Its own clock: everything before this moment has happened on this CPU. */
  now: u64;
  /** Where virtual runtimes are counted from: the queue's average when it was last computed. */
  zeroVruntime: i64;
  id: u32;
  /** Running task; 0 = idle. */
  curr: usize;
  /** Runnable tasks of the fair class, and how many. */
  rqHead: usize;
  nrRunning: u32;
  runEvent: u32;
  tickEvent: u32;
  /** Odd while the CPU is watched by RCU, even in idle (an extended quiescent state). */
  dynticks: u32;

  needResched: u8;
  /** A tick has hit it since it went idle; see nohz.ts. */
  gotIdleTick: u8;
  /** A wake-up has asked for a switch, which takes the clock as it finds it. */
  clockIsFresh: u8;
  /** rcu_cpu_has_work: there is something for rcuc to do. */
  rcucWork: u8;
  /** The event loop is running this CPU right now: it comes back to it by itself. */
  inRun: u8;
  inSoftirq: u8;
  /** The RCU softirq is raised. */
  softirqPending: u8;
  /** Softirqs were raised while they were disabled. */
  softirqsHeld: u8;
  /** Timers that go off in the next pass of softirqs (timers.ts). */
  timersDue: u32;
  softirqRestarts: u32;
  softirqEndJiffies: u64;
  softirqStart: u64;
  /** Softirqs handled (kstat_softirqs_cpu), RCU's. */
  softirqs: u32;

  /** Spinlocks held: while there are any, nothing is scheduled here. */
  preemptCount: u32;
  /** The spinlock this CPU waits for, since when, and who waits behind it (CPU + 1); see lock/. */
  spinsOn: usize;
  /** One that was handed over to it and that its program has not noticed yet. */
  spinGranted: usize;
  spinSince: u64;
  nextSpinner: u32;

  /** Runnable tasks of fixed priority, the highest first, and how many. */
  nrFixed: u32;
  fixedHead: usize;
  /** The fair class asks for a reschedule that is not urgent (TIF_NEED_RESCHED_LAZY). */
  lazyResched: u8;
  /** The running task computes on its own; its RUN event, if any, is set for `coastUntil`. */
  coasting: u8;
  /** nohz_full: no tick while one task runs, and RCU does not wait for it in user mode. */
  nohzFull: u8;
  /** It ticks all the same until it has reported to RCU (rcu_forced_tick). */
  forcedTick: u8;
  /** Fair tasks have waited behind fixed priorities since then; 0 = they have not. */
  starvedSince: u64;
  /** Until then they run before them (the fair server); 0 = it does not serve. */
  serverEnd: u64;
  /** CPU time that fair tasks have had here, and how much of it by `starvedSince`. */
  fairRan: u64;
  fairRanBefore: u64;
  coastStart: u64;
  coastUntil: u64;
  /** The run queue's clock, by which time is charged; see rq-clock.ts. */
  clock: u64;
  /** The timer that ends the running task's slice, and when; 0 = none. See hrtick.ts. */
  sliceEvent: u32;
  sliceTime: u64;
  /** A spinlock that its turn ended with: released in its next turn; see lock/spinlock.ts. */
  owedLock: usize;
  /** Nobody waited when it began to wait for a spinlock: it spins on the lock's pending bit. */
  spinPending: u8;
  /** Where CPUs take turns: a timer was set, so its turn is looked at again; see turns.ts. */
  kicked: u8;
  /** Another CPU waits until it has flushed its translations. */
  flushPending: u8;
}

export const CPU_BYTES: u64 = 256;

let cpus: usize = 0;
let cpuCount: u32 = 0;

export function cpusInit(base: usize): void {
  assert(<u64>offsetof<Cpu>() <= CPU_BYTES); // the record must fit its slot
  cpus = base;
  cpuCount = <u32>config(Config.CPUS);
  memory.fill(base, 0, <usize>(<u64>cpuCount * CPU_BYTES));
  for (let id: u32 = 0; id < cpuCount; id++) {
    const cpu = cpuAt(id);
    cpu.id = id;
    cpu.dynticks = 0; // all start idle
    cpu.nohzFull = inCpuList(Config.NOHZ_FULL_0, id) ? 1 : 0;
  }
}

@inline
export function cpuAt(id: u32): Cpu {
  return changetype<Cpu>(cpus + <usize>id * <usize>CPU_BYTES);
}

@inline
export function nrCpus(): u32 {
  return cpuCount;
}

/** Is the CPU's bit set in a list of CPUs that the configuration holds in four slots? */
export function inCpuList(slot: i32, cpu: u32): bool {
  if (cpu >= 256) return false; // the configuration record has that many bits
  return ((config(slot + <i32>(cpu >> 6)) >> <u64>(cpu & 63)) & 1) != 0;
}

@inline
export function isIdle(cpu: Cpu): bool {
  return cpu.curr == 0 && cpu.inSoftirq == 0;
}
