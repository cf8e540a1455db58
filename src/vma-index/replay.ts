// Replays logs of a real maple tree: one operation and its answer a line, see docs/model/index.md.

import { InputError } from "../errors.ts";
import type { IndexExports } from "./exports.ts";
import { ENOMEM, LAST_PAGE } from "./exports.ts";
import { IndexMemory } from "./index-memory.ts";

/** An answer that differs from the log's. */
export interface ReplayMismatch {
  /** Line of the log, from 1. */
  readonly line: number;
  /** The whole line. */
  readonly text: string;
  readonly expected: string;
  readonly found: string;
}

export interface ReplayOptions {
  /** Whose rules to follow. Default "7.2". */
  readonly kernel?: "6.12" | "7.2";
  /** Default: what the log's first line says ("rcu 1"), else true. */
  readonly rcu?: boolean;
  /** Called for every different answer; return false to stop. */
  readonly onMismatch?: (mismatch: ReplayMismatch) => boolean | undefined;
  /** Keep replaced nodes until the next totals, as readers would. Answers are the same. */
  readonly keep_replaced?: boolean;
  /** Audit the whole tree after every operation: slow. */
  readonly validate?: boolean;
  /** Another build of the module, for tests. */
  readonly module?: WebAssembly.Module;
}

export interface ReplayResult {
  readonly kernel: "6.12" | "7.2";
  readonly rcu: boolean;
  /** Operations replayed, and how many of each letter. */
  readonly operations: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly mismatches: number;
  readonly first_mismatch?: ReplayMismatch;
}

const HASH_START = 1469598103934665603n;
const HASH_PRIME = 1099511628211n;
const U64 = (1n << 64n) - 1n;

/** The tree of one log, and what it answers to each line. */
class Replayer {
  readonly #memory: IndexMemory;
  readonly #wasm: IndexExports;
  readonly #tree: number;

  constructor(kernel: "6.12" | "7.2", rcu: boolean, options: ReplayOptions) {
    this.#memory = new IndexMemory(undefined, options.module);
    this.#wasm = this.#memory.wasm;
    this.#tree = this.#memory.takeTree();
    this.#wasm.treeInit(this.#tree, this.#memory.pool, kernel === "6.12" ? 0 : 1, rcu ? 1 : 0);
    this.#wasm.treeSetReclaimAtOnce(this.#tree, options.keep_replaced ? 0 : 1);
  }

  #write(run: () => number): string {
    let result = run();
    while (result === ENOMEM) {
      this.#memory.grow();
      result = run();
    }
    return String(result);
  }

  #range(value: number): string {
    if (value === 0) return "0";
    const { cursor } = this.#memory;
    const first = this.#wasm.cursorFirst(cursor);
    return `${value >>> 0} ${first} ${this.#wasm.cursorLast(cursor)}`;
  }

  #erase(page: bigint): string {
    const value = this.#wasm.treeLoad(this.#tree, page) >>> 0;
    if (value !== 0) this.#write(() => (this.#wasm.treeErase(this.#tree, page) ? 0 : ENOMEM));
    return String(value);
  }

  #totals(): string {
    const wasm = this.#wasm;
    const { cursor } = this.#memory;
    wasm.treeReclaim(this.#tree);
    let hash = HASH_START;
    const add = (word: bigint) => {
      hash = ((hash ^ word) * HASH_PRIME) & U64;
    };
    let entries = 0;
    wasm.cursorInit(cursor, this.#tree, 0n);
    for (let value = wasm.cursorNext(cursor); value !== 0; value = wasm.cursorNext(cursor)) {
      add(wasm.cursorFirst(cursor));
      add(wasm.cursorLast(cursor));
      add(BigInt(value >>> 0));
      entries++;
    }
    const live = wasm.poolNodesLive(this.#memory.pool);
    const height = wasm.treeHeight(this.#tree);
    const deferred = wasm.treeDeferred(this.#tree);
    return `${entries} ${live} ${height} ${deferred} ${hash.toString(16).padStart(16, "0")}`;
  }

  #destroy(): string {
    this.#wasm.treeDestroy(this.#tree);
    this.#wasm.treeReclaim(this.#tree);
    return String(this.#wasm.poolNodesLive(this.#memory.pool));
  }

  /** Answer to one line's operation, and the number of words that ask it; undefined: unknown. */
  answer(words: readonly string[]): { asked: number; found: string } | undefined {
    const wasm = this.#wasm;
    const tree = this.#tree;
    const { cursor } = this.#memory;
    const at = (i: number): bigint => (words[i] === "M" ? LAST_PAGE : BigInt(words[i] ?? "x"));
    switch (words[0]) {
      case "S": {
        const run = () => wasm.treeStore(tree, at(1), at(2), Number(at(3)));
        return { asked: 4, found: this.#write(run) };
      }
      case "N":
        return { asked: 3, found: this.#write(() => wasm.treeStore(tree, at(1), at(2), 0)) };
      case "I": {
        const run = () => wasm.treeInsert(tree, at(1), at(2), Number(at(3)));
        return { asked: 4, found: this.#write(run) };
      }
      case "E":
        return { asked: 2, found: this.#erase(at(1)) };
      case "L":
        return { asked: 2, found: String(wasm.treeLoad(tree, at(1)) >>> 0) };
      case "F":
        return { asked: 3, found: this.#range(wasm.treeFind(tree, cursor, at(1), at(2))) };
      case "P":
        return { asked: 3, found: this.#range(wasm.treePrev(tree, cursor, at(1), at(2))) };
      case "G":
        return { asked: 4, found: gapText(wasm.treeEmptyArea(tree, at(1), at(2), at(3), 1n)) };
      case "R":
        return { asked: 4, found: gapText(wasm.treeEmptyAreaRev(tree, at(1), at(2), at(3), 1n)) };
      case "T":
        return { asked: 1, found: this.#totals() };
      case "Z":
        return { asked: 1, found: this.#destroy() };
      default:
        return undefined;
    }
  }

  validate(): number {
    return this.#wasm.treeValidate(this.#tree, this.#memory.audit);
  }
}

function gapText(answer: bigint): string {
  return answer < 0n ? String(answer) : `0 ${answer}`;
}

function answerLine(replayer: Replayer, text: string, line: number) {
  const words = text.split(/\s+/);
  try {
    const answer = replayer.answer(words);
    if (answer === undefined) throw new Error("no such operation");
    if (words.length <= answer.asked) throw new Error("no answer");
    return { expected: words.slice(answer.asked).join(" "), found: answer.found };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError({
      line,
      problem: "bad line in an index log",
      found: text.slice(0, 60),
      expected: "an operation S N I E L F P G R T Z with its numbers and its answer",
      cause,
    });
  }
}

/** Replays one log, line by line. Blank lines and lines that start with # are comments. */
export async function replayIndexLog(
  source: Iterable<string> | AsyncIterable<string>,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const kernel = options.kernel ?? "7.2";
  let rcu = options.rcu ?? true;
  let replayer: Replayer | undefined;
  let line = 0;
  let operations = 0;
  let mismatches = 0;
  let first_mismatch: ReplayMismatch | undefined;
  const counts: Record<string, number> = {};
  for await (const raw of source) {
    line++;
    const text = raw.trim();
    if (text === "" || text.startsWith("#")) {
      const said = /\brcu ([01])\b/.exec(text);
      if (operations === 0 && options.rcu === undefined && said) rcu = said[1] === "1";
      continue;
    }
    replayer ??= new Replayer(kernel, rcu, options);
    const { expected, found } = answerLine(replayer, text, line);
    const letter = text.slice(0, 1);
    counts[letter] = (counts[letter] ?? 0) + 1;
    operations++;
    const problem = options.validate ? replayer.validate() : 0;
    if (expected === found && problem === 0) continue;
    const shown = problem === 0 ? found : `${found} (damaged tree, code ${problem})`;
    const mismatch = { line, text, expected, found: shown };
    first_mismatch ??= mismatch;
    mismatches++;
    if (options.onMismatch?.(mismatch) === false) break;
  }
  const result = { kernel, rcu, operations, counts, mismatches };
  return first_mismatch === undefined ? result : { ...result, first_mismatch };
}
