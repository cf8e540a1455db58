// Litmus tests of a few words, over some seeds.

import { parseLitmus } from "../../src/litmus/file.ts";
import { type LitmusRun, LitmusWorld } from "../../src/litmus/world.ts";

export interface SmallRun extends LitmusRun {
  /** Steps that a thread took in operations of this name. */
  readonly steps: (thread: string, operation: string) => number;
}

const MMS = "A: { vmas: [[16, 4, 0, 1], [32, 4]] }, B: { later: true }";

/** Runs of a world of one address space A, if no others are named, by the words of its threads. */
export function runs(settings: string, threads: string, seeds: number, mms = MMS): SmallRun[] {
  const spec = parseLitmus(
    `{ version: 1, litmus: small, title: t, munmap: direct, exit: direct, ${settings},
       mms: { ${mms} }, threads: [${threads}], observe: { breach: any }, expect: never }`,
    "small.yaml",
  );
  const world = new LitmusWorld();
  return Array.from({ length: seeds }, (_, seed) => {
    const run = world.run(spec, BigInt(seed + 1));
    const turns = world.schedule(spec);
    const steps = (thread: string, operation: string) =>
      turns
        .filter((turn) => turn.thread === thread && turn.operation === operation)
        .reduce((sum, turn) => sum + turn.steps, 0);
    return { ...run, steps };
  });
}
