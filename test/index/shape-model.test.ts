// Node by node: the fast tree has exactly the nodes of the model tree after every operation.

import { describe, expect, it } from "vitest";
import { OperationStream, Pair, TEMPERS } from "./operations.ts";
import { KERNELS } from "./support.ts";

const OPERATIONS = 1_250;

describe.each(KERNELS)("rules of %s", (kernel) => {
  describe.each([true, false])("RCU mode %s", (rcu) => {
    // nodes that readers may hold are replaced, others may be changed in place: same shapes
    it.each(
      TEMPERS.flatMap((temper) => [
        { ...temper, keep: true },
        { ...temper, keep: false },
      ]),
    )("$name addresses, replaced nodes kept: $keep", ({ keep, ...temper }) => {
      const pair = new Pair(kernel, rcu, { target: "debug", keep });
      const stream = new OperationStream(temper, keep ? 12_345 : 54_321);
      for (let i = 0; i < OPERATIONS; i++) {
        pair.step(stream.next());
        if (i % 100 === 99) pair.fast.reclaim();
      }
      pair.fast.reclaim();
      expect(pair.fast.nodes).toBe(pair.model.nodes());
      expect(pair.fast.live).toBe(pair.fast.nodes);
    });
  });
});
