// What a run reserves before it begins, and how far it is.

export interface MemoryRegion {
  readonly name: string;
  readonly bytes: number;
}

/** The engine's linear memory, computed before anything is reserved. */
export interface MemoryPlan {
  readonly regions: readonly MemoryRegion[];
  readonly total_bytes: number;
  /** What one wasm32 instance can have at most. */
  readonly limit_bytes: number;
  readonly bytes_per_vma: number;
}

export interface Progress {
  /** 0 to 1, over loading and teardown. */
  readonly fraction: number;
  readonly phase: "load" | "run";
  readonly sim_ns: number;
  readonly vmas_freed: number;
}
