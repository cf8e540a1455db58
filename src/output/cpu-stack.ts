// Who used the CPUs, as the charts of several workloads show it.

import type { Stack } from "./workload-text.ts";

/** The same for exit, munmap and mm. */
export const CPU_STACK: Stack<"exit"> & Stack<"munmap"> & Stack<"mm"> = {
  title: "CPU time by who used it, ms",
  note: "What the task does not do itself is done later, in softirqs or by kthreads.",
  parts: [
    { metric: "cpu_task_ns", name: "tasks" },
    { metric: "cpu_softirq_ns", name: "softirqs" },
    { metric: "cpu_kthread_ns", name: "kthreads" },
  ],
};
