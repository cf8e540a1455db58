// fork of a process with many one-page VMAs: dup_mmap and the parts of a VMA's copy.

import type { MmMetrics } from "../../api/types.ts";
import type { LitmusMm } from "../../litmus/spec.ts";
import { grouped } from "../../output/format.ts";
import type { RowKind } from "../kind.ts";
import type { MetricRule } from "../rules.ts";
import { figure, isMmKernel, mmJob, mmMetrics } from "./mm-rows.ts";

/** What the bracketed boots add to a populated VMA's copy, as their description says. */
const BRACKETS_NS = 30;

function perVma(name: string, of: (metrics: MmMetrics) => number): MetricRule {
  return figure(name, (metrics) => of(metrics) / metrics.fork_vmas);
}

/** A total that may hold the brackets of the parts. */
function bracketed(name: string, of: (metrics: MmMetrics) => number, per_vma = false): MetricRule {
  return {
    ...figure(name, of),
    simulated: (runs, record) => {
      const metrics = mmMetrics(runs);
      const brackets = record.figure("detail_brackets_inside_totals") === 1 ? BRACKETS_NS : 0;
      const total = of(metrics) + brackets * metrics.fork_vmas;
      return per_vma ? total / metrics.fork_vmas : total;
    },
  };
}

/**
 * The parent of the forking process is the same program without the area. Its VMAs came first, and
 * where that leaves the CPU's slab or sheaf decides what the next hundred cost.
 */
const INIT: LitmusMm = {
  name: "init",
  later: false,
  heap: 0,
  vmas: Array.from({ length: 11 }, (_, i) => ({
    start: 1024 + 2 * i,
    pages: 1,
    protection: 0,
    touched: 0,
  })),
};

/** VMAs of the program around the area: eleven, and one more in 7.2. */
const PROGRAM_VMAS = 11;

export const forkKind: RowKind = {
  name: "fork",
  title: "fork of a process with many VMAs, one instruction = 1 ns, one CPU",
  columns: ["kernel", "n_vma_requested", "populated", "dup_mmap_total_ns"],
  rules: [
    figure("vmas_copied", ({ fork_vmas }) => fork_vmas, { tolerance: 0.01 }),
    // The child may run before the parent is back: where the tick falls decides how long.
    {
      ...bracketed("fork_syscall_parent_ns", ({ fork_syscall_ns }) => fork_syscall_ns),
      comparison: "range",
    },
    bracketed("dup_mmap_total_ns", ({ fork_dup_ns }) => fork_dup_ns),
    figure("tree_dup_ns", ({ fork_tree_dup_ns }) => fork_tree_dup_ns),
    bracketed("vma_loop_ns", ({ fork_vma_loop_ns }) => fork_vma_loop_ns),
    figure("rest_ns", ({ fork_rest_ns }) => fork_rest_ns),
    bracketed("dup_mmap_per_vma_ns", ({ fork_dup_ns }) => fork_dup_ns, true),
    perVma("tree_dup_per_vma_ns", ({ fork_tree_dup_ns }) => fork_tree_dup_ns),
    bracketed("loop_per_vma_ns", ({ fork_vma_loop_ns }) => fork_vma_loop_ns, true),
    perVma("vma_write_lock_per_vma_ns", ({ fork_write_lock_ns }) => fork_write_lock_ns),
    perVma("vma_object_dup_per_vma_ns", ({ fork_object_dup_ns }) => fork_object_dup_ns),
    perVma("anon_vma_fork_per_vma_ns", ({ fork_anon_vma_ns }) => fork_anon_vma_ns),
    perVma("tree_store_per_vma_ns", ({ fork_store_ns }) => fork_store_ns),
    perVma("copy_page_tables_per_vma_ns", ({ fork_copy_pages_ns }) => fork_copy_pages_ns),
  ],
  plan: (record, context) => {
    const kernel = record.word("kernel");
    const vmas = record.needed("n_vma_requested");
    const populated = record.needed("populated");
    const reasons: string[] = [];
    if (!isMmKernel(kernel)) reasons.push(`kernel ${kernel || "unknown"} is not modelled`);
    if (populated !== 0 && populated !== 1) reasons.push(`populated ${populated} is not 0 or 1`);
    if (vmas < 1) reasons.push("no VMA");
    const profile = context.profile(`icount-${kernel}`);
    if (profile === undefined) reasons.push(`there is no cost profile icount-${kernel}`);
    if (reasons.length > 0 || profile === undefined || !isMmKernel(kernel)) return { reasons };
    return {
      what: `${grouped(vmas + PROGRAM_VMAS)} VMAs, ${populated === 1 ? "one page each" : "no page"}`,
      jobs: [
        mmJob({
          kernel,
          profile,
          space: { generate: "alternating", vma_count: vmas, base_process: true },
          workload: {
            touched_pages: populated,
            mms: [INIT, { name: "child", later: true, heap: 0, vmas: [] }],
            threads: [
              {
                name: "parent",
                mm: "process",
                ops: [{ op: "fork", mm: "child", x: 0, y: 0, z: 0 }],
              },
              { name: "child", mm: "child", born: true, ops: [{ op: "exit", x: 0, y: 0, z: 0 }] },
            ],
          },
        }),
      ],
      key: JSON.stringify({ fork: [kernel, vmas, populated] }),
    };
  },
};
