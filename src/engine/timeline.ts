// The timeline that a run records where its specification asks for it: assembly/metrics/timeline.ts.

import { Config } from "../../assembly/abi/config.ts";
import { Metric, Region } from "../../assembly/abi/metric.ts";
import { TaskKind } from "../../assembly/abi/task.ts";
import { TimelineKind, TimelineRecord } from "../../assembly/abi/timeline.ts";
import type { Timeline } from "../api/timeline.ts";
import type { RunSpec, WorkloadType } from "../api/types.ts";
import type { EngineMemory } from "./abi.ts";

const WORDS = TimelineRecord.BYTES / 8;
const TASK_WORD = 2;
const NUMBERS_WORD = 3;

const low = (word: bigint): number => Number(word & 0xffff_ffffn);
const high = (word: bigint): number => Number(word >> 32n);

/** A task as its records of switches tell it. */
interface Ran {
  readonly number: number;
  readonly kind: TaskKind;
  /** The CPU, worker, thread or child that it is, by its kind. */
  readonly subject: number;
}

/** "kworker/0:1", and "kworker/u4:0" in the unbound pool, which comes after two pools a CPU. */
function kworkerName({ kind, subject }: Ran, cpus: number, per_cpu: number): string {
  if (kind === TaskKind.KWORKER_UNBOUND) return `kworker/u${2 * cpus}:${subject - cpus * per_cpu}`;
  return `kworker/${Math.floor(subject / per_cpu)}:${subject % per_cpu}`;
}

/** Bystanders are numbered group by group, a bound group's on each of its CPUs. */
function bystanderName({ subject }: Ran, { load = [] }: RunSpec<WorkloadType>): string {
  let first = 0;
  for (const { name, tasks, bound, cpus } of load) {
    const all = bound ? tasks * new Set(cpus).size : tasks;
    if (subject < first + all) return all === 1 ? name : `${name}/${subject - first}`;
    first += all;
  }
  return `bystander/${subject}`;
}

function threadName({ subject }: Ran, { workload }: RunSpec<WorkloadType>): string {
  const threads = workload?.type === "mm" ? workload.threads : [];
  return threads[subject]?.name ?? `thread/${subject}`;
}

/** The name of a task, as `ps` has it where the kernel knows such a task. */
function taskName(ran: Ran, spec: RunSpec<WorkloadType>, workers_per_cpu: number): string {
  const { cpus, preempt_rcu } = spec.machine;
  const preempts = preempt_rcu !== false;
  const { kind, subject } = ran;
  switch (kind) {
    case TaskKind.EXIT:
    case TaskKind.MUNMAP:
      return spec.workload?.type === "munmap" ? "unmapping process" : "exiting process";
    case TaskKind.PARENT:
    case TaskKind.EXITS_PARENT:
      return "parent";
    case TaskKind.RCU_GP:
      return preempts ? "rcu_preempt" : "rcu_sched";
    case TaskKind.KSOFTIRQD:
      return `ksoftirqd/${subject}`;
    case TaskKind.RCUOP:
      return `${preempts ? "rcuop" : "rcuos"}/${subject}`;
    case TaskKind.RCUOG:
      return `rcuog/${subject}`;
    case TaskKind.RCUC:
      return `rcuc/${subject}`;
    case TaskKind.RCU_EXP:
      return "rcu_exp_gp_kthread_worker";
    case TaskKind.KWORKER:
    case TaskKind.KWORKER_UNBOUND:
      return kworkerName(ran, cpus, workers_per_cpu);
    case TaskKind.RCU_FLOOD:
      return `rcu_torture_fwd/${subject}`;
    case TaskKind.RCU_POST:
    case TaskKind.RCU_POST_END:
      return `poster/${subject}`;
    case TaskKind.TEST_VMALLOC:
      return `vmalloc_test/${subject}`;
    case TaskKind.VMAP_OTHER:
      return "after boot";
    case TaskKind.MM_THREAD:
      return threadName(ran, spec);
    case TaskKind.BYSTANDER:
      return bystanderName(ran, spec);
    case TaskKind.REAPER:
      return "list drain";
    case TaskKind.EXITS_CHILD:
      return `child/${subject}`;
    case TaskKind.KFREEPCP:
      return `kfreepcp/${subject}`;
    case TaskKind.KSWAPD:
      return "kswapd0";
    case TaskKind.EXITS_RESTART:
      return `restarted/${subject}`;
    case TaskKind.OOM_REAPER:
      return "oom_reaper";
    default:
      return `task/${ran.number}`;
  }
}

function taskNames(
  words: BigUint64Array,
  spec: RunSpec<WorkloadType>,
  workers_per_cpu: number,
): (string | undefined)[] {
  const tasks: (string | undefined)[] = [];
  for (let at = 0; at < words.length; at += WORDS) {
    const head = words[at + TASK_WORD]!;
    const task = high(head);
    if (Number(head & 0xffn) !== TimelineKind.SWITCH || task === 0) continue;
    if (tasks[task] !== undefined) continue;
    const numbers = words[at + NUMBERS_WORD]!;
    const ran: Ran = { number: task, kind: low(numbers), subject: high(numbers) };
    tasks[task] = taskName(ran, spec, workers_per_cpu);
  }
  return Array.from(tasks);
}

export function readTimeline(
  memory: EngineMemory,
  spec: RunSpec<WorkloadType>,
  events_max: number,
): Timeline {
  const seen = Number(memory.metric(Metric.TIMELINE_EVENTS));
  const kept = Math.min(seen, events_max);
  const words = memory.regionWords(Region.TIMELINE, 0, kept * WORDS).slice();
  let end_ps = seen === kept ? memory.metric(Metric.NOW) : 0n;
  for (let at = 1; at < words.length; at += WORDS) {
    if (words[at]! > end_ps) end_ps = words[at]!;
  }
  return {
    words,
    tasks: taskNames(words, spec, Number(memory.readConfig(Config.KWORKERS_PER_CPU))),
    end_ns: Number(end_ps / 1000n),
    events_lost: seen - kept,
  };
}
