// The text of strace in, processes and threads with their programs out.

import { InputError } from "../errors.ts";
import type { ParsedMaps } from "../input/maps.ts";
import { type Argument, type Finished, splitCall } from "./arguments.ts";
import { type Effect, effectOf, isClone, isExit, isKnown } from "./calls.ts";
import { Cast, type CastOptions } from "./cast.ts";
import { TraceClock } from "./clock.ts";
import { type TraceLine, traceLines } from "./lines.ts";
import { takeMaps } from "./maps.ts";
import type { Mm } from "./mm.ts";
import { RECORDING, traceError } from "./problem.ts";
import { parseStraceLine, type StraceLine } from "./strace-line.ts";
import { ImportCounts } from "./summary.ts";
import { type Pending, Who } from "./who.ts";

export interface ImportOptions extends CastOptions {
  /** Calls to take at most. */
  readonly first: number;
  /** The memory of the first process before the trace. */
  readonly maps?: ParsedMaps | undefined;
}

export interface Imported {
  readonly cast: Cast;
  readonly counts: ImportCounts;
  /** From the first line to the last; 0 where no line has a time. */
  readonly length_ns: number;
  /** Whether lines have times. */
  readonly timed: boolean;
}

/** @throws InputError for what is no line of strace, LimitError for more than the workload holds. */
export async function importStrace(
  chunks: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<Imported> {
  const reader = new Reader(options);
  for await (const line of traceLines(chunks, options.file)) reader.take(line);
  return reader.end();
}

/** A call's name, the text behind its parenthesis, and where that begins in the line. */
interface CallBody {
  readonly name: string;
  readonly rest: string;
  readonly at: number;
}

class Reader {
  readonly #options: ImportOptions;
  readonly #counts = new ImportCounts();
  readonly #clock = new TraceClock();
  readonly #cast: Cast;
  readonly #who: Who;
  #known = 0;
  #begun = false;
  #originated = false;
  #last_ns = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
    this.#cast = new Cast(options, this.#counts);
    this.#who = new Who(this.#cast, this.#counts);
  }

  take(line: TraceLine): void {
    this.#counts.lines++;
    let read: StraceLine;
    try {
      read = parseStraceLine(this.#options.file, line);
    } catch (error) {
      if (!line.cut || !(error instanceof InputError)) throw error;
      this.#counts.cut++;
      return;
    }
    const { body } = read;
    this.#clock.see(read.time);
    if (body.what === "note") return;
    const pid = this.#who.of(read);
    this.#start();
    switch (body.what) {
      case "end":
        this.#endOf(pid, body.superseded_by);
        break;
      case "unfinished":
        this.#begin(pid, body.name, body.rest, line);
        break;
      case "resumed":
        this.#resume(pid, body, line);
        break;
      default:
        this.#whole(pid, body, line);
    }
  }

  #whole(pid: number, { name, rest, at }: CallBody, line: TraceLine): void {
    const call = splitCall(rest);
    if (call !== undefined) this.#finish(pid, name, call, this.#now(), line, at);
    else if (line.cut) this.#counts.cut++;
    else throw this.#unended(line);
  }

  /** The first process is there: what --maps says is its memory. */
  #start(): void {
    if (this.#begun) return;
    this.#begun = true;
    const { maps, touch } = this.#options;
    if (maps !== undefined) takeMaps(this.#cast.mms[0]!, maps, touch);
  }

  #now(): number {
    return this.#clock.now_ns;
  }

  #unended(line: TraceLine): InputError {
    const { file } = this.#options;
    return traceError(file, line, line.text.length, "a call without its end", "`) = RESULT`");
  }

  /** What frees memory has done so before others are given it: it counts from its beginning. */
  #begin(pid: number, name: string, rest: string, line: TraceLine): void {
    const call: Pending = { name, rest, time_ns: this.#now(), done: false };
    this.#who.begin(pid, call);
    if (name !== "munmap") return;
    const whole = splitCall(`${rest}) = 0`);
    if (whole === undefined) return;
    call.done = true;
    this.#finish(pid, name, whole, call.time_ns, line, undefined);
  }

  #resume(pid: number, body: CallBody, line: TraceLine): void {
    const begun = this.#who.finish(pid);
    if (begun === undefined || (body.name !== "" && body.name !== begun.name)) {
      this.#counts.cut++;
      return;
    }
    if (begun.done || isExit(begun.name)) {
      if (isExit(begun.name)) this.#taken(pid, { kind: "exit" }, begun.time_ns);
      return;
    }
    const call = splitCall(begun.rest + body.rest);
    if (call !== undefined) {
      this.#finish(pid, begun.name, call, begun.time_ns, line, undefined);
    } else if (line.cut) this.#counts.cut++;
    else throw this.#unended(line);
  }

  /** `at`: where its arguments begin in the line, if they stand there whole. */
  #finish(
    pid: number,
    name: string,
    { args, result, error }: Finished,
    time_ns: number,
    line: TraceLine,
    at: number | undefined,
  ): void {
    if (isKnown(name)) this.#known++;
    if (result === "-1" || error !== undefined || (result === "?" && !isExit(name))) {
      this.#counts.failed++;
      return;
    }
    const fail = (argument: Argument | undefined, problem: string, expected: string) => {
      const column = at === undefined ? 0 : at + (argument?.at ?? 0);
      return traceError(this.#options.file, line, column, problem, expected);
    };
    const value = isExit(name) ? 0n : resultOf(result);
    if (value === undefined) {
      const column = line.text.lastIndexOf(result);
      const expected = "a number, an address or ?";
      throw traceError(this.#options.file, line, column, `bad result of ${name}`, expected);
    }
    this.#taken(pid, effectOf({ name, args, result: value }, fail), time_ns);
    if (isClone(name)) this.#birth(pid, name, args, Number(value), time_ns);
  }

  #taken(pid: number, effect: Effect, time_ns: number): void {
    const task = this.#cast.tasks.get(pid);
    if (task === undefined) return;
    if (effect.kind !== "none" && this.#counts.taken >= this.#options.first) {
      this.#counts.behind_first++;
      return;
    }
    this.#last_ns = Math.max(this.#last_ns, time_ns);
    if (this.#origin(task.mm, effect)) return;
    this.#cast.act(task, effect, time_ns);
  }

  /**
   * Where the first process comes from, by its first call: an exec makes it, and what that replaces is
   * strace's own; otherwise it was there before.
   */
  #origin(mm: Mm, effect: Effect): boolean {
    if (this.#originated || this.#options.maps !== undefined) return false;
    this.#originated = true;
    if (effect.kind !== "exec") {
      mm.attached = true;
      return false;
    }
    mm.addProgram();
    this.#counts.taken++;
    return true;
  }

  /** A child whose maker has told its PID; it may have had lines before. */
  #birth(
    pid: number,
    name: string,
    args: readonly Argument[],
    child: number,
    time_ns: number,
  ): void {
    const parent = this.#cast.tasks.get(pid);
    if (parent === undefined || child <= 0 || this.#cast.tasks.has(child)) return;
    if (this.#counts.behind_first > 0 || this.#cast.wasBorn(child, time_ns)) return;
    const effect = effectOf({ name, args, result: BigInt(child) }, () => {
      throw new Error("a clone has no argument that can be wrong");
    });
    if (effect.kind === "clone") this.#cast.addChild(child, parent, effect.how, time_ns);
  }

  #endOf(pid: number, superseded_by: number | undefined): void {
    if (superseded_by !== undefined) {
      const by = this.#who.finish(superseded_by);
      const task = this.#cast.tasks.get(superseded_by);
      if (by !== undefined && task !== undefined) {
        this.#cast.replace(pid, superseded_by);
        this.#who.finish(pid);
        this.#who.begin(pid, by);
        return;
      }
    }
    this.#who.finish(pid);
    const over = this.#counts.behind_first > 0;
    this.#cast.end(pid, over ? this.#last_ns : this.#now());
  }

  end(): Imported {
    const { file, first } = this.#options;
    if (this.#known === 0) {
      throw new InputError({
        file,
        problem: "no call that maps memory or makes processes",
        found: `${this.#counts.lines} lines`,
        expected: "the text of strace",
        hint: RECORDING,
      });
    }
    const all = this.#counts.taken < first || this.#counts.behind_first === 0;
    this.#cast.endAll(all ? this.#now() : this.#last_ns);
    const timed = this.#clock.timed > 0;
    return { cast: this.#cast, counts: this.#counts, length_ns: this.#now(), timed };
  }
}

const RESULT = /^(0x[0-9a-f]{1,16}|\d{1,19})(?:<.*>)?$/i;

function resultOf(text: string): bigint | undefined {
  const found = RESULT.exec(text)?.[1];
  return found === undefined ? undefined : BigInt(found);
}
