// Scenario files that must be refused, and the line that must be said. One entry a mistake.

export interface BadScenario {
  readonly what: string;
  readonly text: string;
  /** The whole message. */
  readonly says: string;
}

const head = "version: 1\naddress_space: { generate: alternating, vma_count: 10 }\n";

export const BAD_SCENARIOS: readonly BadScenario[] = [
  { what: "an empty file", text: "", says: "s.yaml:1:1: empty file: expected YAML or JSON" },
  {
    what: "a scalar instead of a mapping",
    text: "direct\n",
    says: 's.yaml:1:1: bad value of the whole: found "direct", expected a mapping',
  },
  {
    what: "broken YAML",
    text: "version: 1\nmachine: [1, 2\n",
    says: "s.yaml:3:1: not YAML or JSON: Flow sequence in block collection must be sufficiently indented and end with a ]",
  },
  {
    what: "threads that empty page lists where no workload has them",
    text: `${head}machine: { memory: { kfreepcp: posted } }\n`,
    says: 's.yaml:3:32: bad value of machine.memory.kfreepcp: found "posted", expected inline: only the workload exits has the threads that empty the lists',
  },
  {
    what: "the same key twice",
    text: `${head}seed: 1\nseed: 2\n`,
    says: "s.yaml:4:1: not YAML or JSON: Map keys must be unique",
  },
  {
    what: "an alias without an anchor",
    text: `${head}machine: { cpus: *many }\n`,
    says: "s.yaml:3:18: not YAML or JSON: an alias of an anchor that is not set before it",
  },
  {
    what: "aliases that stand for thousands of values",
    text: `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    says: "s.yaml:2:8: not YAML or JSON: aliases that stand for a hundred times what is written",
  },
  {
    what: "an alias inside of what it stands for",
    text: `${head}machine: &m { cpus: *m }\n`,
    says: "s.yaml:3:21: not YAML or JSON: nested too deeply, or an alias inside of what it stands for",
  },
  {
    what: "none of what cannot be none, where -1 leaves it to the kernel",
    text: `${head}machine: { rcu: { jiffies_till_next_fqs: 0 } }\n`,
    says: "s.yaml:3:42: bad value of machine.rcu.jiffies_till_next_fqs: found 0, expected a whole number from 1 to 1,000, or -1 for the kernel's choice",
  },
  {
    what: "two ways to share VMAs among calls",
    text: `${head}workload: { type: munmap, every: 1, calls: 2 }\n`,
    says: "s.yaml:3:44: bad value of workload.calls: found 2, expected no `calls` beside `every`",
  },
  {
    what: "CPUs with commas between braces, which are keys then",
    text: `${head}machine: { cpus: 9, rcu_nocbs: 0-3,8 }\n`,
    says: "s.yaml:3:36: unknown key machine.8 (a list with commas needs quotes or brackets here)",
  },
  {
    what: "a share above one",
    text: "version: 1\naddress_space: { generate: alternating, vma_count: 10, populated: 1.5 }\n",
    says: "s.yaml:2:67: bad value of address_space.populated: found 1.5, expected a number from 0 to 1, or shares: anonymous, file, shared, huge",
  },
  {
    what: "a negative PID",
    text: "version: 1\naddress_space: { maps: -7 }\n",
    says: "s.yaml:2:24: bad value of address_space.maps: found -7, expected a path of a /proc/PID/maps file, a PID, or - for standard input",
  },
  {
    what: "a negative CPU of a bystander",
    text: "version: 1\naddress_space: {maps: x}\nload:\n  - {type: busy, cpus: -1}\n",
    says: "s.yaml:4:24: bad value of load.0.cpus: found -1, expected none, all, or CPUs as in 0-3,8 or [0, 1, 8]",
  },
  {
    what: "half a CPU of a workload",
    text: "version: 1\nworkload: {type: rcu_flood, cpus: 0.5}\n",
    says: "s.yaml:2:35: bad value of workload.cpus: found 0.5, expected none, all, or CPUs as in 0-3,8 or [0, 1, 8]",
  },
  {
    what: "a negative CPU",
    text: `${head}machine: { cpus: 2, rcu_nocbs: -1 }\n`,
    says: "s.yaml:3:32: bad value of machine.rcu_nocbs: found -1, expected none, all, or CPUs as in 0-3,8 or [0, 1, 8]",
  },
  {
    what: "a fault series without its stride",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: [{ touch: [0, 5] }] }] }\n`,
    says: "s.yaml:3:71: bad value of workload.threads.0.do.0.touch: found a list of 2, expected a list: first page, faults, pages between",
  },
  {
    what: "a program that is no list",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: 3 }] }\n`,
    says: "s.yaml:3:61: bad value of workload.threads.0.do: found 3, expected a list",
  },
  {
    what: "a VMA of one number",
    text: `${head}workload: { type: mm, mms: { A: { vmas: [16] } }, threads: [{ name: a, mm: process, do: [exit] }] }\n`,
    says: "s.yaml:3:42: bad value of workload.mms.A.vmas.0: found 16, expected a list: first page, pages, and if need be protection and touched pages",
  },
  {
    what: "two documents in one file",
    text: `${head}---\n${head}`,
    says: "s.yaml:3:1: not YAML or JSON: more than one document in a file",
  },
  {
    what: "an alias inside of what it stands for",
    text: "version: 1\nload: &all [*all]\n",
    says: "s.yaml:2:13: not YAML or JSON: nested too deeply, or an alias inside of what it stands for",
  },
  {
    what: "no version",
    text: "address_space: { generate: alternating, vma_count: 10 }\n",
    says: "s.yaml:1:1: missing key version: expected 1, the version of the scenario format",
  },
  {
    what: "a version to come",
    text: "version: 2\naddress_space: { generate: alternating, vma_count: 10 }\n",
    says: "s.yaml:1:10: bad value of version: found 2, expected 1, the version of the scenario format",
  },
  {
    what: "a mistyped key at the top",
    text: `${head}stategies: [direct]\n`,
    says: "s.yaml:3:1: unknown key stategies (did you mean `strategies`?)",
  },
  {
    what: "a mistyped RCU parameter",
    text: `${head}machine:\n  rcu:\n    blimt: 10\n`,
    says: "s.yaml:5:5: unknown key machine.rcu.blimt (did you mean `blimit`?)",
  },
  {
    what: "offloaded CPUs that are no list",
    text: `${head}machine: { rcu_nocbs: "0-x" }\n`,
    says: 's.yaml:3:23: bad value of machine.rcu_nocbs: found "0-x", expected none, all, or CPUs as in 0-3,8 or [0, 1, 8]',
  },
  {
    what: "an offloaded CPU that the machine does not have",
    text: `${head}machine: { cpus: 2, rcu_nocbs: 1-2 }\n`,
    says: 's.yaml:3:32: bad value of machine.rcu_nocbs: found "1-2", expected none, all, or some of the 2 CPUs, counted from 0',
  },
  {
    what: "a key that resembles nothing",
    text: `${head}machine: { slab: { maple_node: {} } }\n`,
    says: "s.yaml:3:20: unknown key machine.slab.maple_node (known: vm_area_struct, vma_lock, sheaf_capacity, allocation_order, vmas_freed_before)",
  },
  {
    what: "a negative number",
    text: `${head}machine: { cpus: -1 }\n`,
    says: "s.yaml:3:18: bad value of machine.cpus: found -1, expected a whole number from 1 to 256",
  },
  {
    what: "no CPU at all",
    text: `${head}machine: { cpus: 0 }\n`,
    says: "s.yaml:3:18: bad value of machine.cpus: found 0, expected a whole number from 1 to 256",
  },
  {
    what: "a fraction of a CPU",
    text: `${head}machine: { cpus: 1.5 }\n`,
    says: "s.yaml:3:18: bad value of machine.cpus: found 1.5, expected a whole number from 1 to 256 (digits alone, such as 100_000)",
  },
  {
    what: "a number that overflows 64 bits",
    text: `${head}machine: { rcu: { qhimark: 99999999999999999999 } }\n`,
    says: "s.yaml:3:28: bad value of machine.rcu.qhimark: found 99999999999999999999, expected a whole number from 1 to 2,147,483,647 (too large: more than 2^53 - 1)",
  },
  {
    what: "a number that overflows an int",
    text: `${head}machine: { rcu: { blimit: 2147483648 } }\n`,
    says: "s.yaml:3:27: bad value of machine.rcu.blimit: found 2147483648, expected a whole number from 1 to 2,147,483,647",
  },
  {
    what: "-1 where the kernel computes nothing",
    text: `${head}machine: { rcu: { blimit: -1 } }\n`,
    says: "s.yaml:3:27: bad value of machine.rcu.blimit: found -1, expected a whole number from 1 to 2,147,483,647",
  },
  {
    what: "-2 where -1 is the kernel's choice",
    text: `${head}machine: { rcu: { qovld: -2 } }\n`,
    says: "s.yaml:3:26: bad value of machine.rcu.qovld: found -2, expected a whole number from 0 to 2,147,483,647, or -1 for the kernel's choice",
  },
  {
    what: "an HZ that no kernel has",
    text: `${head}machine: { hz: 120 }\n`,
    says: "s.yaml:3:16: bad value of machine.hz: found 120, expected one of 100, 250, 300, 1000",
  },
  {
    what: "a duration without unit",
    text: `${head}machine: { tick_phase: 3 }\n`,
    says: "s.yaml:3:24: bad value of machine.tick_phase: found 3, expected a duration from 0ns to 10ms with a unit, such as 250us (no unit; use one of ns, us, ms, s)",
  },
  {
    what: "a duration in an unknown unit",
    text: `${head}machine: { tick_phase: 3min }\n`,
    says: 's.yaml:3:24: bad value of machine.tick_phase: found "3min", expected a duration from 0ns to 10ms with a unit, such as 250us (unknown unit min; use one of ns, us, ms, s)',
  },
  {
    what: "a tick phase beyond the jiffy",
    text: `${head}machine: { hz: 250, tick_phase: 4ms }\n`,
    says: 's.yaml:3:33: bad value of machine.tick_phase: found "4ms", expected less than one jiffy: 1 s / 250 (HZ)',
  },
  {
    what: "an exit on a CPU that is not there",
    text: `${head}machine: { cpus: 2, exit_cpu: 2 }\n`,
    says: "s.yaml:3:31: bad value of machine.exit_cpu: found 2, expected one of the 2 CPUs, counted from 0",
  },
  {
    what: "a time slice that the kernel would clamp",
    text: `${head}machine: { rcu: { rcu_resched_ns: 100us } }\n`,
    says: 's.yaml:3:35: bad value of machine.rcu.rcu_resched_ns: found "100us", expected a duration from 1ms to 1s with a unit, such as 250us',
  },
  {
    what: "a generation that is not modelled",
    text: `${head}machine: { generation: "5.4" }\n`,
    says: 's.yaml:3:24: bad value of machine.generation: found "5.4", expected a modelled generation: "6.12" or "7.2"',
  },
  {
    what: "bystanders on a CPU that is not there",
    text: `${head}load: [{ type: busy, cpus: 3 }]\n`,
    says: "s.yaml:3:28: bad value of load.0.cpus: found 3, expected all, or some of the 1 CPUs, counted from 0",
  },
  {
    what: "memory that is short where nothing has page frames",
    text: "version: 1\nworkload: { type: rcu_flood }\nload: [{ type: memory, size: 1MiB }]\n",
    says: 's.yaml:3:16: bad value of load.0.type: found "memory", expected another: memory is short only beside the workloads exit, exits and munmap',
  },
  {
    what: "a shrinker of a list that ends with its operation",
    text: `${head}strategies: [{ name: x, exit: { collect: private-list, drain: { when: end, shrinker: true }, release: call-rcu } }]\n`,
    says: "s.yaml:3:86: bad value of strategies.0.exit.drain.shrinker: found true, expected no shrinker but that of collect: mm-list",
  },
  {
    what: "a busy loop that starves RCU's own threads",
    text: `${head}machine: { rcu: { kthread_prio: 2 } }\nload: [{ type: busy, priority: 2 }]\n`,
    says: "s.yaml:4:32: bad value of load.0.priority: found 2, expected less than rcu.kthread_prio (2), or RCU's kthreads never run",
  },
  {
    what: "a sleeper that lets nobody else run",
    text: `${head}load: [{ type: sleeper, priority: 1, every: 9us }]\n`,
    says: 's.yaml:3:45: bad value of load.0.every: found "9us", expected 10us or more with a priority, or nobody else comes to run',
  },
  {
    what: "CPUs in turn under a workload that knows no turns",
    text: `${head}machine: { cpus: 4, cpus_in_turn: true }\n`,
    says: "s.yaml:3:35: bad value of machine.cpus_in_turn: found true, expected false, or the workload vmalloc or exits",
  },
  {
    what: "VMAs freed before, where the process has a cache of its own",
    text: `${head}machine: { slab: { vmas_freed_before: 720 } }\nworkload: { type: mm, threads: [{ name: t, mm: process, do: [{ touch: [0, 1, 1] }] }] }\n`,
    says: "s.yaml:3:39: bad value of machine.slab.vmas_freed_before: found 720, expected 0, or another workload",
  },
  {
    what: "no CPU left for housekeeping",
    text: `${head}machine: { cpus: 2, nohz_full: 0-1 }\n`,
    says: 's.yaml:3:32: bad value of machine.nohz_full: found "0-1", expected a list that leaves at least one CPU for housekeeping',
  },
  {
    what: "kthreads that may run nowhere",
    text: `${head}machine: { rcu_kthread_cpus: none }\n`,
    says: 's.yaml:3:30: bad value of machine.rcu_kthread_cpus: found "none", expected at least one CPU',
  },
  {
    what: "a mistyped preemption model",
    text: `${head}machine: { preempt: volontary }\n`,
    says: 's.yaml:3:21: bad value of machine.preempt: found "volontary", expected one of none, voluntary, full, lazy (did you mean `voluntary`?)',
  },
  {
    what: "lazy preemption before there was any",
    text: `${head}machine: { preempt: lazy }\n`,
    says: 's.yaml:3:21: bad value of machine.preempt: found "lazy", expected none, voluntary or full on Linux 6.12 (lazy preemption came with 6.13)',
  },
  ...["none", "voluntary"].map((preempt) => ({
    what: `preempt: ${preempt}, which 7.2 has no more`,
    text: `${head}machine: { generation: "7.2", preempt: ${preempt} }\n`,
    says: `s.yaml:3:40: bad value of machine.preempt: found "${preempt}", expected full or lazy on Linux 7.2 (none and voluntary are gone where the architecture has lazy preemption)`,
  })),
  ...["6.12", "7.2"].map((generation) => ({
    what: `full preemption with the RCU of kernels without any, ${generation}`,
    text: `${head}machine: { generation: "${generation}", preempt: full, preempt_rcu: false }\n`,
    says: `s.yaml:3:${generation.length + 56}: bad value of machine.preempt_rcu: found false, expected true with \`preempt: full\`, which selects PREEMPT_RCU`,
  })),
  {
    what: "an object larger than its slab",
    text: `${head}machine: { slab: { vma_lock: { object_size: 8KiB } } }\n`,
    says: 's.yaml:3:45: bad value of machine.slab.vma_lock.object_size: found "8KiB", expected a size from 8B to 4KiB with a unit, such as 176B',
  },
  {
    what: "more objects than a slab holds",
    text: `${head}machine: { slab: { vm_area_struct: { slab_order: 0, objects_per_slab: 24 } } }\n`,
    says: "s.yaml:3:71: bad value of machine.slab.vm_area_struct.objects_per_slab: found 24, expected from 1 to 23 objects of 176 bytes in a slab of order 0",
  },
  {
    what: "an object size that is not aligned",
    text: `${head}machine: { slab: { vma_lock: { object_size: 41B } } }\n`,
    says: 's.yaml:3:45: bad value of machine.slab.vma_lock.object_size: found "41B", expected a multiple of 8 bytes',
  },
  {
    what: "no address space",
    text: "version: 1\n",
    says: "s.yaml:1:1: missing key address_space: expected a mapping with `maps: FILE` or `generate: LAYOUT`",
  },
  {
    what: "an address space of neither kind",
    text: "version: 1\naddress_space: {}\n",
    says: "s.yaml:2:16: bad value of address_space: found a mapping, expected a mapping with `maps: FILE` or `generate: LAYOUT`",
  },
  {
    what: "a mistyped layout",
    text: "version: 1\naddress_space: { generate: alternatin, vma_count: 10 }\n",
    says: 's.yaml:2:28: bad value of address_space.generate: found "alternatin", expected one of alternating, contiguous, gappy, random (did you mean `alternating`?)',
  },
  {
    what: "a key of another layout",
    text: "version: 1\naddress_space: { generate: gappy, vma_count: 10, base_process: true }\n",
    says: "s.yaml:2:50: unknown key address_space.base_process (it does not go with the keys beside it)",
  },
  {
    what: "both kinds of address space",
    text: "version: 1\naddress_space: { maps: a, generate: gappy }\n",
    says: "s.yaml:2:27: unknown key address_space.generate (it does not go with the keys beside it)",
  },
  {
    what: "a drain rule that does not exist",
    text: `${head}strategies:\n  - name: mine\n    exit: { collect: mm-list, drain: { when: size_over, vmas: 3 }, release: call-rcu }\n`,
    says: 's.yaml:5:46: bad value of strategies.0.exit.drain.when: found "size_over", expected one of end, size-over, interval (did you mean `size-over`?)',
  },
  {
    what: "a mistyped count",
    text: "version: 1\naddress_space: { generate: alternating, vma_cont: 10 }\n",
    says: "s.yaml:2:41: unknown key address_space.vma_cont (did you mean `vma_count`?)",
  },
  {
    what: "no VMA",
    text: "version: 1\naddress_space: { generate: alternating, vma_count: 0 }\n",
    says: "s.yaml:2:52: bad value of address_space.vma_count: found 0, expected a whole number from 1 to 1,000,000,000",
  },
  {
    what: "more VMAs than any memory holds",
    text: "version: 1\naddress_space: { maps: x, scale_to: 1_000_000_000_000 }\n",
    says: 's.yaml:2:37: bad value of address_space.scale_to: found "1_000_000_000_000", expected a whole number from 1 to 1,000,000,000',
  },
  {
    what: "a mistyped strategy",
    text: `${head}strategies: [direct, cal_rcu]\n`,
    says: 's.yaml:3:22: bad value of strategies.1: found "cal_rcu", expected a strategy (did you mean `call_rcu`?)',
  },
  {
    what: "an unknown strategy",
    text: `${head}strategies: [teleport]\n`,
    says: 's.yaml:3:14: bad value of strategies.0: found "teleport", expected a strategy (known: direct, call_rcu, batch-32, throttle, throttle-timer, throttle-shrinker, single, kvfree_rcu, typesafe, rcu-sheaf (batch-N for any N))',
  },
  {
    what: "a batch beyond 32 bits",
    text: `${head}strategies: [batch-9999999999]\n`,
    says: 's.yaml:3:14: bad value of strategies.0: found "batch-9999999999", expected a strategy (N of batch-N is at most 2147483647)',
  },
  {
    what: "no strategy",
    text: `${head}strategies: []\n`,
    says: "s.yaml:3:13: bad value of strategies: found an empty list, expected at least one strategy",
  },
  {
    what: "a strategy named twice",
    text: `${head}strategies: [direct, single, direct]\n`,
    says: 's.yaml:3:30: bad value of strategies.2: found "direct", expected a strategy that is not in the list yet (direct)',
  },
  {
    what: "a strategy that is a number",
    text: `${head}strategies: [32]\n`,
    says: "s.yaml:3:14: bad value of strategies.0: found 32, expected a name or a mapping",
  },
  {
    what: "a release that does not exist",
    text: `${head}strategies:\n  - name: mine\n    exit: { collect: none, release: callrcu }\n`,
    says: 's.yaml:5:37: bad value of strategies.0.exit.release: found "callrcu", expected one of direct, call-rcu, typesafe (did you mean `call-rcu`?)',
  },
  {
    what: "kvfree_rcu's pages of pointers where there are sheaves",
    text: `${head}machine: { generation: "7.2" }\nstrategies: [direct, kvfree_rcu]\n`,
    says: 's.yaml:4:22: bad value of strategies.1: found "kvfree_rcu", expected sheaf (rcu-sheaf): kvfree_rcu() of a VMA fills a sheaf in 7.2 (collect: bulk on Linux 7.2)',
  },
  {
    what: "a drain rule without its number",
    text: `${head}strategies:\n  - name: mine\n    exit: { collect: mm-list, drain: { when: size-over }, release: call-rcu }\n`,
    says: "s.yaml:5:38: missing key strategies.0.exit.drain.vmas: expected a whole number from 0 to 2,147,483,647",
  },
  {
    what: "a drain rule for nothing",
    text: `${head}strategies:\n  - name: mine\n    exit: { collect: none, drain: { when: end }, release: call-rcu }\n`,
    says: "s.yaml:5:35: bad value of strategies.0.exit.drain: found a mapping, expected no drain rule where nothing is collected",
  },
  {
    what: "VMAs collected only to be freed at once",
    text: `${head}strategies:\n  - name: mine\n    exit: { collect: mm-list, release: direct }\n`,
    says: 's.yaml:5:40: bad value of strategies.0.exit.release: found "direct", expected call-rcu where VMAs are collected',
  },
  {
    what: "a name with spaces",
    text: `${head}strategies:\n  - name: my way\n    exit: { collect: none, release: direct }\n`,
    says: 's.yaml:4:11: bad value of strategies.0.name: found "my way", expected a name of 1 to 40 characters, no spaces',
  },
  {
    what: "a seed beyond 64 bits",
    text: `${head}seed: 18446744073709551616\n`,
    says: "s.yaml:3:7: bad value of seed: found 18446744073709551616, expected a whole number from 0 to 2^64 - 1",
  },
  {
    what: "too many tick phases",
    text: `${head}tick_phases: 65\n`,
    says: "s.yaml:3:14: bad value of tick_phases: found 65, expected a whole number from 1 to 64",
  },
  {
    what: "an operation that nobody knows",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: [{ unmap: [0, 5] }] }] }\n`,
    says: "s.yaml:3:64: unknown key workload.threads.0.do.0.unmap (did you mean `munmap`?)",
  },
  {
    what: "a key that hides a character",
    text: `${head}"seed\\u200b": 1\n`,
    says: 's.yaml:3:1: unknown key "seed\\u200b" (did you mean `seed`?)',
  },
  {
    what: "an empty key",
    text: `${head}"": 1\n`,
    says: 's.yaml:3:1: unknown key "" (known: version, name, title, machine, profile, workload, address_space, strategies and 3 more)',
  },
  {
    what: "a least size above the largest",
    text: "version: 1\naddress_space: { generate: random, vma_count: 10, page_count_min: 9, page_count_max: 8 }\n",
    says: "s.yaml:2:86: bad value of address_space.page_count_max: found 8, expected at least page_count_min, 9",
  },
  {
    what: "a least size above the largest by default",
    text: "version: 1\naddress_space: { generate: random, vma_count: 10, page_count_min: 300 }\n",
    says: "s.yaml:2:67: bad value of address_space.page_count_min: found 300, expected at most page_count_max, 256 by default",
  },
  {
    what: "a range to unmap that runs out of the addresses",
    text: `${head}workload: { type: munmap, ranges: [{ start_page: 1, page_count: 1 }, { start_page: 7, page_count: 35_184_372_088_832 }] }\n`,
    says: 's.yaml:3:99: bad value of workload.ranges.1.page_count: found "35_184_372_088_832", expected at most 35,184,372,088,825 pages from there, the end of 57-bit addresses',
  },
  {
    what: "a random order in a cache that has none",
    text: `${head}machine: { slab: { allocation_order: random } }\nworkload: { type: mm, threads: [{ name: a, mm: process, do: [exit] }] }\n`,
    says: 's.yaml:3:38: bad value of machine.slab.allocation_order: found "random", expected address, or another workload',
  },
  {
    what: "an exec into what is alive",
    text: `${head}workload: { type: mm, threads: [{ name: a, mm: process, do: [{ exec: process, vmas: 1 }] }] }\n`,
    says: "s.yaml:3:62: bad value of workload.threads.0.do.0: found a mapping, expected an address space with `later: true`, which this makes (process)",
  },
  {
    what: "two limits of memory",
    text: `${head}machine: { memory: { ram: 1GiB } }\nworkload: { type: mm, memory_pages: 100, threads: [{ name: a, mm: process, do: [exit] }] }\n`,
    says: "s.yaml:4:37: bad value of workload.memory_pages: found 100, expected 0 beside machine.memory, which limits memory itself",
  },
  {
    what: "fewer records of areas than lie there from the start",
    text: "version: 1\nworkload: { type: vmalloc, area_records: 100, held_areas: 50 }\n",
    says: "s.yaml:2:42: bad value of workload.area_records: found 100, expected at least 162, for what lies there before the run",
  },
  {
    what: "a purge that would never come due",
    text: "version: 1\nworkload: { type: vmalloc, lazy_max_pages: 2147483647 }\n",
    says: "s.yaml:2:44: bad value of workload.lazy_max_pages: found 2147483647, expected a whole number from 1 to 16,777,216, or -1 for the kernel's choice",
  },
  {
    what: "a title that steers a terminal",
    text: `${head}title: "\\e[31mred"\n`,
    says: 's.yaml:3:8: bad value of title: found "\\u001b[31mred", expected a one-line title, without control characters',
  },
  {
    what: "a name of two lines",
    text: `${head}load: [{ type: busy, name: "a\\nb" }]\n`,
    says: 's.yaml:3:28: bad value of load.0.name: found "a\\nb", expected a name, without control characters',
  },
  {
    what: "a strategy's name that steers a terminal",
    text: `${head}strategies: [{ name: "a\\eb", exit: { collect: none, release: direct } }]\n`,
    says: 's.yaml:3:22: bad value of strategies.0.name: found "a\\u001bb", expected a name, without control characters',
  },
  {
    what: "a key with an empty value",
    text: `${head}profile:\n`,
    says: "s.yaml:3:9: bad value of profile: found nothing, expected the name of a cost profile or a path ending in .json",
  },
];
