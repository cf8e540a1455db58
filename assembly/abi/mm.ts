// What engine and host share about address spaces under load: operations, settings, what the
// lifetime oracle reports, and what is counted.

/** Which kernel's rules the world follows. */
export enum MmGeneration {
  /** No VMA lock: every fault takes mmap_lock. */
  V6_1,
  /** VMA lock of a rwsem and a sequence number; VMAs freed by RCU. */
  V6_12,
  /** VMA lock in the reference count; VMAs in a typesafe cache. */
  V7_2,
}

/** Settings of a world, one u64 each. */
export enum MmSetting {
  GENERATION,
  CPUS,
  ACTORS,
  MMS,
  VMAS,
  OPS,
  SEED,
  /** Bits of Twin: rules of the kernel that are left out on purpose. */
  TWINS,
  /** How munmap and exit free (FreeWay). */
  MUNMAP_FREE,
  EXIT_FREE,
  /** Dead VMAs a list holds before it is drained by a free. */
  LIST_MAX,
  MAX_MAP_COUNT,
  /** Bits of the sequence numbers; the kernel has 32. */
  SEQ_BITS,
  /** 0 switches the lifetime oracle off. */
  ORACLE,
  /** Pages of memory that VMAs, locks and touched pages come out of; 0 = no limit. */
  MEMORY_PAGES,
  /** Objects of a VMA slab; few make reuse likely. */
  OBJECTS_PER_SLAB,
  /** What the explorer gives up after: an endless run. */
  STEPS_MAX,
  /** Of the first address space's VMAs: the area whose VMAs have so many touched pages each. */
  AREA_FIRST,
  AREA_VMAS,
  AREA_TOUCHED,
  /** Jiffies between two drains of a list by a free; 0: by its size. A timer drains it as well. */
  LIST_INTERVAL,
  LIST_TIMER,
  /** VMA and lock slabs, nodes, tables and pages come out of the machine's frames. */
  FROM_MACHINE,
  COUNT,
}

/** How dead VMAs are released. */
export enum FreeWay {
  /** Back to the slab at once. */
  DIRECT,
  /** One call_rcu a VMA. */
  CALL_RCU,
  /** On the mm's list; one call_rcu when it is longer than LIST_MAX, the rest at exit. */
  MM_LIST,
  /** On a list of the operation; one call_rcu at its end. */
  PRIVATE_LIST,
  /** kvfree_rcu: gathered for a monitor. Machines only. */
  BULK,
}

/** Rules that a world can leave out: each makes a twin that the oracle must catch. */
export enum Twin {
  NONE = 0,
  /** exit does not write-lock each VMA before it frees page tables. */
  EXIT_WITHOUT_VMA_LOCK = 1,
  /** vma_end_read without rcu_read_lock around up_read. */
  UNLOCK_WITHOUT_RCU = 2,
  /** A reader does not compare vm_mm after it got its reference. */
  NO_MM_CHECK = 4,
  /** A reader does not compare the address after it got its reference. */
  NO_ADDRESS_CHECK = 8,
  /** The address is compared before `detached` is (before 6.11). */
  ADDRESS_BEFORE_DETACHED = 16,
  /** munmap gives every VMA to call_rcu twice. */
  QUEUE_TWICE = 32,
  /** Callbacks run when the running grace period ends, though it began before them. */
  FREE_EARLY = 64,
  /** A reference to another mm's VMA is dropped without holding that mm. */
  PUT_WITHOUT_GRAB = 128,
  /** munmap does not write-lock the VMAs it detaches. */
  UNMAP_WITHOUT_VMA_LOCK = 256,
  /** The reader's RCU section is missing around look-up and lock. */
  LOOKUP_WITHOUT_RCU = 512,
  /** The reaper does not look at MMF_OOM_SKIP once it has mmap_lock. */
  REAPER_IGNORES_SKIP = 1024,
}

/** What a thread can do. Arguments: two numbers, pages or counts. */
export enum Op {
  NONE,
  /** x: page. */
  FAULT,
  /** x: page. A fault from kernel mode: mmap_lock only. */
  KERNEL_FAULT,
  /** x: first page, y: pages. */
  MUNMAP,
  /** x: first page (2^64 - 1: anywhere), y: pages, z: protection; equal neighbours merge. */
  MMAP,
  /** x: first page, y: pages, z: new protection. */
  MPROTECT,
  /** x: new end page of the heap. */
  BRK,
  /** x: mm of the child; threads that wait for it start. y: fail at this VMA, from 1; 0 never. */
  FORK,
  /** x: mm that replaces this one; y: VMAs it gets; z: so many of them are cut after mapping. */
  EXEC,
  /** Ends the thread; the last one of an mm tears it down. */
  EXIT,
  /** x: mm. */
  READ_MAPS,
  /** x: mm, y: page. */
  REMOTE_ACCESS,
  /** x: mm, held by mm_count. */
  OOM_REAP,
  /** x: mm, held by mm_count. */
  PROCESS_MRELEASE,
  /** x: mm, held by mm_count. */
  KHUGEPAGED,
  /** x: mm, y: page. Takes and locks a VMA, drops mm_users, writes to it, unlocks it. */
  ILLEGAL_READ,
  /** x: mm. Kills its threads: each ends at its next operation. */
  KILL,
  /** x: page, y: faults, z: pages from one to the next, above 32 bits microseconds between them. */
  TOUCH,
  /** The same without the VMA lock: every fault takes mmap_lock. */
  TOUCH_SLOWLY,
  /** x: nanoseconds to sleep; no time in the explorer. */
  PAUSE,
  /** x: mm of a child. Sleeps until all threads that its fork started are over. */
  WAIT,
  /** x: first page, y: pages, z: protection. What is there gives way, in the same call. */
  MMAP_FIXED,
  /** As TOUCH; a read fault on a file: its pages are in the page cache already. */
  READ_FILE,
  /** x: nanoseconds that it works in user mode; no time in the explorer. */
  RUN,
}

/** What the oracle reports. */
export enum Breach {
  NONE,
  USE_AFTER_FREE,
  /** The address of a VMA that call_rcu or a list has overwritten. */
  GARBAGE_ADDRESS,
  /** A reader worked on a VMA of another mm or another address. */
  WRONG_VMA,
  QUEUED_TWICE,
  FREED_TWICE,
  /** Freed while a reader was inside that was inside when it was queued. */
  FREED_EARLY,
  /** mm_struct touched after its last reference was gone. */
  MM_USE_AFTER_FREE,
  /** A VMA is read-locked while nobody holds mm_users. */
  NO_MM_USERS,
  /** Freed or detached while a reader held it. */
  READER_INSIDE,
  /** map_count and index disagree, or VMAs are lost. */
  CONSERVATION,
  /** Two exclude each other and both are inside. */
  EXCLUSION,
}

/** Which part of a VMA, or of something else, an access touches. */
export enum Access {
  NONE,
  ADDRESS,
  LOCK,
  SEQUENCE,
  MM_POINTER,
  DETACHED,
  REFERENCE,
  /** The work itself: page tables, anon_vma, flags. */
  WORK,
  /** What an unlock does after others can see the lock free. */
  UNLOCK_TAIL,
  MM_STRUCT,
  FREE,
  CALLBACK,
}

/** The rule that would have prevented it. */
export enum Missing {
  NONE,
  RCU_DEFERRAL,
  RCU_READ_LOCK,
  RCU_AROUND_UNLOCK,
  FULL_GRACE_PERIOD,
  VMA_WRITE_LOCK,
  MM_USERS,
  MM_CHECK,
  ADDRESS_CHECK,
  DETACHED_CHECK_FIRST,
  MM_GRAB,
  QUEUED_ONCE,
  OOM_SKIP_CHECK,
}

/** What can have happened in a run, as bits of its outcome. */
export enum Happened {
  VMA_LOCK_SUCCESS,
  VMA_LOCK_ABORT,
  VMA_LOCK_RETRY,
  VMA_LOCK_MISS,
  FALLBACK,
  SEGV,
  /** A writer waited for a VMA's readers. */
  WRITER_WAITED,
  /** A detacher waited for a transient reader. */
  DETACH_WAITED,
  /** A reader got a reference to a later life of the object it had looked up. */
  MET_REUSE,
  /** exit waited for mmap_lock. */
  EXIT_WAITED,
  /** The reaper or process_mrelease found that exit had been there. */
  SKIPPED,
  REAPED,
  FORK_FAILED,
  MAP_COUNT_LIMIT,
  OUT_OF_MEMORY,
  INTERRUPTED,
  EXITED_MM,
  /** mm_users was 0 already. */
  NO_MM,
  DEADLOCK,
  SELF_DEADLOCK,
  ENDLESS,
  COUNT,
}

/** Counters of a world. */
export enum MmCount {
  STEPS,
  FAULTS,
  SUCCESS,
  ABORT,
  RETRY,
  MISS,
  FALLBACK,
  CALL_RCU,
  FREED,
  ALLOCATED,
  GRACE_PERIODS,
  BREACHES,
  MMAP_READ_WAITS,
  MMAP_WRITE_WAITS,
  MMAP_READ_WAIT,
  MMAP_WRITE_WAIT,
  MMAP_WRITE_HOLD,
  MMAP_WRITE_HOLD_MAX,
  MMAP_READ_WAIT_MAX,
  MMAP_WRITE_WAIT_MAX,
  VMA_WRITE_WAITS,
  OUTCOME,
  DEAD,
  DEAD_PEAK,

  // parts of faults and forks; times in picoseconds
  FAULT_TIME,
  FAULT_TIME_MIN,
  FAULT_TIME_MAX,
  FAULT_ENTRY_TIME,
  FAULT_LOOKUP_TIME,
  FAULT_MMAP_TIME,
  FAULT_HANDLE_TIME,
  FORKS,
  FORK_VMAS,
  FORK_SYSCALL_TIME,
  FORK_DUP_TIME,
  FORK_TREE_TIME,
  FORK_LOOP_TIME,
  FORK_LOCK_TIME,
  FORK_OBJECT_TIME,
  FORK_ANON_TIME,
  FORK_STORE_TIME,
  FORK_PAGES_TIME,
  /** When the last thread was over. */
  THREADS_DONE,
  EXECS,
  COUNT,
}

/** What operations cost, picoseconds each; profiles name them `mm_...`. */
export enum MmCost {
  /** A node of a tree walk, and a slot that it passes. */
  WALK_NODE,
  WALK_SLOT,
  /** lock_vma_under_rcu without the walk. */
  VMA_LOCK,
  /** mmap_read_lock and find_vma without the walk. */
  MMAP_LOCK_FIND,
  /** A page fault: exception, handler, anonymous page; what the first one in a VMA adds. */
  FAULT_ENTRY,
  FAULT_HANDLER,
  FAULT_PAGE,
  FAULT_ANON_VMA,
  /** mmap_lock taken and released for write. */
  MMAP_WRITE_LOCK,
  VMA_WRITE_LOCK,
  VMA_DETACH,
  /** Objects: from the CPU's own, and what a new slab or a sheaf's refill adds. */
  ALLOC_FAST,
  ALLOC_NEW_SLAB,
  LOCK_ALLOC_FAST,
  LOCK_ALLOC_NEW_SLAB,
  /** An object back to a cache with sheaves; 6.x pays by the way that the free takes. */
  FREE_VMA,
  CALLBACK_VMA,
  /** A store to the index with its preparation; a step of an iterator. */
  STORE,
  STEP,
  SYSCALL,
  GAP_SEARCH,
  UNMAP_VMA,
  UNMAP_PAGE,
  FREE_PGTABLES_VMA,
  REMOVE_VMA,
  DESTROY_NODE,
  /** fork: outside dup_mmap, its fixed part, a node of the tree, 16 nodes from a new slab. */
  FORK_SYSCALL,
  FORK_FIXED,
  FORK_TREE_NODE,
  FORK_NODE_NEW_SLAB,
  /** The parts of a VMA. */
  FORK_VMA,
  FORK_VMA_COPY,
  FORK_STORE,
  FORK_NO_ANON_VMA,
  FORK_ANON_VMA,
  /** For each doubling of the VMAs that share one anon_vma. */
  FORK_ANON_VMA_LEVEL,
  FORK_NO_PAGES,
  FORK_PAGES,
  FORK_PAGE,
  FORK_PAGE_TABLE,
  /** A line of /proc/PID/maps, a page of another process, a VMA that a reaper looks at. */
  SHOW_VMA,
  REMOTE_PAGE,
  ZAP_VMA,
  /** A read fault on a file that finds its pages, those around it too; their unmapping by exit. */
  FAULT_FILE,
  UNMAP_FILE,
  /** exit_mmap: its fixed part, an anon_vma, a page table of any level. */
  EXIT_FIXED,
  UNLINK_ANON_VMA,
  FREE_TABLE,
  /** The end of a task outside exit_mmap; wait4 that finds a dead child and releases it. */
  EXIT_TASK,
  WAIT,
  /** exec before the old mm goes (files, new mm, arguments) and after it, without its mappings. */
  EXEC_BEFORE,
  EXEC_AFTER,
  /** A mapping of its loader, besides object and store; cutting one that was mapped too long. */
  EXEC_MAP,
  EXEC_CUT,
  COUNT,
}
