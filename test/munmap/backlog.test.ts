// What waits for a grace period that does not end: the plan has room for all of it where a bystander
// may hold one up, and a run that outgrows its plan says so with its numbers.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { cli, type Outcome } from "../cli/in-process.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "vma-teardown-backlog-"));
const VMAS = 60_000;

afterAll(() => {
  rmSync(FOLDER, { recursive: true });
});

/** Every VMA goes by a munmap of its own, which replaces index nodes each time. */
async function churn(name: string, more: string): Promise<Outcome> {
  const file = join(FOLDER, `${name}.yaml`);
  writeFileSync(
    file,
    `version: 1
address_space: { generate: alternating, vma_count: ${VMAS} }
workload: { type: munmap, every: 1, order: random }
strategies: [direct]
${more}
`,
  );
  return cli(["run", file, "--json"], { engine: Engine });
}

describe("dead index nodes", () => {
  it("all wait for a reader that is longer than the run", async () => {
    const reader = "machine: { cpus: 2 }\nload: [{ type: reader, length: 9s, cpus: 1 }]";
    const { code, stdout } = await churn("reader", reader);
    expect(code).toBe(0);
    const { metrics } = JSON.parse(stdout).runs[0];
    expect(metrics.dead_peak).toBe(VMAS);
    // one leaf a call at least, and nothing came back before the last call
    expect(metrics.index_items_deferred).toBeGreaterThan(VMAS);
    expect(metrics.last_free_ns).toBeGreaterThan(metrics.munmap_total_ns);
  });

  it("beyond what was planned for end the run with both numbers", async () => {
    // lazy callbacks wait ten seconds, or until there are qhimark of them
    const lazy = "machine: { rcu_nocbs: all, rcu_lazy: true, rcu: { qhimark: 100_000_000 } }";
    const { code, stdout, stderr } = await churn("lazy", lazy);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^vma-teardown: more callbacks of index nodes wait for a grace period at once than the run has memory for: found [\d,]+ bytes needed, expected at most [\d,]+ \(.+\)\n$/,
    );
  });
});
