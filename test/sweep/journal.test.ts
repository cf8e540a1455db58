// A journal of finished runs: what was written is there again, and what is none of it is left alone.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal } from "../../src/sweep/journal.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
  file = join(folder, "runs.journal");
});

afterEach(() => rmSync(folder, { recursive: true }));

const run = (value: number) => ({ digest: `${value}`, figures: { exit_total_ns: value } });

/** Keys that the file has. */
function read(): string[] {
  const keys: string[] = [];
  new Journal(file, ({ key }) => keys.push(key)).close();
  return keys;
}

function write(...keys: string[]): void {
  const journal = new Journal(file, () => {});
  for (const [at, key] of keys.entries()) journal.append(key, run(at));
  journal.close();
}

describe("a journal", () => {
  it("has what was written, over several times", () => {
    write("a", "b");
    write("c");
    expect(read()).toEqual(["a", "b", "c"]);
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(5);
  });

  it("has every figure as it was", () => {
    const figures = { a_ns: 2 ** 53 - 1, b: 0.1 + 0.2, c: 1e-300, d: -1 };
    const journal = new Journal(file, () => {});
    journal.append("key", { digest: "0123456789abcdef", figures });
    journal.close();
    const found: unknown[] = [];
    new Journal(file, (entry) => found.push(entry)).close();
    expect(found).toEqual([{ key: "key", digest: "0123456789abcdef", figures }]);
  });

  it("has each line at once, before it is closed", () => {
    const journal = new Journal(file, () => {});
    journal.append("a", run(1));
    expect(read()).toEqual(["a"]);
    journal.close();
  });

  it("loses a line that was torn, and no other, wherever it was torn", () => {
    write("a", "b");
    const whole = readFileSync(file, "utf8");
    const second = whole.indexOf('{"key":"b"');
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.slice(0, length));
      write("c");
      const first = whole.indexOf("\n", whole.indexOf('{"key":"a"')) + 1;
      expect(read()).toEqual(length >= first ? ["a", "c"] : ["c"]);
    }
    expect(second).toBeGreaterThan(0);
  });

  it.each([
    [
      "another version",
      '{"format":"vma-teardown journal","version":2}\n',
      "found version 2, expected version 1",
    ],
    ["another text", "# notes of mine\n", 'not a journal: found "# notes of mine"'],
    ["a text without an end of line", "notes", 'not a journal: found "notes"'],
    ["another JSON", '{"format":"vma-teardown sweep"}\n', "not a journal"],
  ])("of %s is refused and stays as it is", (_, text, message) => {
    writeFileSync(file, text);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: 2, line: 1, file }));
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it.each(["nonsense", "{}", '{"key":"x","digest":"y","figures":{"z":"1"}}', "null"])(
    "with a line that is no run is refused with its number: %s",
    (line) => {
      write("a");
      const text = `${readFileSync(file, "utf8")}${line}\n`;
      writeFileSync(file, text);
      expect(read).toThrow(`${file}:3: not a journal`);
      expect(readFileSync(file, "utf8")).toBe(text);
    },
  );

  it.each([
    ["of another file", 1, ""],
    ["in a journal", 3, "a"],
  ])("does not read a line without end %s", (_, line, key) => {
    if (key !== "") write(key);
    const before = key === "" ? "" : readFileSync(file, "utf8");
    const text = before + "x".repeat(3 << 20);
    writeFileSync(file, text);
    expect(read).toThrow(`${file}:${line}: not a journal: found "xxx`);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("is a file: devices and pipes are refused before they are opened", () => {
    execFileSync("mkfifo", [file]);
    for (const other of ["/dev/null", "/dev/zero", file]) {
      file = other;
      expect(read).toThrow(`${other}: not a journal: found a device or a pipe, expected a file`);
    }
  });

  it("says why it cannot be written", () => {
    file = join(folder, "none", "runs.journal");
    expect(read).toThrow("cannot write: found no such folder");
  });
});
