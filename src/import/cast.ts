// Who takes part: processes with their memory, threads with what they do. Calls become steps here.

import type { Birth, Effect } from "./calls.ts";
import { type Emit, EXEC_VMAS, Mm } from "./mm.ts";
import { Program, refuseCopies, refuseThreads, StepBudget } from "./program.ts";
import { Space } from "./space.ts";
import type { ImportCounts } from "./summary.ts";
import type { Touch } from "./touch.ts";

/** Of the VMAs of a program those that are cut: the first of it and of its interpreter (execl-loop). */
const EXEC_CUTS = 2;
/** VMAs that all copies of forks may have together, while a trace is read. */
const COPIED_VMAS_MAX = 10_000_000;

/** A thread of the trace. */
export interface Task {
  mm: Mm;
  readonly program: Program;
  /** A vfork's child that has not exec'd yet: its memory is its parent's. */
  borrows: boolean;
  /** When it called exit: it ends there where no line tells its end (strace -qq). */
  left_ns: number | undefined;
}

const MEMORY = new Set(["mmap", "munmap", "mprotect", "mremap"]);

/** Calls that change the memory of the thread's process. */
function applyTo(mm: Mm, effect: Effect, emit: Emit): void {
  if (effect.kind === "mmap") mm.mmap(effect, emit);
  else if (effect.kind === "munmap") mm.munmap(effect.start, effect.pages, emit);
  else if (effect.kind === "mprotect") mm.mprotect(effect.start, effect.pages, effect.access, emit);
  else if (effect.kind === "mremap") mm.mremap(effect.from, effect.to, effect.keeps, emit);
}

export interface CastOptions {
  readonly file: string;
  readonly touch: Touch;
  /** Whether the time between calls is kept. */
  readonly timed: boolean;
}

export class Cast {
  readonly mms: Mm[] = [];
  readonly programs: Program[] = [];
  readonly tasks = new Map<number, Task>();
  /** Address spaces that a fork made, by the child's pid: what a wait names. */
  readonly #forked = new Map<number, string>();
  readonly #ended = new Map<number, number>();
  readonly #names = new Set<string>();
  readonly #budget = new StepBudget();
  readonly #options: CastOptions;
  readonly #counts: ImportCounts;
  #copied = 0;

  constructor(options: CastOptions, counts: ImportCounts) {
    this.#options = options;
    this.#counts = counts;
  }

  /** The process that the trace begins with, or one that it says nothing of before. */
  addProcess(pid: number): Task {
    const name = this.#name(pid === 0 ? "first" : String(pid));
    const mm = this.#mm(name, false, 0);
    this.#counts.processes++;
    return this.#task(pid, mm, this.#program(name, mm.name, false, 0));
  }

  /** A further thread of a process that was there before the trace. */
  addThread(pid: number, { mm }: Task): Task {
    return this.#bear(pid, mm, 0);
  }

  /** What a clone made, at the time it was called. */
  addChild(pid: number, parent: Task, how: Birth, time_ns: number): Task {
    if (how === "thread") return this.#thread(pid, parent);
    const name = this.#name(String(pid));
    this.#counts.processes++;
    if (how === "vfork" || parent.borrows) {
      // it has nothing of its own until it execs
      const mm = this.#mm(name, false, 0);
      const task = this.#task(pid, mm, this.#program(name, name, false, 0));
      task.borrows = true;
      return task;
    }
    this.#copied += parent.mm.space.vma_count;
    refuseCopies(this.#options.file, this.#copied, COPIED_VMAS_MAX);
    const mm = parent.mm.fork(name, time_ns);
    this.mms.push(mm);
    this.#forked.set(pid, name);
    this.#step(parent.program, time_ns, `{fork: ${quoted(name)}}`);
    return this.#task(pid, mm, this.#program(name, name, true, time_ns));
  }

  /** Threads begin with their address space and sleep until they are made. */
  #thread(pid: number, parent: Task): Task {
    const { mm, program } = parent;
    if (!parent.borrows) return this.#bear(pid, mm, mm.since_ns);
    this.#counts.threads++;
    return this.#task(pid, mm, program);
  }

  #bear(pid: number, mm: Mm, since_ns: number): Task {
    const name = this.#name(`${mm.name}/${pid}`);
    return this.#task(pid, mm, this.#program(name, mm.name, mm.later, since_ns));
  }

  #task(pid: number, mm: Mm, program: Program): Task {
    const task: Task = { mm, program, borrows: false, left_ns: undefined };
    program.tasks++;
    this.tasks.set(pid, task);
    return task;
  }

  #program(name: string, mm: string, born: boolean, at_ns: number): Program {
    const program = new Program(name, mm, born, at_ns);
    this.programs.push(program);
    this.#counts.threads++;
    refuseThreads(this.#options.file, this.programs.length);
    return program;
  }

  #mm(name: string, later: boolean, since_ns: number, space?: Space): Mm {
    const mm = new Mm(name, later, since_ns, this.#options.touch, this.#counts, space);
    this.mms.push(mm);
    return mm;
  }

  /** A name of its own: PIDs come again. */
  #name(wanted: string): string {
    let name = wanted;
    for (let turn = 2; this.#names.has(name); turn++) name = `${wanted}.${turn}`;
    this.#names.add(name);
    return name;
  }

  #step(program: Program, time_ns: number, step: string): void {
    if (this.#options.timed) program.sleepUntil(time_ns);
    this.#budget.take(this.#options.file);
    program.steps.push(step);
  }

  /** What a call did; `time_ns` is when it began. */
  act(task: Task, effect: Effect, time_ns: number): void {
    const { mm, program } = task;
    if (program.ended) return;
    const emit = (step: string): void => this.#step(program, time_ns, step);
    if (effect.kind === "none") this.#counts.leaveOut(effect.why);
    else if (effect.kind === "brk") this.#brk(mm, effect, emit);
    else if (effect.kind === "wait") this.#wait(effect.pid, program, emit);
    else if (task.borrows && MEMORY.has(effect.kind)) {
      this.#counts.leaveOut(`${effect.kind} before the exec of a vfork's child`);
    } else {
      this.#counts.taken++;
      if (effect.kind === "exec") this.#exec(task, emit, time_ns);
      else if (effect.kind === "exit") this.#leave(task, effect.all, time_ns);
      else applyTo(mm, effect, emit);
    }
  }

  #brk(
    mm: Mm,
    { end, query }: { end: number; query: boolean },
    emit: (step: string) => void,
  ): void {
    if (query) this.#counts.leaveOut("brk(NULL)");
    else if (mm.heap === undefined) this.#counts.leaveOut("brk of an unknown heap");
    else this.#counts.taken++;
    mm.brk(end, emit);
  }

  #exec(task: Task, emit: (step: string) => void, time_ns: number): void {
    const name = this.#name(`${task.program.name}-exec`);
    this.#counts.execs++;
    emit(`{exec: ${quoted(name)}, vmas: ${EXEC_VMAS}, cut: ${EXEC_CUTS}}`);
    task.mm = this.#mm(name, true, time_ns, Space.ofExec(EXEC_VMAS));
    task.borrows = false;
  }

  #leave(task: Task, all: boolean, time_ns: number): void {
    const leaving = all ? [...this.tasks.values()].filter(({ mm }) => mm === task.mm) : [task];
    for (const one of leaving) one.left_ns ??= time_ns;
  }

  /** A parent sleeps until its child is over; its own time goes on from there. */
  #wait(pid: number, program: Program, emit: (step: string) => void): void {
    const name = this.#forked.get(pid);
    if (name === undefined) {
      this.#counts.leaveOut("wait of a child that no fork made");
      return;
    }
    this.#counts.taken++;
    emit(`{wait: ${quoted(name)}}`);
    this.#forked.delete(pid);
    program.at_ns = Math.max(program.at_ns, this.#ended.get(pid) ?? 0);
  }

  /** A thread is over; one that it shares its program with may not be. */
  end(pid: number, time_ns: number): void {
    const task = this.tasks.get(pid);
    if (task === undefined) return;
    this.tasks.delete(pid);
    this.#ended.set(pid, time_ns);
    if (--task.program.tasks > 0) return;
    this.#endProgram(task.program, time_ns);
  }

  #endProgram(program: Program, time_ns: number): void {
    if (program.ended) return;
    this.#step(program, time_ns, "exit");
    program.ended = true;
  }

  /** A thread that execs takes the PID of the first one of its process, which is over. */
  replace(pid: number, by: number, time_ns: number): void {
    const task = this.tasks.get(by)!;
    this.end(pid, time_ns);
    this.tasks.delete(by);
    this.tasks.set(pid, task);
  }

  /** Was it made and over before its maker's call had ended? */
  wasBorn(pid: number, since_ns: number): boolean {
    return (this.#ended.get(pid) ?? -1) >= since_ns;
  }

  /** The trace is over: who still lives ends with it. */
  endAll(time_ns: number): void {
    for (const [pid, { left_ns }] of [...this.tasks]) {
      if (left_ns === undefined) this.#counts.alive++;
      this.end(pid, left_ns ?? time_ns);
    }
  }
}

export function quoted(name: string): string {
  return JSON.stringify(name);
}
