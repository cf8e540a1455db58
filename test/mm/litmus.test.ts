// The ready litmus tests end as they say, every must-fail twin is caught with a report that names
// what is missing, and safe strategies get through all random scenarios without one.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MmCount } from "../../assembly/abi/mm.ts";
import { exploreLitmus, holds } from "../../src/litmus/explore.ts";
import { parseLitmus } from "../../src/litmus/file.ts";
import { mixedScenario } from "../../src/litmus/mixed.ts";
import { SAFE_STRATEGIES } from "../../src/litmus/safe-strategies.ts";
import { LitmusWorld } from "../../src/litmus/world.ts";
import { breachText, runText, summaryText } from "../../src/output/litmus-text.ts";
import { ROOT } from "../meta/sources.ts";
import { runReady } from "../reclaim/ready-run.ts";
import { runs } from "./small-litmus.ts";

const FOLDER = `${ROOT}/scenarios/litmus`;
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
const read = (file: string) => parseLitmus(readFileSync(`${FOLDER}/${file}`, "utf8"), file);
const MIXED_SEEDS = Number(process.env.MIXED_SEEDS ?? 300);

describe("the ready litmus tests", () => {
  it("are there: eight races and the twins of them", () => {
    const names = FILES.join(" ");
    for (let race = 1; race <= 8; race++) expect(names).toContain(`L${race}-`);
    expect(FILES.filter((name) => name.includes("twin")).length).toBeGreaterThanOrEqual(9);
  });

  it.each(FILES)("%s", async (file) => {
    const spec = read(file);
    expect(`${spec.name}.yaml`).toBe(file);
    const summary = await exploreLitmus(spec);
    expect(summary.ok, summaryText(summary, spec.observe)).toBe(true);
    if (spec.without.length === 0 || summary.witness === undefined) return;
    // A twin's report: reader, object, free, missing protection, both times.
    const [breach] = summary.witness.breaches;
    const text = breachText(breach!);
    for (const word of ["reader ", "object   VMA ", "free ", "access   step ", "missing "]) {
      expect(text).toContain(word);
    }
    expect(text).not.toContain("a rule of the books");
  });
});

describe("schedules that are cut off before their end", () => {
  const long = (question: string) =>
    parseLitmus(
      `{ version: 1, litmus: long, title: t, generation: 6.12, munmap: direct, exit: direct, seeds: 2,
         mms: { A: { vmas: [[16, 4]] } }, ${question},
         threads: [{ name: t, mm: A, do: [{ repeat: 10_000, do: [{ fault: 17 }, { fault: 18 }] }] }] }`,
      "long.yaml",
    );

  it("do not pass for schedules in which nothing happened", async () => {
    const summary = await exploreLitmus(long("observe: { breach: any }, expect: never"));
    expect(summary).toMatchObject({ positive: 0, cut_off: 2, ok: false });
    const text = summaryText(summary, { breach: "any" });
    expect(text).toContain("\nNo\n");
    expect(text).toContain("Schedules cut off before their end: 2\n");
  });

  it("may be what a test looks for", async () => {
    const summary = await exploreLitmus(long("observe: { happened: [endless] }, expect: always"));
    expect(summary).toMatchObject({ positive: 2, cut_off: 0, ok: true });
  });
});

describe("who holds a VMA when the last mm_users goes", () => {
  const found = runs(
    "generation: 6.12",
    `{ name: owner, mm: A, do: [{ fault: 17 }, exit] },
     { name: reader, do: [{ illegal-read: [A, 17] }] }`,
    300,
  );

  it("is named, with the page that he means to read", () => {
    const named = found.flatMap(({ breaches }) => breaches.slice(0, 1));
    expect(named.some(({ kind }) => kind === "no-mm-users")).toBe(true);
    for (const breach of named) {
      expect(breach).toMatchObject({ kind: "no-mm-users", missing: "mm-users", page: 17n });
    }
  });

  it("goes on, so that what comes of it is seen as well", () => {
    const later = found.flatMap(({ breaches, happened }) => [
      ...breaches.slice(1).map(({ kind }) => kind),
      ...(breaches.length === 1 ? happened : []),
    ]);
    expect(later).toContain("self-deadlock");
  });
});

describe("a look-up outside RCU", () => {
  it("is caught in 7.2 too, where the cache keeps its type only for those inside", () => {
    const found = runs(
      "generation: 7.2, without: [lookup-without-rcu]",
      `{ name: faulter, mm: A, do: [{ fault: 17 }, { fault: 18 }] },
       { name: unmapper, mm: A, do: [{ munmap: [16, 4] }] }`,
      400,
    ).flatMap(({ breaches }) => breaches);
    expect(found.length).toBeGreaterThan(0);
    for (const breach of found) {
      expect(breach).toMatchObject({ kind: "use-after-free", missing: "rcu-read-lock" });
    }
  });
});

describe("a fork that waits for a reader of a VMA", () => {
  // nobody else wants mmap_lock for long, so it is not there that a fatal signal meets the fork
  const threads = `{ name: parent, mm: A, do: [{ fork: B }] },
     { name: reader, mm: A, do: [{ fault: 16 }] },
     { name: killer, do: [{ kill: A }] }`;
  const words = (generation: string) =>
    runs(`generation: ${generation}`, threads, 400).flatMap(({ breaches, happened }) => {
      expect(breaches).toEqual([]);
      expect(happened).not.toContain("deadlock");
      return happened;
    });

  it("ends with a fatal signal in 7.2", () => {
    expect(words("7.2")).toContain("fork-failed");
  });

  it("waits on in 6.12", () => {
    const happened = words("6.12");
    expect(happened).toContain("writer-waited");
    expect(happened).not.toContain("fork-failed");
  });
});

describe("a fork that fails in the middle", () => {
  const VMAS = 4_000;
  const failed = async (kernel: string) => {
    const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
      ["workload.kernel", kernel],
      ["workload.mms", { child: { later: true } }],
      [
        "workload.threads",
        [{ name: "parent", mm: "process", do: [{ fork: "child", "fail-at": VMAS - 1 }, "exit"] }],
      ],
    ]);
    expect(metrics.happened).toContain("fork-failed");
    expect(metrics.breaches).toBe(0);
    expect(metrics.vmas_freed).toBe(metrics.vmas_allocated);
    expect(metrics.vmas_allocated).toBe(VMAS + VMAS - 2);
    return metrics;
  };

  it("takes no part in the means of forks, which are of those that succeed", async () => {
    const forks = async (program: readonly object[]) => {
      const { metrics } = await runReady<"mm">("threads-munmap", "direct", [
        ["workload.mms", { child: { later: true }, failed: { later: true } }],
        ["workload.threads", [{ name: "parent", mm: "process", do: [...program, "exit"] }]],
      ]);
      const { fork_tree_dup_ns, fork_rest_ns, fork_store_ns, fork_write_lock_ns } = metrics;
      expect(fork_tree_dup_ns).toBeGreaterThan(0);
      return [fork_tree_dup_ns, fork_rest_ns, fork_store_ns, fork_write_lock_ns];
    };
    const [fork, failing] = [{ fork: "child" }, { fork: "failed", "fail-at": VMAS - 1 }];
    const alone = await forks([fork]);
    expect(await forks([fork, failing])).toEqual(alone);
    expect(await forks([failing, fork])).toEqual(alone);
  });

  it("tears the copy down with both locks held in 7.2 alone; before, mmput() does so without them", async () => {
    // the longest hold is that of the fork; the others are those of exits
    const exits = async (kernel: string) => {
      const { mmap_write_hold_ns, mmap_write_hold_max_ns } = await failed(kernel);
      return mmap_write_hold_ns - mmap_write_hold_max_ns;
    };
    const own_ns = await exits("7.2");
    expect((await exits("6.12")) / own_ns).toBeCloseTo(2, 1);
    expect((await exits("6.1")) / own_ns).toBeGreaterThan(1.5);
  });
});

describe("the same seed", () => {
  const spec = read("L7-twin-no-rcu-6.12.yaml");

  it("gives the same run, step by step", async () => {
    const { witness } = await exploreLitmus(spec);
    const [one, other] = [new LitmusWorld(), new LitmusWorld()];
    const run = one.run(spec, witness!.seed);
    expect(holds(spec.observe, run)).toBe(true);
    const again = other.run(spec, witness!.seed);
    expect(again).toEqual(run);
    expect(other.schedule(spec)).toEqual(one.schedule(spec));
    const text = runText(spec.name, run, one.schedule(spec));
    expect(text).toContain("use after free");
    expect(text).toMatch(/\d+ unmapper munmap\n/);
  });

  it("says of a thread's last step that it ends", () => {
    const direct = read("twin-direct-munmap-6.12.yaml");
    const world = new LitmusWorld();
    const text = runText(direct.name, world.run(direct, 5n), world.schedule(direct));
    expect(text).toMatch(/\d+ faulter ends\n/);
    expect(text).not.toMatch(/faulter \d+\n/);
  });

  it("gives the same run in a world that has run others before", () => {
    const world = new LitmusWorld();
    const runs = [1n, 2n, 3n].map((seed) => world.run(spec, seed));
    expect([3n, 1n, 2n].map((seed) => world.run(spec, seed))).toEqual([runs[2], runs[0], runs[1]]);
  });

  it("gives the same run with the oracle off, up to where it would have spoken", () => {
    const safe = read("L7-unlock-tail-6.12.yaml");
    const world = new LitmusWorld();
    for (let seed = 1n; seed <= 50n; seed++) {
      const on = world.run(safe, seed);
      const off = world.run(safe, seed, false);
      expect(off.happened).toEqual(on.happened);
      expect(off.counts[MmCount.STEPS]).toBe(on.counts[MmCount.STEPS]);
    }
  });
});

describe("safe strategies in mixed scenarios", () => {
  it.each(SAFE_STRATEGIES)(`$name: no report over ${MIXED_SEEDS} seeds`, (strategy) => {
    const world = new LitmusWorld();
    const met = new Set<string>();
    for (let seed = 1n; seed <= BigInt(MIXED_SEEDS); seed++) {
      const run = world.run(mixedScenario(strategy, seed), seed);
      const replay = `vma-teardown litmus mixed --strategy ${strategy.name} --seed ${seed}`;
      expect(run.breaches, replay).toEqual([]);
      expect(run.happened, replay).not.toContain("deadlock");
      expect(run.happened, replay).not.toContain("endless");
      for (const word of run.happened) met.add(word);
    }
    // The scenarios are worth something only if they get into the corners.
    for (const word of ["exited-mm", "segv", "exit-waited", "fork-failed", "reaped", "skipped"]) {
      expect(met).toContain(word);
    }
    if (strategy.generation === "6.1") return;
    for (const word of ["vma-lock-success", "vma-lock-abort", "vma-lock-retry", "writer-waited"]) {
      expect(met).toContain(word);
    }
  });
});
