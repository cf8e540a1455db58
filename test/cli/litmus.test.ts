// Litmus tests of one's own, as somebody writes them who has the documentation.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { cli } from "./in-process.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const RACE = `version: 1
litmus: my-race
title: a munmap that frees at once, beside a fault
generation: 6.12
munmap: direct
exit: direct
mms:
  A: { vmas: [[16, 4]] }
threads:
  - { name: faulter, mm: A, do: [{ fault: 17 }] }
  - { name: unmapper, mm: A, do: [{ munmap: [16, 4] }] }
observe: { breach: any }
expect: sometimes
seeds: 200
`;

function written(name: string, text = RACE): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("a litmus test of one's own", () => {
  it("may name the generation without quotes", async () => {
    const { code, stdout, stderr } = await cli(["litmus", written("race.yaml")]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Observation my-race Sometimes \d+ \d+$/m);
    expect(code).toBe(0);
  });

  it("is refused with a generation that only a number would make one", async () => {
    const file = written("race.yaml", RACE.replace("6.12", "6.120"));
    const { code, stderr } = await cli(["litmus", file]);
    expect(stderr).toBe(
      `vma-teardown: ${file}:4:13: bad value of generation: found 6.120, expected "6.12" (a version is no number: what follows its point counts as it stands)\n`,
    );
    expect(code).toBe(2);
  });

  it("is refused with a generation that nobody knows", async () => {
    const file = written("race.yaml", RACE.replace("6.12", "6.13"));
    expect((await cli(["litmus", file])).stderr).toBe(
      `vma-teardown: ${file}:4:13: bad value of generation: found 6.13, expected one of 6.1, 6.12, 7.2\n`,
    );
  });

  it.each(["race.yaml", "my race.yaml", "it's.yaml"])(
    "is replayed by the command that its report prints: %s",
    async (name) => {
      const file = written(name);
      const { stdout } = await cli(["litmus", file]);
      const [, word = "", seed = ""] =
        stdout.match(/^ {2}replay {3}vma-teardown litmus (.+) --seed (\d+)$/m) ?? [];
      // as a shell takes it
      const quoted = word.startsWith("'");
      const plain = quoted ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word;
      expect(plain).toBe(file);
      expect(quoted).toBe(name !== "race.yaml");
      const replayed = await cli(["litmus", plain, "--seed", seed]);
      expect(replayed.code).toBe(0);
      expect(replayed.stdout).toContain(`Test my-race, seed ${seed}:`);
      expect(replayed.stdout).toContain("use after free");
    },
  );

  it("that is not there is missed as a file, not as a name", async () => {
    const file = join(folder, "none.yaml");
    expect(await cli(["litmus", file])).toEqual({
      code: 2,
      stdout: "",
      stderr: `vma-teardown: ${file}: cannot read litmus test: found no such file\n`,
    });
    expect((await cli(["litmus", "L7-twin-no-rcu-6.13"])).stderr).toContain(
      "unknown litmus test: found L7-twin-no-rcu-6.13 (did you mean `L7-twin-no-rcu-6.12`?)",
    );
  });
});

it("the test that docs/cli.md shows ends as it says", async () => {
  const text = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
  const [shown = ""] = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block!);
  expect(shown).toContain("litmus: my-race");
  const { code, stderr } = await cli(["litmus", written("shown.yaml", shown)]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
