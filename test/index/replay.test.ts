// Logs of the real trees: every answer, hash, height, node count and deferred count.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { replayIndexLog } from "../../src/vma-index/replay.ts";
import { replayIndexFiles } from "../../src/vma-index/replay-files.ts";
import { moduleOf } from "./support.ts";

const FOLDER = "test/fixtures/maple-logs";
const LOGS = readdirSync(FOLDER).filter((name) => name.endsWith(".log.gz"));

describe("logs of the real trees", () => {
  it.each(
    LOGS.flatMap(
      (name) =>
        [
          [name, false],
          [name, true],
        ] as const,
    ),
  )("%s, replaced nodes kept: %s", async (name, keep_replaced) => {
    const [result] = await replayIndexFiles([join(FOLDER, name)], { keep_replaced });
    expect(result!.first_mismatch).toBeUndefined();
    expect(result!.mismatches).toBe(0);
    expect(result!.kernel).toBe(name.split("-")[0]);
    expect(result!.counts.T).toBeGreaterThan(1);
    expect(result!.operations).toBeGreaterThan(1000);
  });

  it("are checked after every operation in the debug build", async () => {
    for (const name of LOGS.slice(0, 3)) {
      const lines = gunzipSync(readFileSync(join(FOLDER, name)))
        .toString()
        .split("\n");
      const kernel = name.startsWith("6.12") ? "6.12" : "7.2";
      const options = { kernel, module: moduleOf("debug"), validate: true } as const;
      const result = await replayIndexLog(lines.slice(0, 1500), options);
      expect(result.mismatches).toBe(0);
    }
  });

  it("tell the generations apart", async () => {
    const path = join(FOLDER, "7.2-mode4.log.gz");
    const [result] = await replayIndexFiles([path], { kernel: "6.12" });
    expect(result!.mismatches).toBeGreaterThan(0);
    expect(result!.first_mismatch!.text).toMatch(/^T /);
  });
});

describe("replayIndexLog", () => {
  it("says which line differs, and stops when told to", async () => {
    const lines = ["# mode 0 rcu 0", "S 5 9 1 0", "L 7 2", "L 8 1", "F 0 3 9 5 9", "Z 0"];
    const seen: number[] = [];
    const result = await replayIndexLog(lines, { onMismatch: ({ line }) => void seen.push(line) });
    expect(result.rcu).toBe(false);
    expect(result.first_mismatch).toEqual({ line: 3, text: "L 7 2", expected: "2", found: "1" });
    expect(seen).toEqual([3, 5]);
    expect(result.counts).toEqual({ S: 1, L: 2, F: 1, Z: 1 });
    const stopped = await replayIndexLog(lines, { onMismatch: () => false });
    expect(stopped.operations).toBe(2);
  });

  it("knows every operation", async () => {
    const lines = [
      "S 10 19 7 0",
      "I 30 39 8 0",
      "I 35 50 9 -17",
      "L 12 7",
      "F 20 29 0",
      "F 20 30 8 30 39",
      "P 29 20 0",
      "P 29 19 7 10 19",
      "G 0 100 10 0 0",
      "G 5 40 11 -16",
      "G 5 6 9 -22",
      "R 0 100 10 0 91",
      "R 0 45 6 0 40",
      "N 12 15 0",
      "E 17 7",
      "E 17 0",
      "Z 0",
    ];
    const result = await replayIndexLog(lines);
    expect(result.first_mismatch).toBeUndefined();
  });

  it.each(["Q 1 2", "S 1", "L x", "S 1 2 3", "L 2", "T", "S 1 4503599627370496 1 0"])(
    "refuses %s",
    async (line) => {
      await expect(replayIndexLog(["S 1 2 3 0", line])).rejects.toMatchObject({
        name: "InputError",
        line: 2,
      });
    },
  );

  it("refuses a file in which nothing is to be compared", async () => {
    const folder = await mkdtemp(join(tmpdir(), "index-log-"));
    for (const [name, text] of [
      ["empty.log", ""],
      ["comments.log", "# rcu 1\n\n"],
    ] as const) {
      await writeFile(join(folder, name), text);
      const replay = replayIndexFiles([join(folder, name)]);
      await expect(replay).rejects.toThrow(`${name}: no operations: found nothing but comments`);
    }
  });

  it("stops reading a file that is no log", async () => {
    const folder = await mkdtemp(join(tmpdir(), "index-log-"));
    const path = join(folder, "line.log");
    await writeFile(path, "# rcu 1\n".concat("a".repeat(70_000)));
    await expect(replayIndexFiles([path])).rejects.toThrow(
      /line\.log:2: line too long: found \d\d,\d{3} characters needed, expected at most 65,536/,
    );
    await expect(replayIndexFiles(["/dev/zero"])).rejects.toThrow(
      "/dev/zero:1:1: binary data: found a NUL byte, expected a log of an index",
    );
  });

  it("reads plain and gzip files and names the file in errors", async () => {
    const folder = await mkdtemp(join(tmpdir(), "index-log-"));
    const text = "# rcu 1\nS 1 2 3 0\nZ 0\n";
    await writeFile(join(folder, "plain.log"), text);
    await writeFile(join(folder, "packed.log.gz"), gzipSync(text));
    await writeFile(join(folder, "bad.log"), "S 1 2 3 0\nhello\n");
    const paths = [join(folder, "plain.log"), join(folder, "packed.log.gz")];
    const results = await replayIndexFiles(paths);
    expect(results.map(({ operations }) => operations)).toEqual([2, 2]);
    await expect(replayIndexFiles([join(folder, "bad.log")])).rejects.toThrow(/bad\.log:2/);
    await expect(replayIndexFiles([join(folder, "none.log")])).rejects.toThrow(/none\.log/);
  });
});
