// The command line that a page shows: a shell takes it for the one that was given.

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { commandLine } from "../../src/cli/command-line.ts";

const words = (line: string): string[] =>
  execFileSync("sh", ["-c", `set -- ${line}; for word; do printf '%s\\0' "$word"; done`])
    .toString()
    .split("\0")
    .slice(0, -1);

it("has every option that figures hang on, quoted where a shell would read something else", () => {
  const set = ["machine.cpus=8", 'title=it\'s $HOME; "x" `y` \\ *'];
  const options = {
    maps: "my maps.txt",
    vmas: "2_000",
    strategies: "direct,batch-8",
    seed: "7",
    tickPhases: "4",
    set,
  };
  expect(words(commandLine("compare", "a b.yaml", options, ["--no-calibration"]))).toEqual([
    "vma-teardown",
    "compare",
    "a b.yaml",
    ...["--maps", "my maps.txt", "--vmas", "2_000", "--strategies", "direct,batch-8"],
    ...["--seed", "7", "--tick-phases", "4"],
    ...set.flatMap((one) => ["--set", one]),
    "--no-calibration",
  ]);
});

it("is as short as it was", () => {
  expect(commandLine("run", "node-server", { set: [] })).toBe("vma-teardown run node-server");
  expect(commandLine("run", undefined, { set: [], maps: "-" })).toBe("vma-teardown run --maps -");
});
