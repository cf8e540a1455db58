// One process's memory in the making: calls as operations of the workload mm, in its own words.

import { ACCESS, portions, Space, type Vma } from "./space.ts";
import type { ImportCounts } from "./summary.ts";
import { faultsOn, type Touch } from "./touch.ts";

/** A protection's kind: anonymous private memory is 0, what a kernel never merges one of the others. */
const KIND = 1 << ACCESS.BITS;
const KINDS = 15;
/** VMAs that the kernel maps for a dynamically linked program (scenario execl-loop). */
export const EXEC_VMAS = 12;

export interface Mapping {
  readonly start: number;
  readonly pages: number;
  /** ACCESS bits. */
  readonly access: number;
  /** Of a file, shared, growing down: no kernel merges it with another. */
  readonly own: boolean;
}

export type Emit = (step: string) => void;

export interface InitialVma {
  readonly start: number;
  readonly pages: number;
  readonly protection: number;
  readonly touched: number;
}

/** The heap, once its place is known: first page, and the page behind the last. */
export interface Heap {
  start: number;
  end: number;
}

export class Mm {
  readonly name: string;
  space: Space;
  heap: Heap | undefined;
  /** VMAs that are there at first, where no fork or exec makes it. */
  readonly initial: InitialVma[] = [];
  /** What any line has mapped: nothing can be inferred to have been there before. */
  readonly #known = new Space();
  readonly later: boolean;
  /** Its trace begins in the middle: what it unmaps was mapped. */
  attached = false;
  /** Where the heap begins in the scenario. */
  heap_told: number | undefined;
  /** The simulated heap ends where the recorded one does, so that `brk` says the same of both. */
  #heap_follows = true;
  /** When it began. */
  readonly since_ns: number;
  readonly #touch: Touch;
  readonly #counts: ImportCounts;

  constructor(
    name: string,
    later: boolean,
    since_ns: number,
    touch: Touch,
    counts: ImportCounts,
    space = new Space(),
  ) {
    this.name = name;
    this.later = later;
    this.since_ns = since_ns;
    this.#touch = touch;
    this.#counts = counts;
    this.space = space;
  }

  /** The VMAs of a program that has just been exec'd, where the trace begins with it. */
  addProgram(): void {
    const vmas = Space.ofExec(EXEC_VMAS).within(0, Number.MAX_SAFE_INTEGER);
    // its arguments lie in the stack, the last one
    for (const { start, end } of vmas) this.addInitial(start, end - start, 0, 0);
    const stack = this.initial.pop();
    if (stack !== undefined) this.initial.push({ ...stack, touched: 1 });
  }

  /** A VMA that was there before the trace. */
  addInitial(start: number, pages: number, protection: number, touched: number): void {
    let left = touched;
    for (const [from, count] of portions(start, pages)) {
      const own = Math.min(left, count);
      left -= own;
      this.initial.push({ start: from, pages: count, protection, touched: own });
      this.space.place(from, from + count, protection).touched = own > 0;
    }
    this.#know(start, start + pages);
  }

  #know(start: number, end: number): void {
    for (const [from, to] of this.#known.holes(start, end)) this.#known.map(from, to, 0);
  }

  mmap({ start, pages, access, own }: Mapping, emit: Emit): void {
    const end = start + pages;
    this.#know(start, end);
    const { space } = this;
    const below = space.below(start)?.protection;
    const protection = own ? kindApart(access, below) : access;
    const word = space.isFree(start, end) ? "mmap" : "mmap-fixed";
    if (!own && word === "mmap" && space.above(end)?.protection === protection) {
      this.#counts.merged_above++;
    }
    this.#place(word, start, pages, protection, emit);
  }

  #place(
    word: "mmap" | "mmap-fixed",
    start: number,
    pages: number,
    protection: number,
    emit: Emit,
  ): void {
    for (const [from, count] of portions(start, pages)) {
      emit(`{${word}: [${from}, ${count}, ${protection}]}`);
      if (word === "mmap") this.space.map(from, from + count, protection);
      else this.space.place(from, from + count, protection);
    }
    this.#fault(start, pages, protection, emit);
  }

  #fault(start: number, pages: number, protection: number, emit: Emit): void {
    const faults = faultsOn(this.#touch, start, pages, protection);
    if (faults === undefined) return;
    for (const step of faults.steps) emit(step);
    this.#counts.faults += faults.count;
    for (const vma of this.space.within(start, start + pages)) vma.touched = true;
  }

  munmap(start: number, pages: number, emit: Emit): void {
    if (this.attached) this.#inferInitial(start, start + pages, 0);
    for (const [from, count] of portions(start, pages)) emit(`{munmap: [${from}, ${count}]}`);
    this.space.clear(start, start + pages);
  }

  mprotect(start: number, pages: number, access: number, emit: Emit): void {
    const end = start + pages;
    this.#infer(start, end, ACCESS.READ | ACCESS.WRITE, emit);
    for (const { start: from, end: to, protection } of this.space.within(start, end).map(copyOf)) {
      const first = Math.max(from, start);
      const behind = Math.min(to, end);
      const wanted = (protection & ~(ACCESS.READ | ACCESS.WRITE | ACCESS.EXEC)) | access;
      for (const [at, count] of portions(first, behind - first)) {
        emit(`{mprotect: [${at}, ${count}, ${wanted}]}`);
        if (wanted === protection) continue;
        const vma = this.space.protect(at, at + count, wanted);
        if (!vma.touched) this.#fault(at, count, wanted, emit);
      }
    }
  }

  /** What nothing mapped but a call has proved to be there: before the trace, or just now. */
  #infer(start: number, end: number, protection: number, emit: Emit): void {
    if (!this.later) this.#inferInitial(start, end, protection);
    for (const [from, to] of this.space.holes(start, end)) {
      this.#counts.inferred++;
      const kind = kindApart(protection, this.space.below(from)?.protection);
      for (const [at, count] of portions(from, to - from)) {
        emit(`{mmap: [${at}, ${count}, ${kind}]}`);
      }
      this.space.place(from, to, kind);
      this.#know(from, to);
    }
  }

  /** What is in no line before was there before the trace. */
  #inferInitial(start: number, end: number, protection: number): void {
    for (const [from, to] of this.#known.holes(start, end)) {
      this.#counts.inferred++;
      const kind = kindApart(protection, this.space.below(from)?.protection);
      this.addInitial(from, to - from, kind, 0);
    }
  }

  /** brk that answered `end`, a page; its first answer tells where the heap begins. */
  brk(end: number, emit: Emit): void {
    if (this.heap === undefined) {
      this.heap = { start: end, end };
      this.heap_told ??= end;
      return;
    }
    const { heap } = this;
    if (end === heap.end) return;
    if (end < heap.start) this.#heap_follows = false;
    if (end > heap.end) this.#growHeap(heap, end, emit);
    else if (this.#heap_follows) {
      emit(`{brk: ${end}}`);
      this.space.clear(end, heap.end);
    } else this.munmap(end, heap.end - end, emit);
    heap.end = end;
  }

  #growHeap({ start, end: from }: Heap, end: number, emit: Emit): void {
    const { space } = this;
    if (!space.isFree(from, end)) this.#heap_follows = false;
    if (!this.#heap_follows) {
      this.mmap({ start: from, pages: end - from, access: 3, own: false }, emit);
      return;
    }
    emit(`{brk: ${end}}`);
    this.#know(from, end);
    const below = from === start ? undefined : space.below(from);
    if (below === undefined) space.place(from, end, 0);
    else below.end = end;
    this.#fault(from, end - from, ACCESS.READ | ACCESS.WRITE, emit);
  }

  mremap(from: Mapping, to: { start: number; pages: number }, keeps: boolean, emit: Emit): void {
    const end = from.start + from.pages;
    if (to.start === from.start) {
      if (to.pages < from.pages) this.munmap(to.start + to.pages, from.pages - to.pages, emit);
      if (to.pages <= from.pages) return;
      this.#infer(from.start, end, ACCESS.READ | ACCESS.WRITE, emit);
      this.#growVma(end, to.pages - from.pages, emit);
      return;
    }
    if (from.pages > 0) this.#infer(from.start, end, ACCESS.READ | ACCESS.WRITE, emit);
    const old = this.space.within(from.start, Math.max(end, from.start + 1))[0]?.protection ?? 3;
    const own = old >> ACCESS.BITS !== 0;
    this.mmap({ ...to, access: old & (KIND - 1), own }, emit);
    if (!keeps && from.pages > 0) this.munmap(from.start, from.pages, emit);
  }

  /** A VMA grows in its place. */
  #growVma(end: number, pages: number, emit: Emit): void {
    const protection = this.space.below(end)?.protection ?? 3;
    this.#know(end, end + pages);
    // what is there already is of a thread whose line came first
    const word = this.space.isFree(end, end + pages) ? "mmap" : "mmap-fixed";
    this.#place(word, end, pages, protection, emit);
  }

  /** The same memory in a child. */
  fork(name: string, since_ns: number): Mm {
    const child = new Mm(name, true, since_ns, this.#touch, this.#counts, this.space.copy());
    child.heap = this.heap === undefined ? undefined : { ...this.heap };
    child.heap_told = this.heap_told;
    child.#heap_follows = this.#heap_follows;
    return child;
  }
}

const copyOf = (vma: Vma): Vma => ({ ...vma });

/** A protection of the same access that the VMA below does not have. */
function kindApart(access: number, below: number | undefined): number {
  const kind = below === undefined ? 1 : ((below >> ACCESS.BITS) % KINDS) + 1;
  return access | (kind * KIND);
}
