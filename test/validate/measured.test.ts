// The claim itself: the rows that come with the profile, against the built engine.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { vmaTeardown } from "../cli/spawned.ts";

const DATA = join(ROOT, "profiles/icount-6.12.measured.csv");

describe("the measured rows of the profile", () => {
  it("are met in every claimed figure", async () => {
    const args = ["validate", "--data", DATA, "--metrics", "claimed", "--json", "--quiet"];
    const { code, stdout, stderr } = await vmaTeardown(args);
    const report = JSON.parse(stdout);
    const misses = report.rows.flatMap((row: { id: string; verdicts: { ok: boolean }[] }) =>
      row.verdicts.filter(({ ok }) => !ok).map((verdict) => ({ id: row.id, ...verdict })),
    );
    expect(misses).toEqual([]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(report.rows).toHaveLength(15);
    expect(report.inexpressible).toEqual([]);
  });
});
