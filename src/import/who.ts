// Whose line it is. strace names threads by PID, or not at all while there is one; and a child may have
// lines before the call that made it has told its PID.

import { birthOf, isClone } from "./calls.ts";
import type { Cast, Task } from "./cast.ts";
import type { StraceLine } from "./strace-line.ts";
import type { ImportCounts } from "./summary.ts";

/** A call whose end stands on a later line. */
export interface Pending {
  readonly name: string;
  readonly rest: string;
  readonly time_ns: number;
  /** What it did was taken already. */
  readonly done: boolean;
}

/** PID of the first process until a line tells it. */
const UNNAMED = 0;

export class Who {
  readonly pending = new Map<number, Pending>();
  /** Clones among them, oldest first. */
  readonly #making = new Set<number>();
  readonly #cast: Cast;
  readonly #counts: ImportCounts;
  #first: number | undefined;
  /** The nameless process is known by this PID since. */
  #alias: number | undefined;
  #origin: Task | undefined;

  constructor(cast: Cast, counts: ImportCounts) {
    this.#cast = cast;
    this.#counts = counts;
  }

  begin(pid: number, call: Pending): void {
    this.pending.set(pid, call);
    if (isClone(call.name)) this.#making.add(pid);
  }

  /** The pending call of a thread, which is none any more. */
  finish(pid: number): Pending | undefined {
    const found = this.pending.get(pid);
    this.pending.delete(pid);
    this.#making.delete(pid);
    return found;
  }

  /** The thread of a line, by the PID that this import knows it by; made where it is new. */
  of({ pid, body }: StraceLine): number {
    if (this.#first === undefined) {
      this.#first = pid ?? UNNAMED;
      this.#origin = this.#cast.addProcess(this.#first);
      return this.#first;
    }
    if (pid === undefined) return this.#nameless();
    if (pid === this.#alias) return UNNAMED;
    if (this.#cast.tasks.has(pid)) return pid;
    if (this.#first === UNNAMED && this.#alias === undefined) {
      const pending = this.pending.get(UNNAMED);
      if (!this.#making.has(UNNAMED) || (body.what === "resumed" && body.name === pending?.name)) {
        this.#alias = pid;
        return UNNAMED;
      }
    }
    return body.what === "end" ? pid : this.#unknown(pid);
  }

  /** Lines have no PID while one thread is left. */
  #nameless(): number {
    const { tasks } = this.#cast;
    if (tasks.size === 1) return [...tasks.keys()][0]!;
    return this.#first!;
  }

  /** A thread that no call has made yet: the oldest clone under way has, or it was there before. */
  #unknown(pid: number): number {
    const maker = this.#making.values().next().value;
    const parent = maker === undefined ? undefined : this.#cast.tasks.get(maker);
    if (maker === undefined || parent === undefined) {
      this.#counts.guessed++;
      this.#cast.addThread(pid, this.#origin!);
      return pid;
    }
    const call = this.pending.get(maker)!;
    if (this.#making.size > 1) this.#counts.guessed++;
    this.#making.delete(maker);
    this.#cast.addChild(pid, parent, birthOf(call.name, call.rest), call.time_ns);
    return pid;
  }
}
