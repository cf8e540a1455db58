// Streams of random operations in several tempers, run against the fast tree, the model tree and
// the array of ranges at once.

import { drawModel, ModelTree } from "./model.ts";
import { LAST, type RangeOracle } from "./oracle.ts";
import type { FastTreeOptions, Kernel } from "./support.ts";
import { FastTree, Random } from "./support.ts";

/** One operation, printable and replayable. */
export type Operation =
  | { readonly op: "store"; readonly first: number; readonly last: number; readonly value: number }
  | { readonly op: "insert"; readonly first: number; readonly last: number; readonly value: number }
  | { readonly op: "erase"; readonly page: number };

export function show(operation: Operation): string {
  if (operation.op === "erase") return `E ${operation.page}`;
  const { first, last, value } = operation;
  if (operation.op === "insert") return `I ${first} ${last} ${value}`;
  return value === 0 ? `N ${first} ${last}` : `S ${first} ${last} ${value}`;
}

/** What a stream is like: how far addresses go, how long ranges are, how often they are wide. */
export interface Temper {
  readonly name: string;
  readonly pages: number;
  readonly length: number;
  /** One in this many ranges may be as long as the space. */
  readonly wide_every: number;
  /** One in this many ends at the last page of all. */
  readonly last_every: number;
}

export const TEMPERS: readonly Temper[] = [
  { name: "tiny", pages: 64, length: 4, wide_every: 40, last_every: 200 },
  { name: "small", pages: 256, length: 8, wide_every: 50, last_every: 400 },
  { name: "medium", pages: 4096, length: 8, wide_every: 200, last_every: 3000 },
  { name: "large", pages: 2 ** 20, length: 64, wide_every: 300, last_every: 5000 },
  { name: "sparse", pages: 2 ** 52, length: 2 ** 36, wide_every: 100, last_every: 1000 },
];

/** Phases make trees grow and shrink through every height. */
const PHASE_OPERATIONS = 600;

export class OperationStream {
  readonly #random: Random;
  readonly #temper: Temper;
  #count = 0;

  constructor(temper: Temper, seed: number) {
    this.#temper = temper;
    this.#random = new Random(seed);
  }

  #below(limit: number): number {
    const { pages } = this.#temper;
    if (pages <= 2 ** 32) return this.#random.next(limit);
    return Math.floor((this.#random.next(2 ** 31) / 2 ** 31) * limit);
  }

  next(): Operation {
    const random = this.#random;
    const { pages, length, wide_every, last_every } = this.#temper;
    const growing = Math.floor(this.#count++ / PHASE_OPERATIONS) % 3 !== 2;
    const first = this.#below(pages);
    const most = random.next(wide_every) === 0 ? pages - first : Math.min(length, pages - first);
    let last = first + this.#below(most);
    if (random.next(last_every) === 0) last = LAST;
    const value = 1 + random.next(1_000_000);
    const die = random.next(100);
    if (die < (growing ? 15 : 55)) return { op: "erase", page: first };
    if (die < (growing ? 45 : 60)) return { op: "insert", first, last, value };
    return { op: "store", first, last, value: die < (growing ? 55 : 80) ? 0 : value };
  }
}

/** Runs one operation; the answer in the form of the logs. */
export function run(tree: FastTree | ModelTree | RangeOracle, operation: Operation): number {
  if (operation.op === "erase") return tree.erase(operation.page);
  const { first, last, value } = operation;
  if (operation.op === "insert") return tree.insert(first, last, value);
  return tree.store(first, last, value) ?? 0;
}

/** Fast tree and model tree side by side. `step` throws on the first difference. */
export class Pair {
  readonly fast: FastTree;
  readonly model: ModelTree;
  readonly done: string[] = [];

  constructor(kernel: Kernel, rcu: boolean, options: FastTreeOptions = {}) {
    this.fast = new FastTree({ ...options, kernel, rcu });
    this.model = new ModelTree(kernel, rcu);
  }

  #differs(what: string, expected: unknown, found: unknown): never {
    const story = this.done.slice(-20).join("\n");
    throw new Error(`${what}\nexpected ${expected}\nfound    ${found}\nafter\n${story}`);
  }

  /** Remembers an operation for the story a failure tells. */
  note(operation: Operation): void {
    this.done.push(show(operation));
    if (this.done.length > 200) this.done.splice(0, 100);
  }

  /** Same answer, same totals, same nodes. */
  step(operation: Operation): void {
    this.note(operation);
    const { fast, model } = this;
    const expected = run(model, operation);
    const found = run(fast, operation);
    if (expected !== found) this.#differs("answer", expected, found);
    if (model.deferred !== fast.deferred) {
      this.#differs("deferred", model.deferred, fast.deferred);
    }
    if (model.height !== fast.height) this.#differs("height", model.height, fast.height);
    const problem = fast.audit();
    if (problem !== "") this.#differs("audit", "a valid tree", problem);
    const picture = drawModel(model.root);
    if (picture !== fast.draw()) this.#differs("nodes", picture, fast.draw());
  }
}
