// The text of strace in, processes and threads with their programs out.

import { InputError } from "../errors.ts";
import type { ParsedMaps } from "../input/maps.ts";
import { splitCall } from "./arguments.ts";
import { isExit } from "./calls.ts";
import { Cast, type CastOptions } from "./cast.ts";
import { TraceClock } from "./clock.ts";
import { type TraceLine, traceLines } from "./lines.ts";
import { takeMaps } from "./maps.ts";
import { isTable, RECORDING, traceError } from "./problem.ts";
import { parseStraceLine, type StraceLine } from "./strace-line.ts";
import { ImportCounts } from "./summary.ts";
import { Taker } from "./take.ts";
import { Who } from "./who.ts";

export interface ImportOptions extends CastOptions {
  /** Calls to take at most. */
  readonly first: number;
  /** The memory of the first process before the trace. */
  readonly maps?: ParsedMaps | undefined;
}

export interface Imported {
  readonly cast: Cast;
  readonly counts: ImportCounts;
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

/** Calls that count from their beginning: what frees has done so before others are given it. */
const isDoneAtOnce = (name: string): boolean => name === "munmap" || isExit(name);

/** Lines to calls: whose they are, and the halves of those that others came between. */
class Reader {
  readonly #options: ImportOptions;
  readonly #counts = new ImportCounts();
  readonly #clock = new TraceClock();
  readonly #cast: Cast;
  readonly #who: Who;
  readonly #taker: Taker;
  #has_begun = false;
  /** The table of strace -C ends the calls. */
  #has_table = false;

  constructor(options: ImportOptions) {
    const { file, first, maps } = options;
    this.#options = options;
    this.#cast = new Cast(options, this.#counts);
    this.#who = new Who(this.#cast, this.#counts);
    this.#taker = new Taker(
      { file, first, has_maps: maps !== undefined },
      this.#cast,
      this.#counts,
    );
  }

  take(line: TraceLine): void {
    this.#counts.lines++;
    this.#has_table ||= this.#taker.known > 0 && isTable(line.text);
    if (this.#has_table) return;
    const read = this.#parse(line);
    if (read === undefined) return;
    const { body } = read;
    this.#clock.see(read.time);
    if (body.what === "note") return;
    const pid = this.#who.of(read);
    this.#begin();
    if (body.what === "end") this.#end(pid, body.superseded_by);
    else if (body.what === "unfinished") this.#beginCall(pid, body, line);
    else if (body.what === "resumed") this.#resumeCall(pid, body, line);
    else this.#wholeCall(pid, body, line);
  }

  /** Undefined for a last line that is cut off. */
  #parse(line: TraceLine): StraceLine | undefined {
    try {
      return parseStraceLine(this.#options.file, line);
    } catch (error) {
      if (!line.cut || !(error instanceof InputError)) throw error;
      this.#counts.cut++;
      return undefined;
    }
  }

  /** The first process is there: what --maps says is its memory. */
  #begin(): void {
    if (this.#has_begun) return;
    this.#has_begun = true;
    const { maps, touch } = this.#options;
    if (maps !== undefined) takeMaps(this.#cast.mms[0]!, maps, touch);
  }

  #wholeCall(pid: number, { name, rest, at }: CallBody, line: TraceLine): void {
    const call = splitCall(rest);
    if (call === undefined) this.#withoutEnd(line);
    else this.#taker.take({ ...call, pid, name, time_ns: this.#clock.now_ns, line, at });
  }

  #beginCall(pid: number, { name, rest }: Omit<CallBody, "at">, line: TraceLine): void {
    const time_ns = this.#clock.now_ns;
    const call = isDoneAtOnce(name) ? splitCall(`${rest}) = 0`) : undefined;
    const done = call !== undefined;
    this.#who.begin(pid, { name, rest, time_ns, done });
    if (done) this.#taker.take({ ...call, pid, name, time_ns, line });
  }

  #resumeCall(pid: number, body: CallBody, line: TraceLine): void {
    const begun = this.#who.finish(pid);
    if (begun === undefined || (body.name !== "" && body.name !== begun.name)) {
      this.#counts.cut++;
      return;
    }
    const { name, rest, time_ns, done } = begun;
    if (done) return;
    const call = splitCall(rest + body.rest);
    if (call === undefined) this.#withoutEnd(line);
    else this.#taker.take({ ...call, pid, name, time_ns, line });
  }

  /** The file may end in the middle of a call, no other line. */
  #withoutEnd(line: TraceLine): void {
    if (!line.cut) {
      const { file } = this.#options;
      const at = line.text.length;
      throw traceError(file, line, at, "a call without its end", "`) = RESULT`");
    }
    this.#counts.cut++;
  }

  #end(pid: number, superseded_by: number | undefined): void {
    const { is_over, last_ns } = this.#taker;
    const time_ns = is_over ? last_ns : this.#clock.now_ns;
    const exec = superseded_by === undefined ? undefined : this.#who.finish(superseded_by);
    this.#who.finish(pid);
    if (exec === undefined || !this.#cast.tasks.has(superseded_by!)) {
      this.#cast.end(pid, time_ns);
      return;
    }
    this.#cast.replace(pid, superseded_by!, time_ns);
    this.#who.begin(pid, exec);
  }

  end(): Imported {
    if (this.#taker.known === 0) {
      throw new InputError({
        file: this.#options.file,
        problem: "no call that maps memory or makes processes",
        found: `${this.#counts.lines} lines`,
        expected: "the text of strace",
        hint: RECORDING,
      });
    }
    const { now_ns, timed } = this.#clock;
    this.#cast.endAll(this.#taker.is_over ? this.#taker.last_ns : now_ns);
    return { cast: this.#cast, counts: this.#counts, timed: timed > 0 };
  }
}
