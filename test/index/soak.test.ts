// Hours instead of seconds: SOAK_OPERATIONS=10000000 npx vitest run test/index/soak
// SOAK_SEED starts other streams; a failure prints the operations before it.

import { describe, expect, it } from "vitest";
import { drawModel } from "./model.ts";
import { OperationStream, Pair, run, TEMPERS } from "./operations.ts";
import { RangeOracle } from "./oracle.ts";
import { KERNELS } from "./support.ts";

const OPERATIONS = Number(process.env.SOAK_OPERATIONS ?? 0);
const SEED = Number(process.env.SOAK_SEED ?? 2463534242);
const STREAMS = KERNELS.length * 2 * TEMPERS.length;
const SHAPE_EVERY = 500;
const HOUR_MS = 3_600_000;

describe.skipIf(OPERATIONS === 0).each(KERNELS)("soak, rules of %s", (kernel) => {
  describe.each([true, false])("RCU mode %s", (rcu) => {
    it.each(TEMPERS)(
      "$name addresses",
      (temper) => {
        const pair = new Pair(kernel, rcu, { keep: SEED % 2 === 0 });
        const oracle = new RangeOracle();
        const stream = new OperationStream(temper, SEED);
        const { fast, model } = pair;
        const count = Math.ceil(OPERATIONS / STREAMS);
        for (let i = 0; i < count; i++) {
          const operation = stream.next();
          if (i % SHAPE_EVERY === 0) {
            fast.reclaim();
            pair.step(operation);
            run(oracle, operation);
            expect(fast.ranges()).toEqual(oracle.ranges);
            continue;
          }
          pair.note(operation);
          const answers = [run(fast, operation), run(model, operation), run(oracle, operation)];
          const same = answers[0] === answers[1] && answers[0] === (answers[2] ?? 0);
          if (!same || fast.deferred !== model.deferred || fast.height !== model.height) {
            expect.fail(`seed ${SEED}, operation ${i}: ${answers}\n${pair.done.join("\n")}`);
          }
        }
        expect(fast.draw()).toBe(drawModel(model.root));
      },
      HOUR_MS,
    );
  });
});
