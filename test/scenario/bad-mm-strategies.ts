// Strategies that the workload mm would replace by others, and the line that must be said.

import type { BadScenario } from "./bad-scenarios.ts";

const head = "version: 1\naddress_space: { generate: alternating, vma_count: 10 }\n";

export const BAD_MM_STRATEGIES: readonly BadScenario[] = [
  {
    what: "a private list of the workload mm with a size",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: [exit] }] }\nstrategies:\n  - name: mine\n    exit: { collect: private-list, drain: { when: size-over, vmas: 100 }, release: call-rcu }\n`,
    says: "s.yaml:6:11: bad value of strategies.0.exit: found a mapping, expected drain: { when: end }: a private list of the workload mm lasts for one operation (collect: private-list with drain.when: size-over)",
  },
  {
    what: "a list of the workload mm that is drained every 0 jiffies",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: [exit] }] }\nstrategies:\n  - name: mine\n    exit: { collect: mm-list, drain: { when: interval, jiffies: 0, timer: true }, release: call-rcu }\n`,
    says: "s.yaml:6:11: bad value of strategies.0.exit: found a mapping, expected jiffies of at least 1 in the workload mm, or { when: size-over, vmas: 0 } (drain.jiffies: 0)",
  },
  {
    what: "a list of the workload mm with two rules",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: [exit] }] }\nstrategies:\n  - name: mine\n    exit: { collect: mm-list, release: call-rcu }\n    munmap: { collect: mm-list, drain: { when: size-over, vmas: 2 }, release: call-rcu }\n`,
    says: "s.yaml:7:13: bad value of strategies.0.munmap: found a mapping, expected the same rule for both: an mm of the workload mm has one list, with one rule (drain by size-over 2 in munmap, by end in exit)",
  },
  {
    what: "typesafe VMAs in 6.12's address spaces on a machine of 7.2",
    text: `${head}machine: { generation: "7.2" }\nworkload: { type: mm, kernel: "6.12", threads: [{ name: a, mm: process, do: [exit] }] }\nstrategies: [typesafe]\n`,
    says: 's.yaml:5:14: bad value of strategies.0: found "typesafe", expected direct or call-rcu: VMAs of 6.12 have no readers who check for reuse (release: typesafe with workload.kernel "6.12")',
  },
  {
    what: "sheaves of dead VMAs in the workload mm",
    text: `${head}machine: { generation: "7.2" }\nworkload: { type: mm, kernel: "6.12", threads: [{ name: a, mm: process, do: [exit] }] }\nstrategies: [rcu-sheaf]\n`,
    says: 's.yaml:5:14: bad value of strategies.0: found "rcu-sheaf", expected another: the workload mm has no sheaves of dead VMAs (collect: sheaf)',
  },
];
