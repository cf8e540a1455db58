import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { EngineClass } from "../../src/api/engine-port.ts";
import { fakeEngine, fakePlan } from "../api/fake-engine.ts";
import { cli } from "./in-process.ts";

const SCENARIO = new URL("../output/scenario.yaml", import.meta.url).pathname;

/** A terminal that remembers what was drawn. */
function terminal() {
  let drawn = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      drawn += String(chunk);
      done();
    },
  });
  Object.assign(stream, { isTTY: true, columns: 80, rows: 24, cursorTo() {}, clearLine() {} });
  return { stream: stream as unknown as NodeJS.WriteStream, drawn: () => drawn };
}

describe("the command line", () => {
  it.each([
    ["--help"],
    ["compare", "--help"],
    ["run", "--help"],
    ["describe", "--help"],
    ["validate", "--help"],
    ["calibrate", "--help"],
    ["measure", "--help"],
    ["trace", "--help"],
    ["litmus", "--help"],
    ["replay-index", "--help"],
  ])("helps with examples: %s %s", async (...args) => {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain("Examples:");
  });

  it("concludes a comparison in JSON as in text", async () => {
    const { stdout } = await cli(["compare", SCENARIO, "--no-calibration", "--json"]);
    const { conclusion, strategies } = JSON.parse(stdout);
    const [times] = conclusion.rankings;
    expect(times.metric).toBe("exit_total_ns");
    const ranked = [...times.first, ...times.others].map(({ name }) => name);
    expect(ranked.sort()).toEqual(strategies.map(({ name }: { name: string }) => name).sort());
    const fastest = Math.min(
      ...strategies.map(({ metrics }: { metrics: { exit_total_ns: number } }) => {
        return metrics.exit_total_ns;
      }),
    );
    expect(times.first[0].value).toBe(fastest);
    expect(conclusion).toMatchObject({ equal_share: 0.05, unsafe: [], tick_phases: 1 });
  });

  it("draws no conclusion from a single strategy", async () => {
    const args = ["compare", SCENARIO, "--no-calibration", "--strategies", "direct"];
    expect(JSON.parse((await cli([...args, "--json"])).stdout).conclusion).toBeNull();
    expect((await cli(args)).stdout).not.toContain("Conclusion");
  });

  it("compares strategies none of which has a measured exit", async () => {
    const args = ["compare", SCENARIO, "--strategies", "kvfree_rcu,batch-100", "--json"];
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).strategies).toHaveLength(2);
  });

  it("tells its version", async () => {
    expect(await cli(["--version"])).toEqual({ code: 0, stdout: "0.0.0\n", stderr: "" });
  });

  it("writes to standard output where --out is -", async () => {
    const [plain, dash] = [await cli(["schema"]), await cli(["schema", "--out", "-"])];
    expect(dash).toEqual(plain);
    expect(existsSync("-")).toBe(false);
  });

  it("helps when it is given nothing, with the code of bad input", async () => {
    const { code, stdout, stderr } = await cli([]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("Usage: vma-teardown");
  });

  it("draws progress on a terminal and takes it away", async () => {
    const { stream, drawn } = terminal();
    const { code, stderr } = await cli(["run", SCENARIO], {
      terminal: stream,
      engine: fakeEngine(20),
    });
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(drawn()).toMatch(/direct \[#*-*\] \d+ % {2}ETA/);
  });

  it("says nothing of a short run in a pipe", async () => {
    expect((await cli(["run", SCENARIO])).stderr).toBe("");
  });

  it.each([
    ["--quiet", "run", SCENARIO],
    ["run", SCENARIO, "--quiet"],
  ])("draws nothing with --quiet: %s %s", async (...args) => {
    const { stream, drawn } = terminal();
    const { code, stderr } = await cli(args, { terminal: stream, engine: fakeEngine(20) });
    expect({ code, stderr, drawn: drawn() }).toEqual({ code: 0, stderr: "", drawn: "" });
  });

  it("hears that a description is interrupted while it is planned", async () => {
    const controller = new AbortController();
    const engine = fakeEngine();
    const plan: typeof engine.plan = (spec) => {
      setImmediate(() => controller.abort());
      return engine.plan(spec);
    };
    const { signal } = controller;
    const interrupted = { code: 130, stdout: "", stderr: "vma-teardown: interrupted\n" };
    const args = ["describe", "node-server"];
    expect(await cli(args, { signal, engine: { ...engine, plan } })).toEqual(interrupted);
  });

  it("ends with 130 when it is interrupted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const outcome = await cli(["compare", SCENARIO, "--no-calibration"], {
      signal: controller.signal,
      engine: fakeEngine(Number.POSITIVE_INFINITY),
    });
    expect(outcome).toEqual({ code: 130, stdout: "", stderr: "vma-teardown: interrupted\n" });
  });

  it("owns up to a fault of its own", async () => {
    const broken: EngineClass = {
      plan: fakePlan,
      create() {
        throw new TypeError("engine on fire");
      },
    };
    const { code, stderr } = await cli(["run", SCENARIO], { engine: broken });
    expect(code).toBe(70);
    expect(stderr).toMatch(/internal error, please report it: TypeError: engine on fire/);
  });
});

describe("replay-index", () => {
  const LOGS = new URL("../fixtures/maple-logs/", import.meta.url).pathname;
  const log = join(
    LOGS,
    readdirSync(LOGS)
      .filter((name) => name.endsWith(".log.gz"))
      .sort()[0]!,
  );

  it("compares the answers of a real tree", async () => {
    const { code, stdout } = await cli(["replay-index", log]);
    expect(stdout).toMatch(/kernel [\d.]+, [\d,]+ operations, all answers equal\n$/);
    expect(code).toBe(0);
  });

  it("ends with 1 when an answer differs, and says which", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
    try {
      const file = join(folder, "bent.log");
      const lines = gunzipSync(readFileSync(log)).toString().split("\n").slice(0, 100);
      const first = lines.findIndex((line) => /^I .* 0$/.test(line));
      lines[first] = lines[first]!.replace(/ 0$/, " -17");
      writeFileSync(file, `${lines.join("\n")}\n`);
      const { code, stdout } = await cli(["replay-index", "--kernel", "6.12", file]);
      expect(stdout).toMatch(/1 answers? differs?\n {2}line \d+: .*\n {4}expected .*, found /);
      expect(code).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("options win over --set, and --set over the file", () => {
  async function scenarioOf(...options: string[]) {
    const { stdout } = await cli(["describe", SCENARIO, "--json", ...options]);
    return JSON.parse(stdout).scenario;
  }

  it("for the seed", async () => {
    expect((await scenarioOf()).seed).toBe("3");
    expect((await scenarioOf("--set", "seed=4")).seed).toBe("4");
    expect((await scenarioOf("--seed", "18446744073709551615", "--set", "seed=4")).seed).toBe(
      "18446744073709551615",
    );
  });

  it("for the number of VMAs, generated or scaled", async () => {
    expect((await scenarioOf("--vmas", "77")).address_space.vma_count).toBe(88);
    const scaled = await scenarioOf("--maps", "/proc/self/maps", "--vmas", "5_000");
    expect(scaled.address_space.vma_count).toBe(5000);
  });

  it("for strategies that the scenario writes out, by their names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
    const file = join(folder, "own.yaml");
    const exit = "{collect: private-list, release: call-rcu}";
    const own = `[direct, {name: mine, exit: ${exit}}, {name: single, exit: ${exit}, unsafe: true}]`;
    writeFileSync(
      file,
      `version: 1\naddress_space: {generate: alternating, vma_count: 100}\nstrategies: ${own}\n`,
    );
    const run = async (names: string) => cli(["run", file, "--json", "--strategies", names]);
    expect(JSON.parse((await run("mine,single")).stdout).strategy).toMatchObject({
      name: "mine",
      exit: { collect: "private-list" },
    });
    // the scenario's own goes before a preset of that name
    expect(JSON.parse((await run("single")).stdout).strategy.unsafe).toBe(true);
    expect((await run("mien")).stderr).toContain('bad value of strategies.0: found "mien"');
    rmSync(folder, { recursive: true });
  });

  it("for the strategies", async () => {
    const { strategies } = await scenarioOf("--strategies", "single, batch-3");
    expect(strategies.map(({ name }: { name: string }) => name)).toEqual(["single", "batch-3"]);
  });
});
