// The workload `exits`: what host and engine agree on.

/** Config.EXITS_ASYNC: which mms are put asynchronously (the architecture's choice, per mm). */
export enum AsyncPut {
  NEVER,
  ALWAYS,
  /** mms of at least EXITS_ASYNC_MIN resident pages, or VMAs. */
  BY_PAGES,
  BY_VMAS,
  /** mms of encrypted guests: the first EXITS_ENCRYPTED ones. */
  ENCRYPTED,
}

/** Slots of the workload's own metrics. Times in picoseconds from the first _exit. */
export enum ExitsMetric {
  /** Own _exit to the parent's return from wait for it: of the first child, least, largest. */
  WAIT_FIRST,
  WAIT_MIN,
  WAIT_MAX,
  /** The last return from wait. */
  LAST_WAIT,
  /** End of exit_mmap of the first and of the last mm to end. */
  BACK_FIRST,
  BACK_LAST,
  EXIT_MMAPS,
  FIRST_START,
  QUEUED,
  QUEUE_TO_START_FIRST,
  QUEUE_TO_START_LAST,
  /** Pages that dead children still held when the last wait returned. */
  PAGES_OUT_AT_WAIT,
  /** The parent's own work after that, and how long its restarted process took to be ready. */
  WORK,
  RESTART,
  /** 1 if the restart ran out of memory, after so many pages; time it was held back. */
  OOM,
  RESTART_PAGES,
  OOM_HELD_BACK,
  CPU_CHILDREN,
  CPU_PARENT,
  CPU_WORKERS,
  CPU_KFREEPCP,
}
