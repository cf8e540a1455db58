// Bytes of a child of the workload `exits` (child.ts), apart so that the memory map needs no more.

export const CHILD_BYTES: u64 = 128;
