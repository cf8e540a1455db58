// Unmapping what nobody has touched is cheap, unless something in the same block of 2 MiB was: then there is a page
// table to look through.
//
//   block 1        block 2                     block 3
//   ├──────────────┼───────────────────────────┼──────────
//    a  a  a  a  a  a  a  a  a  vdso  a  a  a   a  a  a  a
//                   ╰─────── these pay ─────╯

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { alternating } from "../../src/input/generate.ts";
import { listed, PROFILE, simulateNow, spec, WHOLE_MUNMAP } from "../engine/spec.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE;
const BLOCK = 512;
const NO_TICK = { hz: 100, tick_phase_ns: 9_999_999 };

const price = (name: string): number => PROFILE.costs[name]!.ps / 1000;
type Vma = readonly [page: number, pages: number, flags: number];

/** VMAs of an exit that look through a table, by what unmapping takes. */
function looking(vmas: readonly Vma[]): number {
  const { metrics } = simulateNow(spec({ space: listed(vmas), machine: NO_TICK }));
  const rest = metrics.unmap_vmas_ns - price("unmap_vmas_fixed") - vmas.length * price("unmap_vma");
  return rest / price("munmap_unmap_table_vma");
}

/** One page each, in a row. */
const row = (first: number, count: number, flags = RW): Vma[] =>
  Array.from({ length: count }, (_, i) => [first + i, 1, flags]);

describe("an exit", () => {
  it("looks through no table where nothing was touched", () => {
    expect(looking(row(BLOCK, 600))).toBe(0);
  });

  it("looks through that of the vdso for each VMA around it in its block", () => {
    const vdso: Vma = [2 * BLOCK + 5, 1, RW | VmaFlag.SPECIAL];
    const around: Vma[] = [...row(2 * BLOCK, 5), vdso, ...row(2 * BLOCK + 6, 3)];
    expect(looking([...row(BLOCK, 4), ...around, ...row(3 * BLOCK, 4)])).toBe(8);
  });

  it("counts a VMA once, however many mappings of its block are touched, and none of those", () => {
    const mapped: Vma[] = [1, 3, 4].map((at) => [BLOCK + at, 1, RW | VmaFlag.FILE]);
    const between: Vma[] = [0, 2, 5].map((at) => [BLOCK + at, 1, RW]);
    expect(looking([...mapped, ...between].sort((a, b) => a[0] - b[0]))).toBe(3);
  });

  it("does so for what reaches into the block from outside", () => {
    const long: Vma = [BLOCK - 100, 200, RW];
    expect(looking([long, [BLOCK + 200, 1, RW | VmaFlag.STACK]])).toBe(1);
    expect(looking([[BLOCK - 100, 102, RW | VmaFlag.HEAP], ...row(BLOCK + 2, 7)])).toBe(7);
  });

  it("of a small area under the vdso pays for all of it, of a large one for what shares its table", () => {
    const unmapping = (n: number): number => {
      const space = alternating(n, { base_process: true });
      return simulateNow(spec({ space, machine: NO_TICK })).metrics.unmap_vmas_ns;
    };
    const each = price("unmap_vma");
    expect(unmapping(300) - unmapping(200)).toBe(100 * (each + price("munmap_unmap_table_vma")));
    expect(unmapping(900) - unmapping(800)).toBe(100 * each);
  });
});

describe("an exit after a munmap", () => {
  const waited = (n: number): number => {
    const space = alternating(n, { base_process: true });
    const workload = { ...WHOLE_MUNMAP, max_map_count: 100_000 };
    const wanted: RunSpec<"munmap"> = { ...spec({ space, machine: NO_TICK }), workload };
    const engine = Engine.create(wanted);
    for (const _ of engine.loadChunks());
    while (!engine.runSlice());
    return engine.result().metrics.user_wait_latency_ns;
  };

  it("does not pay again for what the munmap has unmapped", () => {
    const table = price("munmap_unmap_table_vma");
    expect(Math.abs(waited(100) - waited(1000))).toBeLessThan(2 * table);
  });
});
