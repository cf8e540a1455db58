// Slots of the cost table: picoseconds of CPU time, one u64 each, filled by the host from a named
// cost profile. The keys of a profile are these names in lower case. Shared by engine and host.

export enum CostSlot {
  /** exit_mmap before unmap_vmas and between its phases: notifier, locks, flags. */
  EXIT_MMAP_FIXED,
  /** unmap_vmas: what every process pays (its few resident pages), then per VMA without a table. */
  UNMAP_VMAS_FIXED,
  UNMAP_VMA,
  /** free_pgtables, likewise. */
  FREE_PGTABLES_FIXED,
  FREE_PGTABLES_VMA,
  TLB_FINISH,
  /** The removal loop: what every process pays, and one step of the VMA iterator. */
  REMOVAL_LOOP_FIXED,
  VMA_NEXT,
  /** remove_vma without the freeing itself, by what it hands the VMA to. */
  REMOVE_VMA_DIRECT,
  REMOVE_VMA_CALL_RCU,
  REMOVE_VMA_MM_LIST,
  REMOVE_VMA_PRIVATE_LIST,
  /** The jiffies comparison and stamp of the interval rule, per free. */
  DRAIN_CHECK_INTERVAL,
  /** Splicing a list off and preparing its group callback. */
  DRAIN_LIST,
  DRAIN_PRIVATE_LIST,
  /** The look at an empty list at the end. */
  DRAIN_EMPTY,
  CALL_RCU,
  /** call_rcu on an offloaded CPU: onto the list, onto the bypass list, with a flush of that. */
  CALL_RCU_NOCB,
  CALL_RCU_BYPASS,
  CALL_RCU_FLUSH,
  /** What a call beyond qhimark takes more while no grace period has begun. */
  CALL_RCU_QHIMARK,
  /** __mt_destroy: per node, and per group of one slab among those that go at once. In 6.12 the
   *  free itself and the slabs that it empties come on top. */
  MT_DESTROY_WALK,
  MT_DESTROY_GROUP,
  /** 7.2: per node that no sheaf takes, and per slab that is given back. */
  MT_DESTROY_TO_SLAB,
  MT_DESTROY_SLAB_GONE,
  /** Making a VMA, the whole system call: how many are made until replaced nodes come back. */
  VMA_MADE,
  EXIT_MMAP_END,
  /** From the end of exit_mmap to waking the parent, and from there to its return from wait. */
  EXIT_NOTIFY,
  WAIT_RETURN,

  /** Slab: a free onto the CPU's active slab, and one through the slow path. */
  SLAB_FREE_FAST,
  SLAB_FREE_SLOW,
  /** Full slab to the CPU's partial list; empty slab that only takes the node lock. */
  SLAB_PUT_CPU_PARTIAL,
  SLAB_EMPTY,
  /** One slab moved from the CPU's partial list to the node, or back to the page allocator. */
  SLAB_SPILL,
  SLAB_DISCARD,

  /** rcu_do_batch: entry and exit, per callback in softirq; the call of a group callback. */
  RCU_BATCH,
  RCU_CALLBACK,
  /** The same per callback in a kthread, which lets bottom halves and others in after each. */
  RCU_CALLBACK_KTHREAD,
  RCU_FOREIGN_CALLBACK,
  /** What a callback does for one VMA besides its two slab frees. */
  RCU_CALLBACK_VMA,
  RCU_CORE,
  /** The grace-period kthread: init, cleanup, force-quiescent-state scan and per CPU scanned. */
  RCU_GP_INIT,
  RCU_GP_CLEANUP,
  RCU_FQS_SCAN,
  RCU_FQS_CPU,
  /** rcuog: one sweep, and per CPU of its group; rcuop: one round besides its batch. */
  RCUOG_SWEEP,
  RCUOG_CPU,
  RCUOP_ROUND,
  /** rcuop itself notes that a grace period is over, and numbers what waits. */
  RCUOP_ADVANCE,

  /** Timer interrupt with its timer and scheduler work. */
  TICK,
  /** The interrupt of the slice timer, and setting that timer. */
  HRTICK,
  HRTICK_ARM,
  CONTEXT_SWITCH,
  WAKE_UP,
  /** Waking rcuog or the grace-period kthread: RCU's own locks and queues, besides WAKE_UP. */
  RCU_WAKE,
  /** Interrupt that tells another CPU to reschedule. */
  RESCHEDULE_IPI,
  IDLE_EXIT,
  /** A task taken over from another CPU's run queue. */
  MIGRATE_TASK,

  /** What the measuring kernels pay for a timer bracket (Probe bits). */
  PROBE_CALL_RCU,
  PROBE_FREE,
  PROBE_CALLBACK,
  PROBE_STEP,

  /** queue_work without the wake-up; a worker's way from its wake to the item's function. */
  QUEUE_WORK,
  WORK_START,

  /** munmap: entry and return of the system call, then per VMA of the gathering pass. */
  MUNMAP_SYSCALL,
  MUNMAP_GATHER_VMA,
  /** On the way back over what was gathered, one VMA. */
  MUNMAP_WALK_BACK,
  /** The store into the side tree: per level, and per level where nodes are rebuilt. */
  MUNMAP_GATHER_LEVEL,
  MUNMAP_REBUILD_LEVEL,
  /** A split at a border of the range: a VMA, its lock, and a store into the main tree. */
  MUNMAP_SPLIT,
  /** Clearing the range: once, per item handed to RCU, per node marked dead. */
  MUNMAP_CLEAR_FIXED,
  MUNMAP_CLEAR_ITEM,
  MUNMAP_CLEAR_NODE,
  /** unmap_vmas, free_pgtables and the gather's end: once, per VMA, per VMA whose table exists. */
  MUNMAP_UNMAP_FIXED,
  MUNMAP_UNMAP_VMA,
  /** A VMA without pages that shares a last-level page table, in exit too. */
  MUNMAP_UNMAP_TABLE_VMA,
  /** One step over the side tree in the removal loop; a sample of the measuring kernel. */
  MUNMAP_NEXT,
  MUNMAP_SAMPLE,
  MUNMAP_DESTROY_NODE,
  MUNMAP_DRAIN_EMPTY,
  /** A callback that frees index nodes: once, and for each of its nodes. */
  RCU_NODE_CALLBACK,
  RCU_INDEX_NODE,
  /** A look at the clock in a batch that has a time limit. */
  RCU_BATCH_CLOCK,

  /** Workloads that post callbacks: memory for one, the loop around, and what its callback does. */
  RCU_LOAD_ALLOC,
  RCU_LOAD_STEP,
  RCU_FLOOD_CALLBACK,
  RCU_POST_CALLBACK,
  /** A lock's cache line from one CPU to another. */
  LOCK_TRANSFER,
  /** An object whose callback another CPU invokes than queued it, beyond the same on one CPU. */
  CALLBACK_REMOTE,
  /** The vm_struct of an area; vmalloc and vfree besides what follows; per page. */
  VM_AREA_GET,
  VM_AREA_PUT,
  VMALLOC,
  VMALLOC_PAGE,
  VMALLOC_ZERO_PAGE,
  VFREE,
  VFREE_PAGE,
  /** Page tables cleared: a walk that finds nothing mapped, one that does, per page. */
  VUNMAP_NOTHING,
  VUNMAP,
  VUNMAP_PAGE,
  /** alloc_vmap_area besides search and insertion; with a pool that had an area, too. */
  VMAP_ALLOC,
  VMAP_POOL_LOOK,
  VMAP_POOL_TAKE,
  /** Search and clip in the free-space tree, by what it does there. */
  VMAP_SEARCH,
  VMAP_SEARCH_LEFT,
  VMAP_SEARCH_RIGHT,
  VMAP_SEARCH_UP,
  VMAP_SEARCH_UPDATE,
  VMAP_SEARCH_BALANCE,
  VMAP_CLIP_FULL,
  /** A block is cut in two: its rest is linked, and the CPU gets a spare record again. */
  VMAP_CLIP_INNER,
  /** Along the list of busy areas: per area passed. */
  VMAP_HOLE_STEP,
  /** Into the busy or the lazy tree. */
  VMAP_INSERT,
  VMAP_INSERT_LEFT,
  VMAP_INSERT_RIGHT,
  VMAP_INSERT_BALANCE,
  /** Found in the busy tree and taken out. */
  VMAP_FIND,
  VMAP_FIND_LEFT,
  VMAP_FIND_RIGHT,
  VMAP_FIND_BALANCE,
  /** free_vmap_area_noflush besides the insertion; smallest and largest address kept there. */
  VMAP_FREE,
  VMAP_RANGE_ADD,
  /** A purge; per node; per area its walk, the range loop, its way to a pool. */
  VMAP_PURGE,
  VMAP_PURGE_NODE,
  VMAP_PURGE_AREA,
  VMAP_RANGE_AREA,
  VMAP_POOL_PUT,
  /** A look at all pools of a node; per pool that holds areas, per area given back from one. */
  VMAP_DECAY,
  VMAP_DECAY_POOL,
  VMAP_DECAY_AREA,
  /** Back into the free-space tree, by what it does there. */
  VMAP_MERGE,
  VMAP_MERGE_LEFT,
  VMAP_MERGE_RIGHT,
  VMAP_MERGE_UPDATE,
  VMAP_MERGE_BALANCE,
  VMAP_MERGE_JOIN,
  /** Both neighbours become one: the upper one leaves the tree. */
  VMAP_MERGE_UNLINK,
  /**
   * Objects that a vmalloc takes, beyond an allocation and a free of the fast kind, which the costs
   * of its steps contain. A new slab, besides each object of it; another partial slab made active;
   * a free into a slab that is not the CPU's own; the first one into a full slab; list_lock, or
   * what is put on the node's list under it, besides each slab; a slab given back.
   */
  VMAP_SLAB_NEW,
  VMAP_SLAB_NEW_OBJECT,
  VMAP_SLAB_ACTIVATE,
  VMAP_SLAB_FREE_SLOW,
  VMAP_SLAB_TO_PARTIAL,
  VMAP_SLAB_LIST_LOCK,
  VMAP_SLAB_MOVE,
  VMAP_SLAB_DISCARD,
  /** The CPU's list of pages is empty: taking the zone's lock; a page from the buddy allocator. */
  VMAP_PAGES_REFILL,
  VMAP_PAGES_REFILL_PAGE,
  /** A page table that is mapped for the first time. */
  VMAP_TABLE,
  /** flush_tlb_kernel_range; per other CPU that is told. */
  TLB_FLUSH_KERNEL,
  TLB_FLUSH_KERNEL_CPU,
  /** What the tests do besides: a random number; an object of the per-CPU allocator. */
  TEST_RANDOM,
  PCPU_ALLOC,
  PCPU_FREE,
  /** vm_map_ram and vm_unmap_ram inside a block; per page. */
  VM_MAP_RAM,
  VM_MAP_RAM_PAGE,
  KVFREE_RCU,
  /** An allocation finds no address: the line that says so; the report with stack and memory. */
  VMAP_RANGE_FULL,
  WARN_ALLOC,
  /** unmap_vmas of a process with resident memory in its area, in place of UNMAP_VMAS_FIXED. */
  UNMAP_VMAS_FIXED_RESIDENT,
  /** A VMA with resident pages: the way down to its page table; then each page. */
  ZAP_VMA,
  ZAP_PAGE,
  /** A page's way from the gather to the per-CPU list. */
  PAGE_FREE,
  /** anon_vma of a VMA in free_pgtables; a page table there, and its page's way to the list. */
  ANON_VMA_UNLINK,
  PGTABLE_FREE,
  TABLE_FREE,
  /** One of the gather's own pages when it is finished. */
  GATHER_PAGE_FREE,
  /**
   * free_pcppages_bulk: taking the zone's lock, a page, a merge with a buddy; rmqueue_bulk: a page.
   */
  ZONE_LOCK_HOLD,
  BUDDY_FREE,
  BUDDY_MERGE,
  BUDDY_ALLOC,
  /** vmstat_update without what it moves; vmstat_shepherd without queueing that. */
  VMSTAT_UPDATE,
  VMSTAT_SHEPHERD,

  /** Sheaves (7.2): a free into the main sheaf; a new sheaf; an exchange with the barn. */
  SHEAF_FREE_FAST,
  SHEAF_NEW,
  SHEAF_BARN,
  /** Flushing a sheaf into slabs: once, per object, per slab that this empties for good. */
  SHEAF_FLUSH,
  SHEAF_FLUSH_OBJECT,
  SHEAF_FLUSH_DISCARD,
  /** kfree_rcu of one index node into a sheaf; the callback of a full one, which sends it to its
   *  slabs, and each slow free there. */
  KFREE_RCU_SHEAF,
  RCU_SHEAF_CALLBACK,
  RCU_SHEAF_SLOW_FREE,
  /** The callback that gives a slab's pages back. */
  RCU_SLAB_CALLBACK,
  /** The callback that frees page tables. */
  RCU_TABLES_CALLBACK,

  /** do_exit up to exit_mm, __mmput up to exit_mmap, and from there to waking the parent. */
  DO_EXIT_BEFORE_MM,
  MMPUT,
  DO_EXIT_AFTER_MM,
  /** A page touched by a process that starts. */
  FAULT_PAGE,
  /** A pass of shrink_node over empty LRU lists; choosing and killing a process. */
  RECLAIM_PASS,
  OOM_KILL,
  /** A page of a file: unmapping it, and a put that leaves it to the page cache. */
  ZAP_FILE_PAGE,
  PAGE_PUT,
  /** A huge page (2 MiB): unmapping it with its deposited table, freeing it. */
  ZAP_HUGE_PAGE,
  HUGE_PAGE_FREE,
  /** A huge page that is cut: 512 entries for one; unmapping one of them; queueing the folio. */
  SPLIT_HUGE_PMD,
  ZAP_FOLIO_PAGE,
  DEFERRED_SPLIT,
  /** Taking a folio of 512 pages apart: once, and for each page of it that is mapped. */
  SPLIT_FOLIO,
  SPLIT_FOLIO_MAPPED,
  /** An anon_vma that its last VMA frees. */
  ANON_VMA_FREE,
  /** The callback that frees a batch of page tables, besides each table. */
  RCU_TABLE_BATCH,

  COUNT,
}
