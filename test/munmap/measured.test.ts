// Munmaps of a real kernel beside the model: the rows that come with the profile.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { vmaTeardown } from "../cli/spawned.ts";

const DATA = join(ROOT, "profiles/icount-6.12.munmap.measured.csv");

interface Report {
  readonly rows: readonly {
    readonly id: string;
    readonly verdicts: readonly { readonly metric: string; readonly ok: boolean }[];
  }[];
  readonly inexpressible: readonly unknown[];
}

describe("measured munmaps", () => {
  it("are met in every claimed figure", async () => {
    const args = ["validate", "--data", DATA, "--metrics", "claimed", "--json", "--quiet"];
    const { stdout, stderr } = await vmaTeardown(args);
    const report: Report = JSON.parse(stdout);
    const misses = report.rows.flatMap(({ id, verdicts }) =>
      verdicts.filter(({ ok }) => !ok).map(({ metric }) => `${id.split("-munmap")[0]}: ${metric}`),
    );
    expect(misses).toEqual([]);
    expect(stderr).toBe("");
    expect(report.rows).toHaveLength(30);
    expect(report.inexpressible).toEqual([]);
  });
});
