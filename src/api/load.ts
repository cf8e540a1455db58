// Bystanders of a run: what they are, and what they have had.

/** A group of tasks beside the workload, that begin with the run and end when the workload is over. */
export interface LoadSpec {
  readonly name: string;
  /**
   * `busy-user` and `busy-kernel` compute without end; `reader` makes read-side critical sections of
   * RCU; `sleeper` is woken by a timer, works in user mode and sleeps again; `memory` is woken by a
   * timer and touches pages it has not had before; `mapper` maps and unmaps memory of its own without end,
   * in iterations of `rounds` rounds that each take `work_ns`; `churn` is woken by a timer, touches pages and
   * gives them back.
   */
  readonly kind: "busy-user" | "busy-kernel" | "reader" | "sleeper" | "memory" | "mapper" | "churn";
  /** Tasks on each of `cpus` when bound, on all of them together when not. */
  readonly tasks: number;
  readonly bound: boolean;
  readonly cpus: readonly number[];
  /** SCHED_FIFO priority; 0 is the fair class. */
  readonly priority: number;
  /** Length of a section, of the work after a wake-up, of a stretch between two `cond_resched`. */
  readonly work_ns: number;
  /** From one beginning to the next; 0 without a pause. */
  readonly period_ns: number;
  /** `memory`: pages that a task touches in all, and after each wake-up; `churn`: the same number twice. */
  readonly pages?: number;
  readonly turn_pages?: number;
  /** `mapper` only: rounds of an iteration, and callbacks that it queues in one. */
  readonly rounds?: number;
  readonly callbacks?: number;
  /** `mapper` only: it has run before; what it queued in the last tick is ready, and what since then waits. */
  readonly ran_before?: boolean;
  /** `mapper` only: CPU time of each callback; by default the profile's `rcu_foreign_callback`. At most 1 ms. */
  readonly callback_ns?: number;
  /** `mapper` only: CPU time that each task has had beyond its share when the run begins; at most 4 ms. */
  readonly ahead_ns?: number;
}

/** What a group of bystanders has had of a run. */
export interface LoadReport {
  readonly name: string;
  readonly kind: LoadSpec["kind"];
  readonly tasks: number;
  /** Sections, wake-ups, or iterations. */
  readonly rounds: number;
  readonly cpu_ns: number;
  /** CPU time over the time its tasks existed. */
  readonly cpu_share: number;
  readonly ctx_switches: number;
  /** `memory` only: pages touched, and tasks that the OOM killer ended. */
  readonly pages?: number;
  readonly killed?: number;
  /**
   * Busy loops: how long each was held up, at every time it was. Readers: how long sections lasted.
   * Mappers: how long iterations took. Sleepers: how late they ran after their timer. Memory: how late they had the
   * pages of a turn. Churn: how long each allocation took.
   */
  readonly latency: {
    readonly samples: number;
    readonly mean_ns: number;
    readonly p50_ns: number;
    readonly p90_ns: number;
    readonly p99_ns: number;
    readonly p999_ns: number;
    readonly max_ns: number;
  };
}

/** Shortest period beside a fixed priority: two switches and the timer take some microseconds. */
export const FIXED_PERIOD_LEAST_NS = 10_000;
