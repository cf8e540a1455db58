// What a command writes never takes the place of what it reads.

import {
  cpSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { cli } from "./in-process.ts";

const SCENARIO = `version: 1
profile: ./costs.json
address_space: {maps: maps.txt}
strategies: [direct, single]
`;

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
  writeFileSync(at("own.yaml"), SCENARIO);
  writeFileSync(at("maps.txt"), readFileSync("/proc/self/maps"));
  cpSync(join(ROOT, "profiles/icount-6.12.json"), at("costs.json"));
  cpSync(join(ROOT, "test/output/measured.csv"), at("rows.csv"));
  cpSync(join(ROOT, "scenarios/litmus/L7-twin-no-rcu-6.12.yaml"), at("race.yaml"));
  symlinkSync(at("own.yaml"), at("symbolic.yaml"));
  linkSync(at("own.yaml"), at("hard.yaml"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Every file of the folder, whole. */
const contents = () =>
  readdirSync(folder).map((name) => [name, readFileSync(at(name), "utf8")] as const);

const rows = (...more: readonly string[]) => ["validate", "--data", at("rows.csv"), ...more];

describe("the command refuses to write over", () => {
  it.each([
    ["the scenario", () => ["run", at("own.yaml")], "own.yaml", "--out"],
    [
      "the scenario by a symbolic link",
      () => ["compare", at("own.yaml")],
      "symbolic.yaml",
      "--out",
    ],
    ["the scenario by a hard link", () => ["describe", at("own.yaml")], "hard.yaml", "--out"],
    ["the scenario's maps", () => ["run", at("own.yaml")], "maps.txt", "--out"],
    ["its cost profile", () => ["run", at("own.yaml")], "costs.json", "--out"],
    ["maps of --maps", () => ["describe", "--maps", at("maps.txt")], "maps.txt", "--out"],
    ["the scenario with a page", () => ["compare", at("own.yaml")], "own.yaml", "--html"],
    ["the scenario's maps with a page", () => ["compare", at("own.yaml")], "maps.txt", "--html"],
    ["the scenario with a drawing", () => ["trace", at("own.yaml")], "own.yaml", "--svg"],
    [
      "a measured trace",
      () => ["trace", at("own.yaml"), "--measured", at("rows.csv")],
      "rows.csv",
      "--csv",
    ],
    ["measured rows", () => rows(), "rows.csv", "--out"],
    ["the profile of --profile", () => rows("--profile", at("costs.json")), "costs.json", "--out"],
    ["measurements", () => ["calibrate", "--data", at("rows.csv")], "rows.csv", "--out"],
    [
      "the base",
      () => ["calibrate", "--data", at("rows.csv"), "--base", at("costs.json")],
      "costs.json",
      "--out",
    ],
    ["a litmus test", () => ["litmus", at("race.yaml")], "race.yaml", "--out"],
    ["a log", () => ["replay-index", at("rows.csv")], "rows.csv", "--out"],
  ])("%s", async (_what, args, file, option) => {
    const before = contents();
    expect(await cli([...args(), option, at(file)])).toEqual({
      code: 2,
      stdout: "",
      stderr: `vma-teardown: ${option} names a file that is read: found "${at(file)}", expected another one\n`,
    });
    expect(contents()).toEqual(before);
  });

  it("nothing of its own: a result may take the place of the one before", async () => {
    writeFileSync(at("result.txt"), "of yesterday");
    const { code } = await cli(["run", at("own.yaml"), "--out", at("result.txt")]);
    expect(code).toBe(0);
    expect(readFileSync(at("result.txt"), "utf8")).toContain("direct");
  });
});
