import { describe, expect, it } from "vitest";
import { bytesText, grouped, percent, plural, short } from "../../src/output/format.ts";
import { jsonText } from "../../src/output/json.ts";
import { table, wrap } from "../../src/output/table.ts";

describe("numbers in text", () => {
  it.each([
    [grouped(0), "0"],
    [grouped(999), "999"],
    [grouped(1000011), "1,000,011"],
    [grouped(-1234.5, 1), "-1,234.5"],
    [grouped(-0.001, 1), "0.0"],
    [grouped(Number.NaN), "-"],
    [percent(0.0123), "+1.2 %"],
    [percent(-0.5), "-50.0 %"],
    [percent(-0.0001), "+0.0 %"],
    [short(999), "999"],
    [short(33162), "33.2k"],
    [short(1_000_011), "1.00M"],
    [short(0.25), "0.3"],
    [bytesText(512), "512 B"],
    [bytesText(1536), "1.5 KiB"],
    [bytesText(4294901760), "4.0 GiB"],
    [plural(1, "CPU"), "1 CPU"],
    [plural(2000, "CPU"), "2,000 CPUs"],
  ])("%s", (found, expected) => {
    expect(found).toBe(expected);
  });
});

describe("tables and paragraphs", () => {
  it("align and leave no blanks at line ends", () => {
    const columns = [
      { title: "name", align: "left" as const },
      { title: "n", align: "right" as const, width: 4 },
      { title: "", align: "left" as const },
    ];
    expect(
      table(columns, [
        ["a", "1", ""],
        ["longer", "10000", "x"],
      ]),
    ).toEqual(["name        n", "a           1", "longer  10000  x"]);
  });

  it("break at blanks only", () => {
    expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
    expect(wrap("  unbreakable  ", 4, "  ")).toEqual(["  unbreakable"]);
    expect(wrap("", 10)).toEqual([]);
  });
});

describe("JSON", () => {
  it("writes seeds beyond 2^53 exactly", () => {
    expect(jsonText({ seed: 2n ** 64n - 1n })).toBe('{\n  "seed": "18446744073709551615"\n}\n');
  });
});
