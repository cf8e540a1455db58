// Slots of the configuration record: u64 values that the host writes before `engineInit`.
// Shared by the engine and the host. Units last; a "none" is written as all bits set.

export enum Config {
  CPUS,
  HZ,
  TICK_PHASE_PS,
  EXIT_CPU,
  /** VMAs of the exiting mm. */
  VMAS,
  SEED,
  PROBE_FLAGS,
  PREEMPT,

  EXIT_COLLECT,
  EXIT_DRAIN,
  EXIT_DRAIN_ARG,
  EXIT_RELEASE,

  BLIMIT,
  QHIMARK,
  QLOWMARK,
  QOVLD,
  RCU_DIVISOR,
  RCU_RESCHED_PS,
  JIFFIES_TILL_FIRST_FQS,
  JIFFIES_TILL_NEXT_FQS,
  JIFFIES_TILL_SCHED_QS,
  /** CPUs whose callbacks are offloaded: 256 bits in four slots. */
  RCU_NOCBS_0,
  RCU_NOCBS_1,
  RCU_NOCBS_2,
  RCU_NOCBS_3,
  RCU_NOCB_GP_STRIDE,
  NOCB_NOBYPASS_LIM_PER_JIFFY,
  RCU_LAZY,
  USE_SOFTIRQ,
  JIFFIES_LAZY_FLUSH,

  VMA_BYTES,
  VMA_OBJECTS_PER_SLAB,
  VMA_SLAB_ORDER,
  VMA_CPU_PARTIAL_SLABS,
  VMA_MIN_PARTIAL,
  LOCK_BYTES,
  LOCK_OBJECTS_PER_SLAB,
  LOCK_SLAB_ORDER,
  LOCK_CPU_PARTIAL_SLABS,
  LOCK_MIN_PARTIAL,
  /** Which slab objects the VMAs have, in address order. */
  ALLOCATION_ORDER,

  /** What the run does: one of `Workload`; and the tasks that this takes besides the fixed ones. */
  WORKLOAD,
  EXTRA_TASKS,

  /** Work queues: workers of each CPU's pool and of the unbound one; none where both are 0. */
  KWORKERS_PER_CPU,
  UNBOUND_KWORKERS,
  /** CPU time in one item after which a worker no longer counts as running; 0 never. */
  WQ_CPU_INTENSIVE_THRESH_PS,

  // workload munmap
  MUNMAP_COLLECT,
  MUNMAP_DRAIN,
  MUNMAP_DRAIN_ARG,
  MUNMAP_RELEASE,
  /** Calls that the host stages before the run; 0: the process does nothing but exit. */
  MUNMAP_CALLS,
  /** VMAs that splits at the borders of the calls can add. */
  MUNMAP_SPLITS,
  /** Sleep between two calls, and between the last one and the exit. */
  MUNMAP_PAUSE_PS,
  MUNMAP_EXIT_AFTER_PS,
  MAX_MAP_COUNT,
  /** RCU for those who wait: parameters of kernel/rcu/update.c and tree.c. */
  RCU_EXPEDITED,
  RCU_NORMAL,
  RCU_NORMAL_WAKE_FROM_GP,

  /** Workloads that post callbacks: how many tasks do, and records for their callbacks. */
  RCU_LOAD_TASKS,
  RCU_LOAD_CALLBACKS,
  /** On which CPUs: 256 bits in four slots. */
  RCU_LOAD_CPUS_0,
  RCU_LOAD_CPUS_1,
  RCU_LOAD_CPUS_2,
  RCU_LOAD_CPUS_3,
  RCU_LOAD_START_PS,
  /** The flood: how long at most, and when it has seen enough. */
  FLOOD_JIFFIES,
  FLOOD_MIN_LAUNDERS,
  FLOOD_MIN_LAUNDERED,
  /** The poster: callbacks in all, in a burst, from burst to burst; until when the run lasts. */
  POST_CALLBACKS,
  POST_BURST,
  POST_INTERVAL_PS,
  POST_END_PS,
  /** Workload vmalloc: see abi/vmalloc.ts. */
  VMAP_SEARCH,
  VMAP_RELEASE,
  VMAP_RANGE,
  VMAP_YIELD,
  /** 1: the freeing caller purges; 0: a work item. */
  VMAP_CALLER_PURGES,
  VMAP_NODES,
  VMAP_LAZY_MAX_PAGES,
  /** Records of areas. */
  VMAP_AREAS,
  /** Pages of memory that vmalloc, its page tables and areas may take. */
  VMAP_MEMORY_PAGES,
  /** 1: lazily freed areas keep their pages until they are purged. */
  VMAP_LAZY_HOLDS,
  /** 1: pools of fewer than four areas do not decay (7.2). */
  VMAP_SMALL_POOLS_STAY,
  /** 1: an area's pages come and go in the largest orders that fit (7.2). */
  VMAP_LARGE_ORDERS,
  /** Pages that a CPU's list of free pages may hold at least, and at most. */
  VMAP_LIST_HIGH_MIN,
  VMAP_LIST_HIGH_MAX,
  /** Kernel stacks that lie in the range when the run begins: 5 pages at a multiple of 4. */
  VMAP_BOOT_STACKS,
  /** Areas of 1, 2, ... pages that have been freed before and are still lazy. */
  VMAP_BOOT_LAZY,
  /**
   * CPU time of a task of no interest that is runnable on CPU 0 when the run begins; of it, what
   * lies between its two purges; and virtual time that it is ahead of the threads.
   */
  VMAP_OTHER_WORK_PS,
  VMAP_OTHER_GAP_PS,
  VMAP_OTHER_AHEAD_PS,
  VMAP_DRIVER,
  VMAP_HELD_AREAS,
  /** 1: twice as many are made and every second one freed. */
  VMAP_HELD_EVERY_SECOND,
  TEST_THREADS,
  TEST_MASK,
  TEST_LOOPS,
  TEST_REPEAT,
  TEST_NR_PAGES,
  TEST_SHUFFLED,
  TEST_PCPU_OBJECTS,
  /** Allocations that a thread holds at most at a time. */
  TEST_HANDLES,
  /** 1: when all threads have finished, the last one purges what is still lazy. */
  TEST_FINAL_PURGE,
  /** Threads begin no operation from then on; 0 = they run to their end. */
  TEST_STOP_PS,

  /** CONFIG_PREEMPT_RCU; without it RCU is the flavour of kernels that cannot be preempted. */
  PREEMPT_RCU,
  /** 1 = a timer ends slices while another task waits (sched_feat HRTICK). */
  HRTICK,
  /** How long after its time that timer interrupts, in ps. */
  HRTICK_LATENCY_PS,
  /** Index nodes in the CPU's sheaves when a process of 7.2 begins to make its VMAs. */
  NODES_MAIN,
  NODES_SPARE,
  NODES_RCU,
  /** 1 = one emulator thread executes the CPUs in turn, on one clock; see sched/turns.ts. */
  CPUS_IN_TURN,
  /** 1 = what each tick is late there is drawn. */
  TICK_LATENESS_DRAWN,
  /** Lag of kworkers when the run begins, in ps. */
  KWORKER_LAG_PS,
  /** The same of ksoftirqds. */
  KSOFTIRQD_LAG_PS,
  /** How long the CPU of an exit or a munmap was idle before time 0, in ps. */
  IDLE_BEFORE_PS,
  /** 0 = nohz=off: idle CPUs tick. */
  NOHZ,
  /** CPUs of nohz_full, and those that RCU's kthreads may use: 256 bits in four slots each. */
  NOHZ_FULL_0,
  NOHZ_FULL_1,
  NOHZ_FULL_2,
  NOHZ_FULL_3,
  RCU_KTHREADS_ON_0,
  RCU_KTHREADS_ON_1,
  RCU_KTHREADS_ON_2,
  RCU_KTHREADS_ON_3,
  KTHREAD_PRIO,
  RCU_BOOST,
  RCU_NOCB_CPU_CB_BOOST,
  /** Groups of bystander tasks; see abi/load.ts. */
  LOAD_ENTRIES,
  /** Which kernel's mechanisms apply: one of `Generation`. */
  GENERATION,
  /** Objects in a sheaf of the VMA cache, 7.2. */
  SHEAF_CAPACITY,
  /** Managed pages of the zones; both 0 in a run without page frames. */
  ZONE_DMA32_PAGES,
  ZONE_NORMAL_PAGES,
  /** min_free_kbytes in pages, of all zones together. */
  MIN_FREE_PAGES,
  /** One of PcpGeneration. */
  PCP_GENERATION,
  /** percpu_pagelist_high_fraction: 0 lets the lists tune themselves (6.7 on). */
  PCP_HIGH_FRACTION,
  /**
   * The list of the exit's CPU before anything is populated: its pages, its `high` (0 the least).
   */
  PCP_START_COUNT,
  PCP_START_HIGH,
  /** One of Kfreepcp. */
  KFREEPCP,
  /** Rounds of the periodic trimming of lists before time 0, and after the last event. */
  VMSTAT_ROUNDS_BEFORE,
  VMSTAT_ROUNDS_AFTER,
  /** Address spaces with page frames. */
  MMS,
  /** Whether page tables are freed by RCU, and the callbacks that this can take. */
  TABLES_BY_RCU,
  TABLE_CALLBACKS,
  /** Resident pages of the program itself, below and above the area; their cost is a fixed one. */
  PROGRAM_PAGES_BELOW,
  PROGRAM_PAGES_ABOVE,
  /** Tasks of all groups together; part of EXTRA_TASKS. */
  LOAD_TASKS,
  /** Records for callbacks that bystanders queue. */
  LOAD_CALLBACKS,
  /**
   * 1: a bystander or a restarted process takes memory, so there is a kswapd, and index nodes have
   * page frames too.
   */
  RECLAIM,
  /** 1: the mm's list of dead VMAs has a shrinker. */
  LIST_SHRINKER,

  /** Records of batches and of hand-overs to keep, and every how many hand-overs. */
  TRACE_BATCHES,
  TRACE_HANDS,
  TRACE_HAND_EVERY,
  /** Workload exits: who is put asynchronously (AsyncPut), from which size on, which mms are. */
  EXITS_ASYNC,
  EXITS_ASYNC_MIN,
  EXITS_ENCRYPTED,
  /** What the parent computes before its first wait; 0: it waits already. */
  EXITS_PARENT_BUSY_PS,
  /** What the parent computes after the last wait, and pages of the process it then starts. */
  EXITS_WORK_PS,
  EXITS_RESTART_PAGES,
  /** Threads that share these pages. */
  EXITS_RESTART_THREADS,
  /** Whether allocations wait for pending teardowns instead of failing. */
  EXITS_HOLD_OOM,
  /** 1: processes lie on the CPUs in turn, from EXIT_CPU on; 0: all on EXIT_CPU. */
  EXITS_SPREAD,
  /** kernel/rcu/update.c: seconds until a stall is reported; milliseconds, 0 the same; 1 never. */
  RCU_CPU_STALL_TIMEOUT,
  RCU_EXP_CPU_STALL_TIMEOUT,
  RCU_CPU_STALL_SUPPRESS,
  /** VMAs that have huge pages at the beginning. */
  HUGE_VMAS,
  /** 1: rcuogs poll (boot parameter rcu_nocb_poll). */
  RCU_NOCB_POLL,
  /** VMAs that were allocated in a row and freed again before the run: see vma/vmas-before.ts. */
  VMAS_FREED_BEFORE,
  /** Records that the timeline has room for: see abi/timeline.ts. */
  TIMELINE_EVENTS,
  /** Lag of the grace-period kthread when the run begins, in ps. */
  GP_KTHREAD_LAG_PS,
  /** Lag of the rcuogs when the run begins, in ps. */
  RCUOG_LAG_PS,
  /** Lag of the rcuops when the run begins, in ps. */
  RCUOP_LAG_PS,

  COUNT,
}

/** Config.WORKLOAD; the host's name of each is the same in lower case. */
export enum Workload {
  /** A process with an address space exits. */
  EXIT,
  /** It unmaps ranges of it first. */
  MUNMAP,
  /** Callbacks that post themselves again, and callbacks that are posted once. */
  RCU_FLOOD,
  RCU_POST,
  /** Threads allocate and free kernel address space. */
  VMALLOC,
  /** Several address spaces with threads that run programs. */
  MM,
  /** Processes exit at the same moment; who waits, and when is their memory back? */
  EXITS,
}

/** Config.PREEMPT */
export enum Preempt {
  NONE,
  VOLUNTARY,
  FULL,
  LAZY,
}

/** Config.EXIT_COLLECT: where dead VMAs wait. */
export enum Collect {
  NONE,
  MM_LIST,
  PRIVATE_LIST,
  /** Pages of pointers with a monitor (kvfree_rcu). */
  BULK,
  /** A sheaf of the cache, 7.2. */
  SHEAF,
}

/** Config.EXIT_DRAIN: when a list of dead VMAs is handed over. */
export enum Drain {
  END,
  SIZE_OVER,
  INTERVAL,
  /** The same, and by a timer that runs from the first VMA on the list. */
  INTERVAL_TIMER,
}

/** Config.EXIT_RELEASE */
export enum Release {
  DIRECT,
  CALL_RCU,
  /** At once, into a cache whose slab pages wait for a grace period (SLAB_TYPESAFE_BY_RCU). */
  TYPESAFE,
}

/** Config.GENERATION */
export enum Generation {
  V6_12,
  V7_2,
}

/** Bits of Config.PROBE_FLAGS: which operations the measured kernels had under a timer bracket. */
export enum Probe {
  CALL_RCU = 2,
  FREE = 4,
  STEP = 16,
}

/** Config.ALLOCATION_ORDER: VMAs were allocated in address order, or in one unrelated to it. */
export enum AllocationOrder {
  ADDRESS,
  RANDOM,
}
