// Keys, types, versions, CPUs and names of strategies in scenario files that must be refused. One entry a mistake.

import type { BadScenario } from "./bad-scenarios.ts";

const head = "version: 1\naddress_space: { generate: alternating, vma_count: 10 }\n";

export const BAD_NAMES: readonly BadScenario[] = [
  {
    what: "a key of no workload of its type",
    text: `${head}workload: { type: exit, foo: 1 }\n`,
    says: "s.yaml:3:25: unknown key workload.foo (known: type)",
  },
  {
    what: "a slip in a key, among those of the type",
    text: `${head}workload: { type: exits, child: 1 }\n`,
    says: "s.yaml:3:26: unknown key workload.child (known: type, children, placement, put, put_async_min, encrypted, parent_busy, work and 4 more)",
  },
  {
    what: "a workload of nothing",
    text: `${head}workload: {}\n`,
    says: "s.yaml:3:11: missing key workload.type: expected one of exit, munmap, exits, rcu_flood, rcu_post, vmalloc, mm",
  },
  {
    what: "a drain rule that does not say when",
    text: `${head}strategies: [{ name: a, exit: { collect: mm-list, drain: { vmas: 3 }, release: call-rcu } }]\n`,
    says: "s.yaml:3:58: missing key strategies.0.exit.drain.when: expected one of end, size-over, interval",
  },
  {
    what: "a key that is nothing",
    text: "version: 1\n~: 3\n",
    says: "s.yaml:2:1: bad key: found nothing, expected a word",
  },
  {
    what: "a key that is a mapping",
    text: `${head}machine:\n  ? { cpus: 1 }\n  : 3\n`,
    says: "s.yaml:4:5: bad key: found a mapping, expected a word",
  },
  {
    what: "a version with a zero too many, as a number",
    text: `${head}machine: { generation: 7.20 }\n`,
    says: 's.yaml:3:24: bad value of machine.generation: found 7.20, expected "7.2" (a version is no number: what follows its point counts as it stands)',
  },
  {
    what: "the same of a workload",
    text: `${head}workload: { type: mm, kernel: 6.120, threads: [{ name: a, mm: process, do: [exit] }] }\n`,
    says: 's.yaml:3:31: bad value of workload.kernel: found 6.120, expected "6.12" (a version is no number: what follows its point counts as it stands)',
  },
  {
    what: "a CPU that is none in a list",
    text: `${head}machine: { cpus: 2, nohz_full: [1, two] }\n`,
    says: 's.yaml:3:36: bad value of machine.nohz_full.1: found "two", expected the number of a CPU, from 0 to 255',
  },
  {
    what: "a CPU of a list that the machine has not",
    text: `${head}machine: { cpus: 2, rcu_nocbs: [0, 2] }\n`,
    says: "s.yaml:3:32: bad value of machine.rcu_nocbs: found a list of 2, expected none, all, or some of the 2 CPUs, counted from 0",
  },
  {
    what: "a strategy with a preset's name and another policy",
    text: `${head}strategies: [{ name: direct, exit: { collect: none, release: call-rcu } }]\n`,
    says: 's.yaml:3:22: bad value of strategies.0.name: found "direct", expected a name of its own: reports would take it for the preset of that name',
  },
  {
    what: "the same in munmap alone",
    text: `${head}strategies:\n  - name: direct\n    exit: { collect: none, release: direct }\n    munmap: { collect: private-list, release: call-rcu }\n`,
    says: 's.yaml:4:11: bad value of strategies.0.name: found "direct", expected a name of its own: reports would take it for the preset of that name',
  },
];
