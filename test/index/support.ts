// The fast tree with plain numbers, for tests: any build, any generation, audited on request.

import { readFileSync } from "node:fs";
import type { Parameters as PropertyParameters } from "fast-check";
import type { IndexExports } from "../../src/vma-index/exports.ts";
import { IndexMemory } from "../../src/vma-index/index-memory.ts";
import { layoutOf, pictureOf } from "../../src/vma-index/picture.ts";
import { PROBLEMS } from "../../src/vma-index/problems.ts";
import type { Range } from "./oracle.ts";

export type Kernel = "6.12" | "7.2";
export const KERNELS: readonly Kernel[] = ["6.12", "7.2"];
export const TARGETS = ["release", "debug"] as const;
export type Target = (typeof TARGETS)[number];

const modules = new Map<Target, WebAssembly.Module>();

/** A build of the index module. */
export function moduleOf(target: Target): WebAssembly.Module {
  const known = modules.get(target);
  if (known !== undefined) return known;
  const compiled = new WebAssembly.Module(readFileSync(`build/index.${target}.wasm`));
  modules.set(target, compiled);
  return compiled;
}

export interface FastTreeOptions {
  readonly kernel?: Kernel;
  readonly rcu?: boolean;
  readonly target?: Target;
  readonly max_nodes?: number;
  /** Leave replaced nodes on the deferred list. */
  readonly keep?: boolean;
}

export class FastTree {
  readonly memory: IndexMemory;
  readonly wasm: IndexExports;
  readonly tree: number;

  constructor(options: FastTreeOptions = {}, memory?: IndexMemory) {
    const { kernel = "7.2", rcu = true, target = "release", max_nodes, keep = false } = options;
    this.memory = memory ?? new IndexMemory(max_nodes ?? 20_000, moduleOf(target));
    this.wasm = this.memory.wasm;
    this.tree = this.memory.takeTree();
    this.wasm.treeInit(this.tree, this.memory.pool, kernel === "7.2" ? 1 : 0, rcu ? 1 : 0);
    this.wasm.treeSetReclaimAtOnce(this.tree, keep ? 0 : 1);
  }

  /** Runs a write, with more memory where there was too little. */
  #grown(run: () => number): number {
    let result = run();
    while (result === -12) {
      this.memory.grow();
      result = run();
    }
    return result;
  }

  store(first: number, last: number, value: number): number {
    const { wasm, tree } = this;
    return this.#grown(() => wasm.treeStore(tree, BigInt(first), BigInt(last), value));
  }

  insert(first: number, last: number, value: number): number {
    const { wasm, tree } = this;
    return this.#grown(() => wasm.treeInsert(tree, BigInt(first), BigInt(last), value));
  }

  append(first: number, last: number, value: number): number {
    const { wasm, tree } = this;
    return this.#grown(() => wasm.treeAppend(tree, BigInt(first), BigInt(last), value));
  }

  erase(page: number): number {
    const value = this.load(page);
    if (value !== 0) {
      this.#grown(() => (this.wasm.treeErase(this.tree, BigInt(page)) === 0 ? -12 : 0));
    }
    return value;
  }

  load(page: number): number {
    return this.wasm.treeLoad(this.tree, BigInt(page)) >>> 0;
  }

  #range(value: number): Range | undefined {
    if (value === 0) return undefined;
    const first = Number(this.wasm.cursorFirst(this.memory.cursor));
    return { first, last: Number(this.wasm.cursorLast(this.memory.cursor)), value: value >>> 0 };
  }

  find(first: number, last: number): Range | undefined {
    const { wasm, tree, memory } = this;
    return this.#range(wasm.treeFind(tree, memory.cursor, BigInt(first), BigInt(last)));
  }

  findBelow(page: number, lowest: number): Range | undefined {
    const { wasm, tree, memory } = this;
    return this.#range(wasm.treePrev(tree, memory.cursor, BigInt(page), BigInt(lowest)));
  }

  emptyArea(low: number, high: number, pages: number, align = 1): number {
    const [l, h, n, a] = [BigInt(low), BigInt(high), BigInt(pages), BigInt(align)];
    return Number(this.wasm.treeEmptyArea(this.tree, l, h, n, a));
  }

  emptyAreaRev(low: number, high: number, pages: number, align = 1): number {
    const [l, h, n, a] = [BigInt(low), BigInt(high), BigInt(pages), BigInt(align)];
    return Number(this.wasm.treeEmptyAreaRev(this.tree, l, h, n, a));
  }

  /** All entries, walked forwards. */
  ranges(): Range[] {
    const found: Range[] = [];
    const { wasm, memory } = this;
    wasm.cursorInit(memory.cursor, this.tree, 0n);
    for (;;) {
      const range = this.#range(wasm.cursorNext(memory.cursor));
      if (range === undefined) return found;
      found.push(range);
    }
  }

  /** All entries, walked backwards. */
  rangesReversed(): Range[] {
    const found: Range[] = [];
    const { wasm, memory } = this;
    wasm.cursorInitRev(memory.cursor, this.tree, (1n << 52n) - 1n);
    for (;;) {
      const range = this.#range(wasm.cursorPrev(memory.cursor));
      if (range === undefined) return found;
      found.push(range);
    }
  }

  get height(): number {
    return this.wasm.treeHeight(this.tree);
  }

  get nodes(): number {
    return this.wasm.treeNodes(this.tree);
  }

  get leaves(): number {
    return this.wasm.treeLeaves(this.tree);
  }

  get entries(): number {
    return this.wasm.treeEntries(this.tree);
  }

  get deferred(): number {
    return Number(this.wasm.treeDeferred(this.tree));
  }

  get live(): number {
    return this.wasm.poolNodesLive(this.memory.pool);
  }

  /** Used slots per node: leaves from left to right, inner nodes in preorder. */
  get slotCounts(): { leaves: number[]; inner: number[] } {
    const leaves: number[] = [];
    const inner: number[] = [];
    const visit = (node: ReturnType<typeof layoutOf> & object): void => {
      (node.children.length === 0 ? leaves : inner).push(node.lasts.length);
      node.children.forEach(visit);
    };
    const root = layoutOf(this.wasm, this.tree);
    if (root !== undefined) visit(root);
    return { leaves, inner };
  }

  /** As after a grace period. */
  reclaim(): void {
    this.wasm.treeReclaim(this.tree);
  }

  draw(): string {
    return pictureOf(layoutOf(this.wasm, this.tree));
  }

  /** The audit's finding, "" when all is well. */
  audit(): string {
    const problem = this.wasm.treeValidate(this.tree, this.memory.audit);
    return problem === 0 ? "" : `${PROBLEMS[problem]}\n${this.draw()}`;
  }
}

/** xorshift32: the same streams everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 2463534242;
  }

  /** From 0 to below. */
  next(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % below;
  }
}

/**
 * Options of a property. A failure prints its seed and path; FC_SEED and FC_PATH run exactly
 * that case again, FC_RUNS changes the number of cases.
 */
export function propertyOptions<T>(runs: number): PropertyParameters<T> {
  const { FC_SEED, FC_PATH, FC_RUNS } = process.env;
  return {
    numRuns: FC_RUNS === undefined ? runs : Number(FC_RUNS),
    ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
    ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
    verbose: 1,
  };
}
