import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDurationNs, parseInteger, parseSizeBytes } from "../../src/scenario/units.ts";

describe("durations and sizes", () => {
  it.each([
    ["4ms", 4_000_000],
    ["250us", 250_000],
    ["3_000ns", 3_000],
    ["1.5ms", 1_500_000],
    ["0.000000001s", 1],
    ["1 s", 1_000_000_000],
    ["0", 0],
    ["-2ms", -2_000_000],
  ])("%s is %d ns", (text, value) => {
    expect(parseDurationNs(text)).toEqual({ value });
  });

  it.each([
    ["176B", 176],
    ["4KiB", 4096],
    ["1.5KiB", 1536],
    ["1GiB", 1_073_741_824],
  ])("%s is %d bytes", (text, value) => {
    expect(parseSizeBytes(text)).toEqual({ value });
  });

  it.each([
    ["4", /no unit/],
    ["4 minutes", /unknown unit minutes/],
    ["1.5ns", /finer than 1 ns/],
    ["1__0ms", /not a number/],
    ["fast", /not a number/],
    ["99999999999s", /too large/],
    ["4toString", /unknown unit/],
  ])("refuses the duration %s", (text, problem) => {
    const parsed = parseDurationNs(text);
    expect("problem" in parsed && parsed.problem).toMatch(problem);
  });

  it("takes KB for what it is: not a binary unit", () => {
    expect(parseSizeBytes("4KB")).toHaveProperty("problem");
  });

  it.each([
    ["1e3", 1000],
    ["1.5E+3", 1500],
    ["0x400", 1024],
    ["0o17", 15],
  ])("the whole number %s of YAML is %d in an option as well", (text, value) => {
    expect(parseInteger(text)).toEqual({ value });
  });

  it.each(["1.5", "1e-3", "1.55e1", "0xg", "-0x10", "1e300", "e3"])("%s is none", (text) => {
    expect(parseInteger(text)).toHaveProperty("problem");
  });

  it("reads back every whole number, with and without groups", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const grouped = String(value).replace(/\B(?=(\d{3})+$)/g, "_");
        expect(parseInteger(String(value))).toEqual({ value });
        expect(parseInteger(grouped)).toEqual({ value });
      }),
    );
  });

  it("agrees with floating point on durations that are exact in it", () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.constantFrom("us", "ms"), (quarter, unit) => {
        const scale = unit === "us" ? 1e3 : 1e6;
        expect(parseDurationNs(`${quarter / 4}${unit}`)).toEqual({ value: (quarter / 4) * scale });
      }),
    );
  });
});
