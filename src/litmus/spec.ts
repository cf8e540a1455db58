// A litmus test: a small scripted race, and what it is asked.

import type { Generation } from "./generation.ts";

/** One operation of a thread; `mm` names another address space. */
export interface LitmusOp {
  readonly op: string;
  readonly mm?: string;
  /** Pages, counts, nanoseconds: see `Op` (assembly/abi/mm.ts); -1 is anywhere. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface LitmusThread {
  readonly name: string;
  /** Its address space; absent: a kernel thread or a process of no interest. */
  readonly mm?: string;
  /** It starts with the fork or exec that makes its address space. */
  readonly born?: boolean;
  readonly ops: readonly LitmusOp[];
}

export interface LitmusVma {
  readonly start: number;
  readonly pages: number;
  readonly protection: number;
  readonly touched: number;
}

export interface LitmusMm {
  readonly name: string;
  /** Made by a fork or an exec. */
  readonly later: boolean;
  readonly heap: number;
  readonly vmas: readonly LitmusVma[];
}

/** What is looked for at the end of a run; all that is given must hold. */
export interface Condition {
  readonly breach?: string;
  readonly access?: string;
  readonly missing?: string;
  readonly happened?: readonly string[];
}

export type Expectation = "never" | "sometimes" | "always";

export interface LitmusSpec {
  readonly name: string;
  readonly title: string;
  readonly generation: Generation;
  /** How munmap and exit free. */
  readonly munmap: string;
  readonly exit: string;
  /** Rules that are left out. */
  readonly without: readonly string[];
  readonly max_map_count: number;
  readonly seq_bits: number;
  readonly list_max: number;
  readonly objects_per_slab: number;
  /** Pages that the machine has; 0 for no limit. */
  readonly memory_pages: number;
  readonly cpus: number;
  readonly mms: readonly LitmusMm[];
  readonly threads: readonly LitmusThread[];
  readonly observe: Condition;
  readonly expect: Expectation;
  /** Breaches that do not fail the test, though it asks for something else. */
  readonly tolerate: readonly string[];
  readonly seeds: number;
}
