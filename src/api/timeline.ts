// The timeline of a run: who ran where, in which phase, and what RCU did meanwhile.

/** What a run with `events_max` has recorded. `timelineEvents` reads it, `traceEventJson` draws it. */
export interface Timeline {
  /** Records as the engine wrote them, in the order in which events ended: assembly/abi/timeline.ts. */
  readonly words: BigUint64Array;
  /** Names of the tasks that ran, by their numbers; no entry for others. */
  readonly tasks: readonly (string | undefined)[];
  /** When the run ended; where events were lost, up to when there are all of them. */
  readonly end_ns: number;
  /** What there was no room for, all of it later than what there is. */
  readonly events_lost: number;
}

interface Stretch {
  readonly start_ns: number;
  readonly end_ns: number;
}

/** What a span is a phase of, or is as a whole. */
export type SpanOperation = "exit_mmap" | "munmap" | "wait4" | "do_exit" | "purge" | "reclaim";

/** Phases of exit_mmap and munmap, and what else tasks are in, by the kernel's names where it has one. */
export type SpanName =
  | "exit_mmap"
  | "unmap_vmas"
  | "free_pgtables"
  | "tlb_finish_mmu"
  | "removal loop"
  | "final drain"
  | "mt_destroy"
  | "munmap"
  | "gather"
  | "clear range"
  | "unmap, tables"
  | "wait4"
  | "do_exit"
  | "__purge_vmap_area_lazy"
  | "purge_vmap_node"
  | "direct reclaim"
  | "out_of_memory";

/** One event. Times count from the start of the run; `task` is a number of `Timeline.tasks`. */
export type TimelineEvent =
  /** A CPU switches to a task, or goes idle: no task. */
  | {
      readonly kind: "switch";
      readonly cpu: number;
      readonly time_ns: number;
      readonly task?: number;
    }
  | (Stretch & { readonly kind: "tick" | "softirq"; readonly cpu: number })
  /** rcu_do_batch, in a softirq of `cpu` or by a kthread that it ended on. */
  | (Stretch & {
      readonly kind: "batch";
      readonly cpu: number;
      readonly task?: number;
      readonly invoked: number;
      readonly ready: number;
      readonly limit: number;
      /** Whose callbacks they are. */
      readonly callbacks_of_cpu: number;
      /** Among those of the run's metrics, which end with the last free. */
      readonly counted: boolean;
    })
  /** From its start to its end; numbers count from 1. */
  | (Stretch & {
      readonly kind: "grace period";
      readonly expedited: boolean;
      readonly number: number;
    })
  /** `subject`: which mm, munmap call or child it was, from 0; areas purged; 0 where there are not several. */
  | (Stretch & {
      readonly kind: "span";
      readonly name: SpanName;
      readonly operation: SpanOperation;
      readonly task: number;
      readonly subject: number;
    })
  /** An operation of a thread of the workload mm, by its name in scenarios: "fault", "munmap". */
  | (Stretch & { readonly kind: "operation"; readonly name: string; readonly task: number })
  /** A report about an RCU CPU stall. */
  | {
      readonly kind: "stall";
      readonly time_ns: number;
      readonly cpu: number;
      readonly stall: "self" | "other" | "expedited";
      readonly jiffies: number;
    }
  /** `free_pages` is 0 where the run has no page frames. */
  | {
      readonly kind: "counters";
      readonly time_ns: number;
      readonly dead_vmas: number;
      readonly callbacks_queued: number;
      readonly free_pages: number;
    };
