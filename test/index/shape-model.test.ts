// Node by node: the fast tree has exactly the nodes of the model tree after every operation.

import { describe, expect, it } from "vitest";
import { OperationStream, Pair, TEMPERS } from "./operations.ts";
import { KERNELS } from "./support.ts";

const OPERATIONS = 2_500;

describe.each(KERNELS)("rules of %s", (kernel) => {
  describe.each([true, false])("RCU mode %s", (rcu) => {
    it.each(TEMPERS)("$name addresses", (temper) => {
      const pair = new Pair(kernel, rcu, { target: "debug" });
      const stream = new OperationStream(temper, 12_345);
      for (let i = 0; i < OPERATIONS; i++) pair.step(stream.next());
      expect(pair.fast.nodes).toBe(pair.model.nodes());
      expect(pair.fast.live).toBe(pair.fast.nodes);
    });
  });
});
