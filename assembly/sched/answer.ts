// What a task's program answers when it hands the CPU back to the event loop: one number, either
// one of these or the time until which the task sleeps.

/** It has more to do: its CPU's clock has passed the horizon, or it lets others run (a yield). */
export const GOES_ON: u64 = 0;
/** It sleeps until somebody wakes it. */
export const SLEEPS: u64 = u64.MAX_VALUE;
/** It has exited. */
export const EXITED: u64 = u64.MAX_VALUE - 1;
/**
 * It computes without touching anything until `Cpu.coastUntil`, and is called then, or as soon as
 * something happens on its CPU. Costs no event in between, however long that is.
 */
export const COASTS: u64 = u64.MAX_VALUE - 2;
