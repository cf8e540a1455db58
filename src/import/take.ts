// Calls that have ended, as what they did: failed ones are counted, those behind --first too, and a child is
// born where its maker tells its PID.

import type { InputError } from "../errors.ts";
import type { Argument, Finished } from "./arguments.ts";
import { type Effect, effectOf, isExit, isKnown } from "./calls.ts";
import type { Cast } from "./cast.ts";
import type { TraceLine } from "./lines.ts";
import type { Mm } from "./mm.ts";
import { traceError } from "./problem.ts";
import type { ImportCounts } from "./summary.ts";

/** A call whose end has been read. */
export interface EndedCall extends Finished {
  readonly pid: number;
  readonly name: string;
  /** When it began. */
  readonly time_ns: number;
  /** The line of its end, and where its arguments begin in it if they stand there whole. */
  readonly line: TraceLine;
  readonly at?: number;
}

export interface TakeOptions {
  readonly file: string;
  /** Calls to take at most. */
  readonly first: number;
  /** Whether what the first process had before the trace is told. */
  readonly has_maps: boolean;
}

type Clone = Extract<Effect, { kind: "clone" }>;

const RESULT = /^(?:0x[0-9a-f]{1,16}|\d{1,19})$/i;

export class Taker {
  readonly #options: TakeOptions;
  readonly #cast: Cast;
  readonly #counts: ImportCounts;
  #originated = false;
  /** When the last call began that was taken. */
  last_ns = 0;
  /** Calls that say something of memory or processes, failed ones included. */
  known = 0;

  constructor(options: TakeOptions, cast: Cast, counts: ImportCounts) {
    this.#options = options;
    this.#cast = cast;
    this.#counts = counts;
    this.#originated = options.has_maps;
  }

  /** Were calls left out behind --first? Then nothing later counts. */
  get is_over(): boolean {
    return this.#counts.behind_first > 0;
  }

  take(call: EndedCall): void {
    const { pid, name, args, result, error, time_ns } = call;
    if (isKnown(name)) this.known++;
    const failed = result === "-1" || result === "?" || error !== undefined;
    if (failed && !isExit(name)) {
      this.#counts.failed++;
      return;
    }
    const ended = { name, args, result: isExit(name) ? 0n : this.#resultOf(call) };
    const effect = effectOf(ended, (...problem) => this.#wrong(call, ...problem));
    this.#act(pid, effect, time_ns);
    if (effect.kind === "clone") this.#birth(pid, effect, time_ns);
  }

  #resultOf({ name, result, line }: EndedCall): bigint {
    if (RESULT.test(result)) return BigInt(result);
    const at = line.text.lastIndexOf(result);
    const expected = "a number, an address or ?";
    throw traceError(this.#options.file, line, at, `bad result of ${name}`, expected);
  }

  #wrong(
    { line, at }: EndedCall,
    argument: Argument | undefined,
    problem: string,
    expected: string,
  ): InputError {
    const column = at === undefined ? 0 : at + (argument?.at ?? 0);
    return traceError(this.#options.file, line, column, problem, expected);
  }

  #act(pid: number, effect: Effect, time_ns: number): void {
    const task = this.#cast.tasks.get(pid);
    if (task === undefined) return;
    if (effect.kind !== "none" && this.#counts.taken >= this.#options.first) {
      this.#counts.behind_first++;
      return;
    }
    this.last_ns = Math.max(this.last_ns, time_ns);
    if (!this.#originated && this.#isOrigin(task.mm, effect)) this.#counts.taken++;
    else this.#cast.act(task, effect, time_ns);
  }

  /**
   * Where the first process comes from, by its first call: an exec makes it, and what that replaces is
   * strace's own; otherwise it was there before.
   */
  #isOrigin(mm: Mm, effect: Effect): boolean {
    this.#originated = true;
    if (effect.kind === "exec") mm.addProgram();
    else mm.attached = true;
    return effect.kind === "exec";
  }

  /** A child whose maker has told its PID; it may have had lines before. */
  #birth(pid: number, { pid: child, how }: Clone, time_ns: number): void {
    const parent = this.#cast.tasks.get(pid);
    if (parent === undefined || child <= 0 || this.#cast.tasks.has(child)) return;
    if (this.is_over || this.#cast.wasBorn(child, time_ns)) return;
    this.#cast.addChild(child, parent, how, time_ns);
  }
}
