// The stress mode of January 2019 with nothing scaled down: 8 CPUs, 4 GiB, mask 255, a million loops.

import { describe, expect, it } from "vitest";
import { ready } from "./ready.ts";

describe("the stress mode of 2019 on 8 CPUs with 4 GiB", () => {
  it("runs out of memory before the threshold", async () => {
    const before = await ready("stress-runs-out-of-memory");
    expect(before.oom).toBe(1);
    expect(before.oom_ns).toBeGreaterThan(60e9);
    expect(before.lazy_peak_over_max).toBeGreaterThan(20);
  }, 300_000);

  it("stays bounded with it for longer than that", async () => {
    const after = await ready("stress-stays-bounded");
    expect(after.oom).toBe(0);
    expect(after.total_ns).toBeGreaterThan(640e9);
    expect(after.lazy_peak_over_max).toBeLessThan(3);
    expect(after.used_peak_pages).toBeLessThan(983_040 / 4); // of 4 GiB less 256 MiB
  }, 300_000);
});
