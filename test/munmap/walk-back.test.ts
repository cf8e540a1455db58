// Once munmap has gathered the VMAs of its range, the kernel's iterator goes back over all of them to where the range
// begins, and only then clears it. Nothing is queued on the way. With 10,000 VMAs that is longer than a slice: callbacks
// queued while gathering are invoked before those of the cleared range, not together with them.
//
//   gather ─ sheaf ─ sheaf ─┤ walk back                 ├ clear: 32 index items
//                                └ rcuop: the last sheaves             └ rcuop: the items alone
//
// [mm/vma.c:vms_gather_munmap_vmas, vma_iter_prev_range; 6.12 and 7.2]

import { describe, expect, it } from "vitest";
import type { MunmapMetrics, RunResult, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { contiguous } from "../../src/input/generate.ts";
import { CALL_RCU, DIRECT, PROFILE, spec, WHOLE_MUNMAP, withCosts } from "../engine/spec.ts";

const WALK_BACK_PS = PROFILE.costs.munmap_walk_back!.ps;
const TRACED = { batches_max: 1000, hands_max: 0, hand_every: 1 };
const LATE = { tick_phase_ns: 3_999_999 };

function run(parts: Parameters<typeof spec>[0]): RunResult<"munmap"> {
  const wanted: RunSpec<"munmap"> = { ...spec(parts), workload: WHOLE_MUNMAP, trace: TRACED };
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const result = engine.result() as unknown as RunResult<"munmap">;
  engine.release();
  return result;
}

describe("the way back after gathering", () => {
  const gathered = (profile = PROFILE): number =>
    (
      run({ space: contiguous(1000), exit: CALL_RCU, machine: LATE, profile })
        .metrics as MunmapMetrics
    ).gather_ns;

  it("passes every VMA that was gathered, and is part of gathering", () => {
    const longer = withCosts({ munmap_walk_back: WALK_BACK_PS + 1000 });
    expect(gathered(longer) - gathered()).toBe(1000);
  });
});

describe("an offloaded munmap of 7.2", () => {
  const machine = { generation: "7.2", preempt: "lazy", hrtick: true, rcu_nocbs: [0] } as const;
  const exit = { ...DIRECT, release: "typesafe" } as const;
  const SIZES = [9000, 9100, 9200, 9300, 9400, 9500, 9600, 9700];

  /** Callbacks of the longest batch, that with the index nodes of the cleared range. */
  function longest(vmas: number, munmap_walk_back: number): number {
    const profile = withCosts({ munmap_walk_back });
    const { batches } = run({ space: contiguous(vmas), exit, machine, profile }).trace!;
    return batches.reduce((most, batch) => (batch.duration_ns > most.duration_ns ? batch : most))
      .invoked;
  }

  it("frees the last sheaves before the index nodes of the cleared range, wherever a slice ends", () => {
    const apart = SIZES.map((vmas) => longest(vmas, WALK_BACK_PS));
    const at_once = SIZES.map((vmas) => longest(vmas, 0));
    expect(new Set(apart).size).toBe(1);
    expect(Math.max(...at_once)).toBeGreaterThan(apart[0]!);
    expect(Math.min(...at_once)).toBeGreaterThanOrEqual(apart[0]!);
  });
});
