// Bytes of the records of the workload `exits` (child.ts, restart.ts), apart so that the memory map
// needs no more.

export const CHILD_BYTES: u64 = 128;
/** A thread of the restarted process. */
export const TOUCHER_BYTES: u64 = 40;
