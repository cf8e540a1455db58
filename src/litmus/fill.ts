// What goes into a world and what its oracle says, for the explorer and for machines alike.

import { LimitError } from "../errors.ts";
import type { LitmusMm, LitmusSpec, LitmusThread } from "./spec.ts";
import { ACCESSES, BREACHES, HAPPENED, MISSING, OPS, wordOf } from "./words.ts";

const NO_MM = 0xffff_ffff;
const FREED_BY_NOBODY = 0xffff;
/** VMAs that an operation makes at most: a split at each end, and one to spare. */
const VMAS_PER_OP = 3;
const VMAS_SPARE = 64;

/** How worlds are built, call by call. */
export interface WorldBuilder {
  addMm(born: number, heap: bigint): number;
  addVma(mm: number, start: bigint, pages: bigint, protection: number, touched: number): number;
  addActor(mm: number, waits: number): number;
  addOp(actor: number, op: number, x: bigint, y: bigint, z: bigint, names_mm: number): void;
}

/** What the lifetime oracle says about one access. Times are steps. */
export interface BreachReport {
  readonly kind: string;
  readonly access: string;
  readonly missing: string;
  /** Who, in which operation, at which page. */
  readonly reader: string;
  readonly operation: string;
  readonly page: bigint;
  /** Which VMA object: its number, the life that the reader had looked up, and the one it met. */
  readonly object: number;
  readonly life_seen: number;
  readonly life_now: number;
  readonly state: string;
  readonly freed_by: string | undefined;
  readonly freed_by_callback: boolean;
  readonly freed_at: number | undefined;
  readonly time: number;
}

const STATES = ["free", "allocated", "attached", "detached", "waiting", "queued"] as const;

/** Operations that can make VMAs of their own. */
const MAKERS: readonly string[] = ["munmap", "mmap", "mmap-fixed", "mprotect", "brk"];

/** VMA objects that a world needs; `more` are there besides those of its `mms`, in one address space. */
export function vmaObjects(
  { mms, threads }: Pick<LitmusSpec, "mms" | "threads">,
  more = 0,
): number {
  const ops = threads.flatMap((thread) => thread.ops);
  const execs = ops.filter(({ op }) => op === "exec");
  const forks = ops.filter(({ op }) => op === "fork").length;
  const made = ops.filter(({ op }) => MAKERS.includes(op)).length * VMAS_PER_OP;
  const first = mms.reduce((sum, { vmas }) => sum + vmas.length, more);
  // every fork may copy the largest address space there is
  const largest = [more, ...mms.map(({ vmas }) => vmas.length), ...execs.map(({ y }) => y)].reduce(
    (most, vmas) => Math.max(most, vmas),
  );
  const mapped = execs.reduce((sum, { y, z }) => sum + y + z, 0);
  return first + made + forks * (largest + made) + mapped + VMAS_SPARE;
}

/** -1 becomes all bits set. */
const word = (value: number): bigint => BigInt.asUintN(64, BigInt(value));

/** What is said where pages that are touched before a run are too many. */
export function firstPagesError(memory_pages: number): LimitError {
  return new LimitError({
    problem: "what is touched at first, with the slabs of its VMAs, needs more than memory_pages",
    needed: memory_pages + 1,
    available: memory_pages,
    unit: "pages",
    hint: "raise memory_pages",
  });
}

/** Builds address spaces, threads and programs into an empty world. Throws LimitError. */
export function fillWorld(
  exports: WorldBuilder,
  spec: Pick<LitmusSpec, "mms" | "threads" | "memory_pages">,
): void {
  fillMms(exports, spec.mms, spec.memory_pages);
  fillThreads(exports, spec);
}

/** Address spaces with their VMAs; they are numbered in their order. Throws LimitError. */
export function fillMms(
  exports: WorldBuilder,
  mms: readonly LitmusMm[],
  memory_pages: number,
): void {
  for (const { later, heap, vmas } of mms) {
    const mm = exports.addMm(later ? 0 : 1, BigInt(heap));
    for (const { start, pages, protection, touched } of vmas) {
      const made = exports.addVma(mm, BigInt(start), BigInt(pages), protection, touched);
      if (made === 0) throw firstPagesError(memory_pages);
    }
  }
}

/** Threads with their programs. */
export function fillThreads(
  exports: WorldBuilder,
  { mms, threads }: Pick<LitmusSpec, "mms" | "threads">,
): void {
  const numbers = new Map(mms.map(({ name }, number) => [name, number]));
  const numberOf = (name: string | undefined): number =>
    name === undefined ? NO_MM : (numbers.get(name) ?? NO_MM);
  for (const { mm, born, ops } of threads) {
    const actor = exports.addActor(numberOf(mm), born === true ? 1 : 0);
    for (const { op, mm: named, x, y, z } of ops) {
      const first = named === undefined ? x : numberOf(named);
      const names_mm = named === undefined ? 0 : 1;
      exports.addOp(actor, OPS.get(op) ?? 0, word(first), word(y), word(z), names_mm);
    }
  }
}

/** The words of an outcome. */
export function happenedWords(outcome: bigint): string[] {
  return [...HAPPENED]
    .filter(([, bit]) => ((outcome >> BigInt(bit)) & 1n) === 1n)
    .map(([word]) => word);
}

/** One record of the oracle's log. */
export function readBreach(at: DataView, threads: readonly LitmusThread[]): BreachReport {
  const u16 = (offset: number): number => at.getUint16(offset, true);
  const freer = u16(6);
  const thread = (id: number): string => threads[id]?.name ?? `thread ${id}`;
  const freed = freer !== FREED_BY_NOBODY;
  return {
    kind: wordOf(BREACHES, at.getUint8(0)),
    access: wordOf(ACCESSES, at.getUint8(1)),
    missing: wordOf(MISSING, at.getUint8(2)),
    operation: wordOf(OPS, at.getUint8(3)),
    reader: thread(u16(4)),
    object: at.getUint32(8, true),
    life_seen: u16(12),
    life_now: u16(14),
    page: at.getBigUint64(16, true),
    freed_at: freed ? Number(at.getBigUint64(24, true)) : undefined,
    time: Number(at.getBigUint64(32, true)),
    state: STATES[at.getUint8(40)] ?? "unknown",
    freed_by: freed ? thread(freer) : undefined,
    freed_by_callback: at.getUint8(41) !== 0,
  };
}
