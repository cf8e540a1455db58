// A sweep of every workload: its own metrics, in the lines that compare ranks, within the page.

import { describe, expect, it } from "vitest";
import { cli } from "../cli/in-process.ts";

interface Kind {
  readonly line: string;
  /** Titles of its tables, or of its columns where there is one strategy. */
  readonly titles: readonly string[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  exit: {
    line: "exit-flood --vary vmas=100,200 --strategies direct,single",
    titles: ["exit total, ms", "dead peak, MiB", "dead MiB x s", "memory back, ms"],
  },
  "exit with bystanders": {
    line: "bystanders --vary vmas=100,200 --strategies direct,single",
    titles: ["exit total, ms", "bystander latency max, us"],
  },
  munmap: {
    line: "munmap-churn --vary workload.order=ascending,random --vmas 200 --strategies direct,batch-8",
    titles: ["munmap, ms", "last free, ms"],
  },
  exits: {
    line: "exits/build-farm --vary workload.children=2,3 --strategies direct,call_rcu",
    titles: ["last wait, ms", "dead peak, VMAs", "callback max, us"],
  },
  mm: {
    line: "spawn-loop --vary machine.cpus=4,8 --strategies direct,call_rcu",
    titles: ["threads done, ms", "dead peak, VMAs"],
  },
  vmalloc: {
    line: "vmalloc/drain-under-load --vary workload.threads=1,2 --set workload.test_loop_count=10",
    titles: ["threads total, ms lazy peak, pages"],
  },
  rcu_flood: {
    line: "rcu-flood --vary machine.rcu.blimit=10,20",
    titles: ["blimit n_launders n_max_cbs"],
  },
  rcu_post: {
    line: "callbacks --vary workload.callbacks=100,200",
    titles: ["callbacks posted"],
  },
};

describe("a sweep of", () => {
  it.each(Object.entries(KINDS))("%s", async (_name, { line, titles }) => {
    const args = ["sweep", ...line.split(" "), "--quiet", "--workers", "0"];
    const { code, stdout, stderr } = await cli(args, { engine: undefined });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    for (const title of titles) {
      const found = lines.some((one) => one.trim().replace(/ +/g, " ").startsWith(title));
      expect(found, `${title} in\n${stdout}`).toBe(true);
    }
    for (const one of lines) expect(one.length).toBeLessThanOrEqual(80);
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
  });

  it("bystanders tells of them in JSON as well, and knows kills only where memory is short", async () => {
    const args = ["sweep", "bystanders", "--vary", "vmas=100,200", "--strategies", "direct"];
    const { stdout } = await cli([...args, "--json", "--quiet", "--workers", "0"], {
      engine: undefined,
    });
    const { points } = JSON.parse(stdout);
    expect(points[1].strategies[0].values.bystander_latency_ns_max).toBeGreaterThan(0);
    expect(points[1].strategies[0].values).not.toHaveProperty("oom_kills");
  });

  it("generations has the strategies of each, and a dash where a point has no such", async () => {
    const line = "--maps /proc/self/maps --vary machine.generation=6.12,7.2 --metrics ncall_rcu";
    const args = ["sweep", ...line.split(" "), "--quiet", "--workers", "0"];
    const { stdout } = await cli([...args, "--set", "machine.preempt=full"], { engine: undefined });
    const table = stdout.slice(stdout.search(/^generation +direct/m)).split("\n");
    expect(table[0]!.split(/ +/).at(-1)).toBe("typesafe");
    expect(table[1]).toMatch(/^6\.12 +0\* .* -$/);
    expect(table[2]).toMatch(/^7\.2 +- /);
  });
});
