// From the checked mappings of a file to address spaces and threads: turns written out, `#` numbered.

import type { MmFile, Operation, Step, ThreadFile } from "./file.ts";
import type { LitmusMm, LitmusOp, LitmusThread } from "./spec.ts";

/** How the engine takes "anywhere". */
const ANYWHERE = -1;
const NS_PER_US = 1000;
/** Faults one after the other. */
const SERIES = ["touch", "touch-slowly", "read-file"];

function op(name: string, x = 0, y = 0, z = 0): LitmusOp {
  return { op: name, x, y, z };
}

function on(name: string, mm: string, y = 0, z = 0): LitmusOp {
  return { op: name, mm, x: 0, y, z };
}

export function resolveOp(one: Operation): LitmusOp {
  if (one === "exit") return op("exit");
  if ("fork" in one) return on("fork", one.fork, one["fail-at"] ?? 0);
  if ("exec" in one) return on("exec", one.exec, one.vmas, one.cut ?? 0);
  if ("illegal-read" in one) {
    const [mm, page] = one["illegal-read"];
    return on("illegal-read", mm, page, one.holding === "nothing" ? 1 : 0);
  }
  const series = SERIES.find((name) => name in one);
  if (series !== undefined) {
    const { pause = 0 } = one as { pause?: number };
    const [first, faults, step] = (one as Record<string, readonly number[]>)[series]!;
    return op(series, first, faults, step! + Math.round(pause / NS_PER_US) * 2 ** 32);
  }
  const [[name, argument]] = Object.entries(one) as [[string, unknown]];
  if (typeof argument === "number") return op(name, argument);
  if (typeof argument === "string") return on(name, argument);
  const [first, ...rest] = argument as readonly (number | string)[];
  const [y = 0, z = 0] = rest.map(Number);
  if (name === "remote-access") return on(name, String(first), y);
  return op(name, first === "anywhere" ? ANYWHERE : Number(first), y, z);
}

/** A name with the number of what it belongs to. */
const numbered = (name: string, number: number): string => name.replaceAll("#", String(number));

/** All names that one with `#` stands for. */
export function namesFor(name: string, count = 1): string[] {
  if (!name.includes("#")) return [name];
  return Array.from({ length: count }, (_, number) => numbered(name, number));
}

export function resolveMms(mms: Record<string, MmFile>): LitmusMm[] {
  return Object.entries(mms).flatMap(([name, { later, heap, vmas, count }]) =>
    namesFor(name, count).map((own) => ({
      name: own,
      later,
      heap,
      vmas: vmas.map(([start, pages, protection = 0, touched = 0]) => ({
        start,
        pages,
        protection,
        touched,
      })),
    })),
  );
}

/** An operation whose name has the number of a turn or of its thread. */
function resolveNumbered(one: Operation, number: number): LitmusOp {
  const resolved = resolveOp(one);
  return resolved.mm === undefined ? resolved : { ...resolved, mm: numbered(resolved.mm, number) };
}

function resolveSteps(list: readonly Step[], thread: number): LitmusOp[] {
  return list.flatMap((one) => {
    if (typeof one !== "object" || !("repeat" in one)) return [resolveNumbered(one, thread)];
    return Array.from({ length: one.repeat }, (_, turn) =>
      one.do.map((inner) => resolveNumbered(inner, turn)),
    ).flat();
  });
}

export function resolveThreads(threads: readonly ThreadFile[]): LitmusThread[] {
  return threads.flatMap(({ name, mm, born, count = 1, do: list }) =>
    Array.from({ length: count }, (_, number) => ({
      name: numbered(name, number),
      ...(mm === undefined ? {} : { mm: numbered(mm, number) }),
      born,
      ops: resolveSteps(list, number),
    })),
  );
}
