// Timelines as a document in the Trace Event Format, which ui.perfetto.dev and chrome://tracing open.
// The strategies of a scenario lie one below the other as processes, on one time axis:
//
//   direct                      a "process" a run
//   ├─ this run                 what was simulated, in the arguments of one slice
//   ├─ CPU 0                    who runs; softirqs, their batches and ticks on top
//   ├─ RCU                      grace periods
//   ├─ exiting process          a thread a task that was in anything: exit_mmap and its phases
//   ├─ rcuop/0                  batches that a kthread invokes
//   └─ VMAs, callbacks, pages   counters
//
// A run of a million events makes a document of some hundred megabytes: it comes in pieces.

import type {
  CostProfile,
  MachineConfig,
  SpanOperation,
  Strategy,
  Timeline,
  TimelineEvent,
} from "../api/types.ts";
import { machineText } from "../output/heading.ts";
import { timelineEvent, timelineLength } from "./timeline-events.ts";

/** A run with its timeline, and what is to be said of it. `RunSpec` and `RunJob` have most of it. */
export interface TracedRun {
  readonly strategy: Strategy;
  readonly machine: MachineConfig;
  readonly profile: CostProfile;
  readonly seed: bigint;
  readonly timeline: Timeline;
  readonly digest?: string | undefined;
}

const COSTS_NOTE =
  "Durations are the costs of the profile, not times of a machine: compare strategies with them.";

/** Threads of a process: this run, CPUs, grace periods, then tasks. CPUs go up to 1,024. */
const THREADS = 1_000_000;
const RUN_THREAD = 0;
const FIRST_CPU = 1;
const GP_THREAD = 2000;
const EXPEDITED_THREAD = 2001;
const FIRST_TASK = 3000;

/** Characters of a piece, about. */
const PIECE = 65_536;

type Arguments = Readonly<Record<string, string | number | boolean>>;

/** What happens over a time on a track. */
interface Slice {
  readonly thread: number;
  readonly name: string;
  readonly category: string;
  readonly args: Arguments;
}

/** What the number of a span says. */
const SUBJECTS: Readonly<Record<SpanOperation, (subject: number) => Arguments>> = {
  exit_mmap: (mm) => ({ mm }),
  munmap: (call) => ({ call }),
  wait4: (child) => ({ child }),
  do_exit: (child) => ({ child }),
  purge: (areas) => ({ areas }),
  reclaim: () => ({}),
};

/** Nanoseconds as the format's microseconds. */
function us(ns: number): string {
  return `${Math.floor(ns / 1000)}.${String(ns % 1000).padStart(3, "0")}`;
}

/** One event of the document; `fields` are its members beyond the process, as JSON. */
function line(pid: number, phase: string, name: string, fields: string, args: Arguments): string {
  const text = JSON.stringify(name);
  return `{"ph":"${phase}","pid":${pid},"name":${text},${fields}"args":${JSON.stringify(args)}}`;
}

class RunEvents {
  readonly #run: TracedRun;
  readonly #pid: number;
  readonly #title: string;
  readonly #start_ns: Float64Array;
  readonly #end_ns: Float64Array;
  readonly #is_switch: Uint8Array;
  readonly #threads = new Map<number, string>();
  #has_pages = false;

  constructor(run: TracedRun, pid: number, title: string) {
    this.#run = run;
    this.#pid = pid;
    this.#title = title;
    const length = timelineLength(run.timeline);
    this.#start_ns = new Float64Array(length);
    this.#end_ns = new Float64Array(length);
    this.#is_switch = new Uint8Array(length);
    this.#measure();
  }

  /** When each event begins and ends: a switch ends with the next one of its CPU. */
  #measure(): void {
    const { timeline } = this.#run;
    const last = new Map<number, number>();
    for (let at = 0; at < this.#start_ns.length; at++) {
      const event = timelineEvent(timeline, at);
      if (event.kind === "switch") {
        this.#is_switch[at] = 1;
        const before = last.get(event.cpu);
        if (before !== undefined) this.#end_ns[before] = event.time_ns;
        last.set(event.cpu, at);
        this.#end_ns[at] = timeline.end_ns;
      }
      if (event.kind === "counters" && event.free_pages !== 0) this.#has_pages = true;
      const timed = "start_ns" in event;
      this.#start_ns[at] = timed ? event.start_ns : event.time_ns;
      if (timed) this.#end_ns[at] = event.end_ns;
    }
  }

  /** Numbers of the events by time, outer ones before those that they enclose. */
  #order(): Uint32Array {
    const [start, end, outer] = [this.#start_ns, this.#end_ns, this.#is_switch];
    const order = Uint32Array.from(start, (_, at) => at);
    // of equal ones that which ended later encloses the other, and tasks enclose what hits them
    return order.sort(
      (a, b) => start[a]! - start[b]! || end[b]! - end[a]! || outer[b]! - outer[a]! || b - a,
    );
  }

  #taskThread(task: number): number {
    const thread = FIRST_TASK + task;
    if (!this.#threads.has(thread)) this.#threads.set(thread, this.#taskName(task));
    return thread;
  }

  #taskName(task: number): string {
    return this.#run.timeline.tasks[task] ?? `task/${task}`;
  }

  #cpuThread(cpu: number): number {
    const thread = FIRST_CPU + cpu;
    if (!this.#threads.has(thread)) this.#threads.set(thread, `CPU ${cpu}`);
    return thread;
  }

  #gpThread(expedited: boolean): number {
    const thread = expedited ? EXPEDITED_THREAD : GP_THREAD;
    const name = expedited ? "RCU, expedited" : "RCU";
    if (!this.#threads.has(thread)) this.#threads.set(thread, name);
    return thread;
  }

  #slice(at: number): Slice | undefined {
    const event = timelineEvent(this.#run.timeline, at);
    switch (event.kind) {
      case "switch": {
        const thread = this.#cpuThread(event.cpu);
        const { task } = event;
        if (task === undefined) return undefined;
        return { thread, name: this.#taskName(task), category: "sched", args: {} };
      }
      case "tick":
        return { thread: this.#cpuThread(event.cpu), name: "tick", category: "irq", args: {} };
      case "softirq":
        return {
          thread: this.#cpuThread(event.cpu),
          name: "softirq RCU",
          category: "irq",
          args: {},
        };
      case "batch": {
        const { task, cpu, invoked, ready, limit, callbacks_of_cpu, counted } = event;
        const thread = task === undefined ? this.#cpuThread(cpu) : this.#taskThread(task);
        const args = { invoked, ready, limit, callbacks_of_cpu, counted };
        return { thread, name: "rcu_do_batch", category: "rcu", args };
      }
      case "grace period": {
        const { expedited, number } = event;
        const thread = this.#gpThread(expedited);
        return { thread, name: `grace period ${number}`, category: "rcu", args: { number } };
      }
      case "span": {
        const { operation, name, task, subject } = event;
        const args = SUBJECTS[operation](subject);
        return { thread: this.#taskThread(task), name, category: "mm", args };
      }
      case "operation":
        return { thread: this.#taskThread(event.task), name: event.name, category: "mm", args: {} };
      default:
        return undefined;
    }
  }

  /** What happens at a moment. */
  *#momentLines(at: number): Generator<string> {
    const event = timelineEvent(this.#run.timeline, at);
    if (event.kind === "counters") yield* this.#counterLines(event);
    if (event.kind !== "stall") return;
    const { time_ns, stall, jiffies, cpu } = event;
    const tid = this.#tid(this.#gpThread(stall === "expedited"));
    const fields = `"s":"t","cat":"rcu","tid":${tid},"ts":${us(time_ns)},`;
    yield line(this.#pid, "i", `RCU stall: ${stall}`, fields, { jiffies, cpu });
  }

  #sliceLine(at: number, { thread, name, category, args }: Slice): string {
    const start = this.#start_ns[at]!;
    const [ts, dur] = [us(start), us(this.#end_ns[at]! - start)];
    const fields = `"cat":"${category}","tid":${this.#tid(thread)},"ts":${ts},"dur":${dur},`;
    return line(this.#pid, "X", name, fields, args);
  }

  #tid(thread: number): number {
    return this.#pid * THREADS + thread;
  }

  *#counterLines(event: Extract<TimelineEvent, { kind: "counters" }>): Generator<string> {
    const fields = `"ts":${us(event.time_ns)},`;
    yield line(this.#pid, "C", "VMAs", fields, { dead: event.dead_vmas });
    yield line(this.#pid, "C", "callbacks", fields, { queued: event.callbacks_queued });
    if (this.#has_pages) yield line(this.#pid, "C", "pages", fields, { free: event.free_pages });
  }

  /** What was simulated, as arguments of a slice as long as the run. */
  #about(): Arguments {
    const { strategy, machine, profile, seed, digest, timeline } = this.#run;
    return {
      ...(this.#title === "" ? {} : { scenario: this.#title }),
      strategy: strategy.name,
      kernel: `Linux ${machine.generation}`,
      machine: machineText(machine),
      tick_phase_ns: machine.tick_phase_ns,
      costs: `${profile.name} (${profile.title})`,
      note: COSTS_NOTE,
      seed: String(seed),
      ...(digest === undefined ? {} : { digest }),
      events_lost: timeline.events_lost,
    };
  }

  *#metadata(): Generator<string> {
    const { strategy, machine, profile, seed } = this.#run;
    const [pid, tid] = [this.#pid, this.#tid(RUN_THREAD)];
    const labels = `Linux ${machine.generation}, costs of ${profile.name}, seed ${seed}`;
    yield line(pid, "M", "process_name", "", { name: strategy.name });
    yield line(pid, "M", "process_labels", "", { labels });
    yield line(pid, "M", "process_sort_index", "", { sort_index: pid });
    const threads = [...this.#threads, [RUN_THREAD, "this run"] as const];
    for (const [thread, name] of threads.sort(([a], [b]) => a - b)) {
      const fields = `"tid":${this.#tid(thread)},`;
      yield line(pid, "M", "thread_name", fields, { name });
      yield line(pid, "M", "thread_sort_index", fields, { sort_index: thread });
    }
    const dur = us(this.#run.timeline.end_ns);
    const fields = `"cat":"run","tid":${tid},"ts":0.000,"dur":${dur},`;
    yield line(pid, "X", strategy.name, fields, this.#about());
  }

  *lines(): Generator<string> {
    for (const at of this.#order()) {
      const slice = this.#slice(at);
      if (slice !== undefined) yield this.#sliceLine(at, slice);
      else yield* this.#momentLines(at);
    }
    yield* this.#metadata();
    yield* this.#lost();
  }

  *#lost(): Generator<string> {
    const { events_lost, end_ns } = this.#run.timeline;
    if (events_lost === 0) return;
    const fields = `"s":"p","tid":${this.#tid(RUN_THREAD)},"ts":${us(end_ns)},`;
    const name = `full: ${events_lost} later events are not here`;
    yield line(this.#pid, "i", name, fields, { events_lost });
  }
}

function* linesOf(runs: readonly TracedRun[], title: string): Generator<string> {
  for (const [index, run] of runs.entries()) yield* new RunEvents(run, index + 1, title).lines();
}

/** The document in pieces: the same bytes for the same runs. Join or write them one by one. */
export function* traceEventJson(runs: readonly TracedRun[], title = ""): Generator<string> {
  const other = JSON.stringify({ title, generator: "vma-teardown", note: COSTS_NOTE });
  let piece = `{"displayTimeUnit":"ns","otherData":${other},"traceEvents":[`;
  let separator = "\n";
  for (const text of linesOf(runs, title)) {
    piece += separator + text;
    separator = ",\n";
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}\n]}\n`;
}
