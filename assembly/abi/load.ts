// Slots of the two tables about bystanders: what each group is, and what was found out about it.
// One row of u64 slots a group. Shared by engine and host.

/** Rows of both tables. */
export enum LoadTable {
  ENTRIES_MAX = 32,
  CONFIG_SLOTS = 17,
  METRIC_SLOTS = 16,
}

/** A group of bystander tasks. Times in picoseconds. */
export enum LoadConfig {
  /** One of `LoadKind`. */
  KIND,
  /** Tasks on each CPU of the list (bound), or on all of them together (floating). */
  TASKS,
  BOUND,
  /** Its CPUs: 256 bits. */
  CPUS_0,
  CPUS_1,
  CPUS_2,
  CPUS_3,
  /** SCHED_FIFO priority; 0 = fair. */
  PRIORITY,
  /** Length of the work, the section, or the stretch between two points where it reschedules. */
  WORK_PS,
  /** From one beginning to the next; 0 = without a pause. */
  PERIOD_PS,
  /** Pages that a task touches in all, and in one turn. */
  PAGES,
  TURN_PAGES,
  /** Of a mapper: rounds of an iteration, and callbacks that it queues in one. */
  ROUNDS,
  CALLBACKS,
  /** 1: it has run before: callbacks of the last tick are ready, those since then wait. */
  RAN_BEFORE,
  /** What each of its callbacks does, 0 = as those of which nothing is known. */
  CALLBACK_PS,
  /** What its tasks have had beyond their share when the run begins. */
  AHEAD_PS,
}

export enum LoadKind {
  /** Computes in user mode for ever. */
  BUSY_USER,
  /** The same in the kernel, with a cond_resched() after each stretch. */
  BUSY_KERNEL,
  /** Read-side critical sections of RCU. */
  READER,
  /** Sleeps until a timer, works a little in user mode, sleeps again. */
  SLEEPER,
  /** Touches so many new pages of memory after each wake-up, and keeps them. */
  MEMORY,
  /** Maps and unmaps memory of its own without end: system calls that queue callbacks. */
  MAPPER,
  /** Touches so many pages after each wake-up and gives them back at once. */
  CHURN,
}

/** Figures of a group. Times in picoseconds, latencies in nanoseconds. */
export enum LoadMetric {
  TASKS,
  /** Sections or wake-ups. */
  ROUNDS,
  CPU_PS,
  /** How long its tasks existed, added up. */
  WALL_PS,
  SWITCHES,
  /** Latencies: busy loops are held up, sections and iterations last, sleepers wake late. */
  SAMPLES,
  LATENCY_SUM_NS,
  LATENCY_P50_NS,
  LATENCY_P90_NS,
  LATENCY_P99_NS,
  LATENCY_P999_NS,
  LATENCY_MAX_NS,
  /** Pages that its tasks have touched, and tasks that the OOM killer ended. */
  PAGES,
  KILLED,
}
