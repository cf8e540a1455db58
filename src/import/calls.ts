// A finished call as what it did to the memory of its process. Arguments that are not those of strace end
// in an error at their place.

import type { InputError } from "../errors.ts";
import { type Argument, bitsOf, numberOf } from "./arguments.ts";
import type { Mapping } from "./mm.ts";
import { CLONE, MAP, MREMAP, PROT } from "./words.ts";

export type Effect =
  | ({ readonly kind: "mmap" } & Mapping)
  | { readonly kind: "munmap"; readonly start: number; readonly pages: number }
  | {
      readonly kind: "mprotect";
      readonly start: number;
      readonly pages: number;
      readonly access: number;
    }
  | {
      readonly kind: "mremap";
      readonly from: Mapping;
      readonly to: { readonly start: number; readonly pages: number };
      readonly keeps: boolean;
    }
  | { readonly kind: "brk"; readonly end: number; readonly query: boolean }
  | { readonly kind: "clone"; readonly how: Birth; readonly pid: number }
  | { readonly kind: "exec" }
  /** Of a thread, or of all of its process. */
  | { readonly kind: "exit"; readonly all: boolean }
  | { readonly kind: "wait"; readonly pid: number }
  | { readonly kind: "none"; readonly why: string };

/** What a clone makes: a thread, a process with a copy, or one that borrows the memory until it execs. */
export type Birth = "thread" | "fork" | "vfork";

export type Fail = (
  argument: Argument | undefined,
  problem: string,
  expected: string,
) => InputError;

/** A call that ended, its result as a number: -1 for ? too. */
export interface Ended {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly result: bigint;
}

/** Page behind the last one that the workload has (assembly/mm/map.ts, 47 bits of address). */
const PAGES_END = 2 ** 35 - 2;

const CLONES = ["clone", "clone3", "fork", "vfork"];
const EXECS = ["execve", "execveat"];
const EXITS = ["exit", "exit_group"];
const WAITS = ["wait4", "waitid", "waitpid"];
const MEMORY = ["mmap", "mmap2", "munmap", "mprotect", "pkey_mprotect", "mremap", "brk"];

export const isClone = (name: string): boolean => CLONES.includes(name);
export const isExit = (name: string): boolean => EXITS.includes(name);
/** Calls that say something of a process's memory or life. */
export const isKnown = (name: string): boolean =>
  [...CLONES, ...EXECS, ...EXITS, ...WAITS, ...MEMORY].includes(name);

/** What a clone makes, by its flags; `args` are as far as they were written. */
export function birthOf(name: string, args: string): Birth {
  if (name === "vfork") return "vfork";
  const flags = /flags=([^,}\s]+)/.exec(args)?.[1] ?? "0";
  const bits = bitsOf(flags, CLONE);
  if ((bits & CLONE.CLONE_VM) === 0) return "fork";
  return (bits & CLONE.CLONE_THREAD) !== 0 ? "thread" : "vfork";
}

export function effectOf(call: Ended, fail: Fail): Effect {
  const { name, args, result } = call;
  if (isClone(name)) {
    const how = birthOf(name, args.map(({ text }) => text).join(","));
    return { kind: "clone", how, pid: Number(result) };
  }
  if (EXECS.includes(name)) return { kind: "exec" };
  if (isExit(name)) return { kind: "exit", all: name === "exit_group" };
  if (WAITS.includes(name)) return waitOf(call);
  const effect = MEMORY.includes(name) ? memoryEffect(call, fail) : undefined;
  return effect ?? { kind: "none", why: nameFor(call) };
}

/** madvise with its advice: what it asks for is another thing each time. */
function nameFor({ name, args }: Ended): string {
  const advice = args[2]?.text ?? "";
  return name === "madvise" && /^MADV_[A-Z_]{1,40}$/.test(advice) ? `${name}(${advice})` : name;
}

/** waitid answers 0, and the child in what it fills in. */
function waitOf({ name, args, result }: Ended): Effect {
  const told = name === "waitid" ? /si_pid=(\d{1,10})/.exec(args[2]?.text ?? "")?.[1] : result;
  return told === undefined || Number(told) === 0
    ? { kind: "none", why: name }
    : { kind: "wait", pid: Number(told) };
}

interface Range {
  readonly start: number;
  readonly pages: number;
}

function memoryEffect({ name, args, result }: Ended, fail: Fail): Effect | undefined {
  const number = (index: number, what: string): bigint => {
    const value = numberOf(args[index]?.text ?? "");
    if (value === undefined) throw fail(args[index], `bad ${what} of ${name}`, "a number or NULL");
    return value;
  };
  const range = (index: number): Range | undefined =>
    pagesOf(number(index, "address"), number(index + 1, "length"));
  const high: Effect = { kind: "none", why: `${name} beyond 47 bits` };
  const access = (index: number): number => bitsOf(args[index]?.text ?? "", PROT) & 7;
  if (name === "brk") {
    const end = Number((result + 4095n) >> 12n);
    if (end > PAGES_END) return high;
    return { kind: "brk", end, query: number(0, "address") === 0n };
  }
  if (name === "mremap")
    return mremapOf(number, result, bitsOf(args[3]?.text ?? "", MREMAP)) ?? high;
  if (name === "mmap" || name === "mmap2") {
    const at = pagesOf(result, number(1, "length"));
    if (at === undefined) return high;
    const flags = bitsOf(args[3]?.text ?? "", MAP);
    const shared = (flags & 3) !== MAP.MAP_PRIVATE;
    const own = shared || (flags & MAP.MAP_ANONYMOUS) === 0 || (flags & MAP.MAP_GROWSDOWN) !== 0;
    return { kind: "mmap", ...at, access: access(2) + (shared ? 8 : 0), own };
  }
  const at = range(0);
  if (at === undefined) return high;
  if (at.pages === 0) return { kind: "none", why: `${name} of 0 bytes` };
  if (name === "munmap") return { kind: "munmap", ...at };
  return { kind: "mprotect", ...at, access: access(2) };
}

function mremapOf(
  number: (index: number, what: string) => bigint,
  result: bigint,
  flags: number,
): Effect | undefined {
  const from = pagesOf(number(0, "address"), number(1, "old length"));
  const to = pagesOf(result, number(2, "new length"));
  if (from === undefined || to === undefined) return undefined;
  const keeps = (flags & MREMAP.MREMAP_DONTUNMAP) !== 0;
  return { kind: "mremap", from: { ...from, access: 0, own: false }, to, keeps };
}

/** Pages of a range of bytes; undefined beyond what the workload has. */
function pagesOf(address: bigint, length: bigint): Range | undefined {
  const start = address >> 12n;
  const pages = ((address + length + 4095n) >> 12n) - start;
  if (start + pages > BigInt(PAGES_END)) return undefined;
  return { start: Number(start), pages: Number(pages) };
}
