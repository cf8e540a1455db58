// What every error promises: one line, whatever stands in names, arguments and values.

import { describe, expect, it } from "vitest";
import { formatCount, InputError, LimitError, quoteFound } from "../../src/errors.ts";

describe("the line of an error", () => {
  it("says where, what, what was found, what was expected and what to do, in this order", () => {
    const parts = { problem: "empty mapping", found: "nothing", expected: "more", hint: "add it" };
    const { message } = new InputError({ ...parts, file: "f", line: 2, column: 7 });
    expect(message).toBe("f:2:7: empty mapping: found nothing, expected more (add it)");
  });

  it("leaves out what is not known, a column without its line too", () => {
    const { message } = new InputError({ problem: "no text", file: "f", column: 7 });
    expect(message).toBe("f: no text");
  });

  it("stays one line where a file's name or an option has line ends or steers a terminal", () => {
    const { message } = new InputError({ problem: "--set a=1\n2", file: "x\u001b[31m\u2028" });
    expect(message).toBe("x\\u001b[31m\\u2028: --set a=1\\u000a2");
  });

  it("of a limit has both numbers, and code 3", () => {
    const limit = { problem: "too many", needed: 1_234_567, available: 999, unit: "pages" };
    const error = new LimitError(limit);
    expect(error.message).toBe("too many: found 1,234,567 pages needed, expected at most 999");
    expect(error.code).toBe(3);
    expect(error).toMatchObject(limit);
  });
});

describe("what was found", () => {
  it.each([
    ["", "nothing"],
    ['say "x"', '"say \\"x\\""'],
    ["a\tb\u007f\u200b\ufeff", '"a\\tb\\u007f\\u200b\\ufeff"'],
    ["漢字 𝄞", '"漢字 𝄞"'],
    ["x".repeat(40), `"${"x".repeat(40)}"`],
    ["x".repeat(41), `"${"x".repeat(37)}..."`],
  ])("%j is shown as %s", (text, shown) => {
    expect(quoteFound(text)).toBe(shown);
  });
});

describe("a count", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [2 ** 53, "9,007,199,254,740,992"],
  ])("%d is shown as %s", (count, shown) => {
    expect(formatCount(count)).toBe(shown);
  });
});
