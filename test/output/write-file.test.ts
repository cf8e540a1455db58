import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkWritable, writeFileAtomic } from "../../src/output/write-file.ts";

/** A device on which nothing fits; only Linux has it. */
const HAS_FULL = process.platform === "linux";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("a written file", () => {
  it("appears whole, replaces the old one, and leaves nothing beside it", async () => {
    const file = join(folder, "result.json");
    writeFileSync(file, "old");
    await writeFileAtomic(file, "new\n");
    expect(readFileSync(file, "utf8")).toBe("new\n");
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  it("may come in pieces, and is not there at all when it is given up between two of them", async () => {
    const file = join(folder, "long.json");
    await writeFileAtomic(file, ["one,", "two,", "three\n"]);
    expect(readFileSync(file, "utf8")).toBe("one,two,three\n");
    const given_up = new AbortController();
    function* pieces() {
      yield "four,";
      given_up.abort(new Error("interrupted"));
      yield "five\n";
      throw new Error("nobody asks for more");
    }
    await expect(writeFileAtomic(file, pieces(), given_up.signal)).rejects.toThrow("interrupted");
    expect(readFileSync(file, "utf8")).toBe("one,two,three\n");
    expect(readdirSync(folder)).toEqual(["long.json"]);
  });

  it("is refused early where it could not be written", async () => {
    await expect(checkWritable(folder)).rejects.toThrow(
      `${folder}: cannot write: found a directory, expected a file`,
    );
    const lost = join(folder, "no/such/result.json");
    await expect(checkWritable(lost)).rejects.toThrow(
      `${lost}: cannot write: found no such folder`,
    );
    await checkWritable(join(folder, "fine.json"));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("may be a pipe whose reader has seen enough", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const head = spawn("head", ["-c", "1", pipe], { stdio: "ignore" });
    const closed = new Promise((resolve) => head.once("close", resolve));
    await writeFileAtomic(pipe, ["x".repeat(1_000_000), "y".repeat(1_000_000)]);
    await closed;
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it("leaves nothing behind when the last step fails", async () => {
    await expect(writeFileAtomic(folder, "x")).rejects.toThrow("cannot write");
    await expect(writeFileAtomic(join(folder, "a/b"), "x")).rejects.toThrow("no such folder");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("goes where a symbolic link leads, which stays one, and stays readable to the same people", async () => {
    const file = join(folder, "result.json");
    const link = join(folder, "latest.json");
    writeFileSync(file, "old");
    chmodSync(file, 0o600);
    symlinkSync("result.json", link);
    await checkWritable(link);
    await writeFileAtomic(link, "new\n");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("new\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["latest.json", "result.json"]);
  });

  // A file renamed over /dev/null would be the end of the machine's null device.
  it("is written into a pipe or a device, which stays one", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await checkWritable(pipe);
    const [read] = await Promise.all([readFile(pipe, "utf8"), writeFileAtomic(pipe, "text\n")]);
    expect(read).toBe("text\n");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(["pipe"]);
  });

  it.runIf(HAS_FULL)("says in words that there is no space left", async () => {
    const full = join(folder, "full");
    symlinkSync("/dev/full", full);
    await expect(writeFileAtomic(full, "x")).rejects.toThrow(
      `${full}: cannot write: found no space left on the device`,
    );
    expect(readdirSync(folder)).toEqual(["full"]);
  });
});
