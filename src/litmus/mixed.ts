// Small mixed scenarios out of a seed: a few address spaces, threads and foreign readers that do
// whatever comes. Every safe strategy has to get through all of them without a report.

import { Random } from "../input/random.ts";
import type { SafeStrategy } from "./safe-strategies.ts";
import type { LitmusMm, LitmusOp, LitmusSpec, LitmusThread, LitmusVma } from "./spec.ts";

const PAGES = 64;
const MMS_MAX = 3;
const THREADS_MAX = 4;
const OPS_MAX = 4;

class Draw {
  readonly #random: Random;

  constructor(seed: bigint) {
    this.#random = Random.fromSeed(seed);
  }

  /** 0 to `n` - 1. */
  below(n: number): number {
    return this.#random.below(n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

function drawVmas(draw: Draw): LitmusVma[] {
  const vmas: LitmusVma[] = [];
  for (let start = 16 + draw.below(8); start < PAGES - 8; start += 1 + draw.below(8)) {
    const pages = draw.between(1, 6);
    const touched = draw.chance(50) ? draw.between(1, pages) : 0;
    vmas.push({ start, pages, protection: draw.below(3), touched });
    start += pages;
  }
  return vmas;
}

function drawOp(draw: Draw): LitmusOp {
  const page = 16 + draw.below(PAGES - 16);
  const pages = draw.between(1, 12);
  const kind = draw.below(22);
  if (kind < 7) return { op: "fault", x: page, y: 0, z: 0 };
  if (kind < 8) return { op: "kernel-fault", x: page, y: 0, z: 0 };
  if (kind < 12) return { op: "munmap", x: page, y: pages, z: 0 };
  if (kind < 15) return { op: "mmap", x: page, y: pages, z: draw.below(3) };
  if (kind < 17) return { op: "mprotect", x: page, y: pages, z: draw.below(3) };
  if (kind < 18) return { op: "brk", x: 1024 + draw.below(16), y: 0, z: 0 };
  if (kind < 19) return { op: "touch", x: page, y: draw.between(2, 4), z: 3 };
  if (kind < 20) return { op: "mmap-fixed", x: page, y: pages, z: draw.below(3) };
  if (kind < 21) return { op: "read-file", x: page, y: draw.between(1, 3), z: 5 };
  return { op: "mmap", x: -1, y: pages, z: draw.below(3) };
}

/** Somebody who looks at another address space. */
function drawForeign(draw: Draw, mms: readonly string[], id: number): LitmusThread {
  const names = ["read-maps", "remote-access", "oom-reap", "process-mrelease", "khugepaged"];
  const ops: LitmusOp[] = [];
  for (let count = draw.between(1, 3); count > 0; count--) {
    const mm = mms[draw.below(mms.length)]!;
    const op = names[draw.below(names.length)]!;
    if (draw.chance(15)) ops.push({ op: "kill", mm, x: 0, y: 0, z: 0 });
    ops.push({ op, mm, x: 0, y: 16 + draw.below(PAGES - 16), z: 0 });
  }
  return { name: `foreign-${id}`, ops };
}

/** Forks of the first address space into one of its own, with a child that runs. */
function addFork(draw: Draw, mms: LitmusMm[], threads: LitmusThread[]): void {
  const fails = draw.chance(25) ? draw.between(1, 4) : 0;
  const parent = threads[0]!;
  const fork = { op: "fork", mm: "child", x: 0, y: fails, z: 0 };
  const at = draw.below(parent.ops.length + 1);
  threads[0] = { ...parent, ops: [...parent.ops.slice(0, at), fork, ...parent.ops.slice(at)] };
  mms.push({ name: "child", later: true, heap: 1024, vmas: [] });
  const ops = [drawOp(draw), drawOp(draw)];
  if (draw.chance(50)) {
    mms.push({ name: "program", later: true, heap: 1024, vmas: [] });
    ops.push({ op: "exec", mm: "program", x: 0, y: draw.between(1, 4), z: draw.below(3) });
  }
  threads.push({ name: "child", mm: "child", born: true, ops });
}

/** The scenario of a seed under a strategy. */
export function mixedScenario(strategy: SafeStrategy, seed: bigint): LitmusSpec {
  const draw = new Draw(seed);
  const mms: LitmusMm[] = [];
  const threads: LitmusThread[] = [];
  for (let count = draw.between(1, MMS_MAX); count > 0; count--) {
    mms.push({ name: `mm-${mms.length}`, later: false, heap: 1024, vmas: drawVmas(draw) });
  }
  const names = mms.map(({ name }) => name);
  for (const mm of names) {
    for (let count = draw.between(1, THREADS_MAX); count > 0; count--) {
      const ops = Array.from({ length: draw.between(1, OPS_MAX) }, () => drawOp(draw));
      threads.push({ name: `thread-${threads.length}`, mm, ops });
    }
  }
  if (draw.chance(40)) addFork(draw, mms, threads);
  for (let count = draw.below(3); count > 0; count--) {
    threads.push(drawForeign(draw, names, threads.length));
  }
  return {
    name: `mixed-${strategy.name}`,
    title: `a small mixed scenario, ${strategy.name}`,
    generation: strategy.generation,
    munmap: strategy.munmap,
    exit: strategy.exit,
    without: [],
    max_map_count: draw.chance(20) ? 12 : 65_530,
    seq_bits: 32,
    list_max: draw.below(4),
    objects_per_slab: draw.between(1, 4),
    memory_pages: 0,
    cpus: draw.between(1, 3),
    mms,
    threads,
    observe: { breach: "any" },
    expect: "never",
    tolerate: [],
    seeds: 1,
  };
}
