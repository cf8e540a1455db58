// From where programs of the workload `mm` count pages: those of the scenario's address space from its
// area's first one, others from 0.

import type { LitmusOp, LitmusThread } from "../../litmus/spec.ts";

/** The scenario's own address space. */
export const PROCESS = "process";

/** Operations whose first argument is a page of the thread's own address space. */
const ON_PAGES = [
  ...["fault", "kernel-fault", "touch", "touch-slowly", "read-file"],
  ...["munmap", "mmap", "mmap-fixed", "mprotect"],
];
/** Operations on a page of the address space that they name. */
const ON_FOREIGN_PAGES = ["remote-access", "illegal-read"];

interface Placed {
  readonly op: LitmusOp;
  /** The address space that its thread has then: each exec is a change of it. */
  readonly own: string | undefined;
}

function placed({ mm, ops }: LitmusThread): Placed[] {
  let own = mm;
  return ops.map((op) => {
    const at = { op, own };
    if (op.op === "exec") own = op.mm;
    return at;
  });
}

/** `process`, and what is forked from it, however far: they have the same pages. */
function likeProcess(programs: readonly (readonly Placed[])[]): Set<string> {
  const children = new Map<string, string[]>();
  for (const program of programs) {
    for (const { op, own } of program) {
      if (op.op !== "fork" || own === undefined) continue;
      const list = children.get(own) ?? [];
      children.set(own, list);
      list.push(op.mm!);
    }
  }
  const found = new Set([PROCESS]);
  // what is added on the way has its turn as well
  for (const mm of found) for (const child of children.get(mm) ?? []) found.add(child);
  return found;
}

/** Programs in pages of their address spaces, where those of `process` count from another page. */
export function shifted(threads: readonly LitmusThread[], page: number): LitmusThread[] {
  if (page === 0) return [...threads];
  const programs = threads.map(placed);
  const like_process = likeProcess(programs);
  const has = (mm: string | undefined): boolean => mm !== undefined && like_process.has(mm);
  const shift = ({ op, own }: Placed): LitmusOp => {
    if (ON_PAGES.includes(op.op) && has(own) && op.x >= 0) return { ...op, x: op.x + page };
    if (ON_FOREIGN_PAGES.includes(op.op) && has(op.mm)) return { ...op, y: op.y + page };
    return op;
  };
  return threads.map((thread, at) => ({ ...thread, ops: programs[at]!.map(shift) }));
}
