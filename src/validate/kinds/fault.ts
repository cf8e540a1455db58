// Write faults on anonymous pages, each in a VMA of its own: by the VMA lock, and without it.

import { grouped } from "../../output/format.ts";
import type { RowKind } from "../kind.ts";
import { figure, isMmKernel, mmJob } from "./mm-rows.ts";

/** Pages of each VMA of the measured area. */
const VMA_PAGES = 2;
/** Each path takes every second VMA. */
const STRIDE = 2 * VMA_PAGES;

const PATHS = ["vma_lock", "mmap_lock_fallback"];
const TOUCHES = ["first_page_of_vma", "second_page_of_vma"];

export const faultKind: RowKind = {
  name: "fault",
  title: "write faults on anonymous pages, one instruction = 1 ns, one CPU",
  columns: ["kernel", "n_vma", "path", "touch", "faults"],
  rules: [
    figure("faults", ({ faults }) => faults, { comparison: "exact" }),
    figure("user_fault_ns_mean", (metrics) => metrics.fault_mean_ns),
    figure("kernel_handler_ns_mean", (metrics) => metrics.fault_handler_mean_ns),
    figure("vma_lookup_and_lock_ns_mean", (metrics) => metrics.fault_lookup_mean_ns),
    figure("mmap_lock_and_find_ns_mean", (metrics) => metrics.fault_mmap_lock_mean_ns),
    figure("handle_mm_fault_ns_mean", (metrics) => metrics.fault_handle_mean_ns),
  ],
  plan: (record, context) => {
    const kernel = record.word("kernel");
    const path = record.word("path");
    const touch = record.word("touch");
    const vmas = record.needed("n_vma");
    const faults = record.needed("faults");
    const reasons: string[] = [];
    if (!isMmKernel(kernel)) reasons.push(`kernel ${kernel || "unknown"} is not modelled`);
    if (!PATHS.includes(path)) reasons.push(`path ${path || "unknown"} is not known`);
    if (!TOUCHES.includes(touch)) reasons.push(`touch ${touch || "unknown"} is not known`);
    if (faults < 1 || faults * 2 > vmas) reasons.push(`${faults} faults of ${vmas} VMAs`);
    const profile = context.profile(`icount-${kernel}`);
    if (profile === undefined) reasons.push(`there is no cost profile icount-${kernel}`);
    if (reasons.length > 0 || profile === undefined || !isMmKernel(kernel)) return { reasons };
    const second = touch === "second_page_of_vma";
    const op = path === "vma_lock" ? "touch" : "touch-slowly";
    const threads = [
      { name: "toucher", mm: "process", ops: [{ op, x: second ? 1 : 0, y: faults, z: STRIDE }] },
    ];
    return {
      what: `${path}, ${touch}, ${grouped(vmas)} VMAs`,
      jobs: [
        mmJob({
          kernel,
          profile,
          space: { generate: "contiguous", vma_count: vmas, page_count: VMA_PAGES },
          workload: { threads, touched_pages: second ? 1 : 0 },
        }),
      ],
      key: JSON.stringify({ fault: [kernel, vmas, path, touch, faults] }),
    };
  },
};
