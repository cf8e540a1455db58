// A process whose VMAs have used up what the world has planned: what fails half way is undone.

import { describe, expect, it } from "vitest";
import { MmCount, MmGeneration, MmSetting, Op } from "../../assembly/abi/mm.ts";
import { happenedWords } from "../../src/litmus/fill.ts";
import { countsOf, emptyWorld } from "./mm-room.ts";

/** More mappings than there are objects. */
const MAPPINGS = 1000;
const PRIVATE = 0;

/** One thread that maps until nothing is left, and then does what is given; its VMAs are [16, 4] and [32, 4]. */
function afterMapping(generation: MmGeneration, ops: readonly [Op, bigint, bigint][]) {
  const room = emptyWorld({
    [MmSetting.GENERATION]: BigInt(generation),
    [MmSetting.ACTORS]: 1n,
    [MmSetting.VMAS]: 300n,
    [MmSetting.OPS]: BigInt(MAPPINGS + ops.length),
    [MmSetting.STEPS_MAX]: 50_000n,
  });
  const mm = room.addMm(1, 1024n);
  room.addVma(mm, 16n, 4n, 0, 0);
  room.addVma(mm, 32n, 4n, 0, 0);
  const thread = room.addActor(mm, 0);
  for (let i = 0; i < MAPPINGS; i++) {
    room.addOp(thread, Op.MMAP, BigInt(100 + 10 * i), 4n, BigInt(PRIVATE), 0);
  }
  for (const [op, x, y] of ops) room.addOp(thread, op, x, y, 0n, 0);
  room.run();
  const counts = countsOf(room);
  expect(room.breachesKept()).toBe(0);
  expect(counts[MmCount.FREED]).toBe(counts[MmCount.ALLOCATED]);
  return { counts, happened: happenedWords(counts[MmCount.OUTCOME]!) };
}

const GENERATIONS = [
  ["6.1", MmGeneration.V6_1],
  ["6.12", MmGeneration.V6_12],
  ["7.2", MmGeneration.V7_2],
] as const;

describe.each(GENERATIONS)("a munmap that cannot split its last VMA (%s)", (_, generation) => {
  // all of the first VMA has been taken out by then, half of the second one is to go
  const failing: [Op, bigint, bigint] = [Op.MUNMAP, 16n, 18n];

  it("leaves all that it had gathered where it was", () => {
    const { happened, counts } = afterMapping(generation, [
      failing,
      ...[16n, 19n, 32n, 35n].map((page): [Op, bigint, bigint] => [Op.FAULT, page, 0n]),
    ]);
    expect(happened).toContain("out-of-memory");
    expect(happened).not.toContain("segv");
    expect(counts[MmCount.FAULTS]).toBe(4n);
    const locked = generation === MmGeneration.V6_1 ? 0n : 4n;
    expect(counts[MmCount.SUCCESS]).toBe(locked); // by the VMA lock: they are open to readers again
  });

  it("can be had when it does not need a split", () => {
    const { happened } = afterMapping(generation, [
      failing,
      [Op.MUNMAP, 16n, 20n],
      [Op.FAULT, 17n, 0n],
    ]);
    expect(happened).toContain("segv");
  });
});
