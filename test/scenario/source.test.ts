// Settings as JSON are read by JSON.parse where that loses nothing: nobody may notice.

import { describe, expect, it } from "vitest";
import { parseSource } from "../../src/scenario/source.ts";
import { PROFILE_TEXTS } from "../profile/texts.ts";

describe("a text that is JSON", () => {
  it.each(PROFILE_TEXTS)("means what a reader of YAML makes of it: %s", (_name, text) => {
    // a comment is none of JSON's, so this goes the other way
    const { tree } = parseSource(`# YAML\n${text}`, "profile");
    expect(parseSource(text, "profile").tree).toEqual(tree);
  });

  it("has places all the same", () => {
    const { place, found } = parseSource('{\n  "a": { "b": [1, "x"] }\n}\n', "x.json");
    expect(place(["a", "b", 1])).toEqual({ file: "x.json", line: 2, column: 19 });
    expect(place(["a"], "b")).toEqual({ file: "x.json", line: 2, column: 10 });
    expect(found(["a", "b", 1])).toBe('"x"');
  });

  it("is refused with a key that stands there twice", () => {
    const text = '{ "seed": 1,\n  "seed": 2 }';
    expect(() => parseSource(text, "x.json")).toThrow(/^x\.json:2:3: not YAML or JSON: Map keys/);
  });

  it.each([
    ["18446744073709551615", 18446744073709551615n],
    ["9007199254740994", 9007199254740994n],
    ["9007199254740991", 9007199254740991],
    ["0.1", 0.1],
    ["1e3", 1000],
    ["-0", 0],
  ])("keeps all digits of %s", (written, value) => {
    const { tree } = parseSource(`{"seed": ${written}}`, "x.json");
    expect(tree).toEqual({ seed: value });
  });

  it("is refused where brackets go too deep for anybody", () => {
    const text = `{"a": ${"[".repeat(100_000)}`;
    expect(() => parseSource(text, "x.json")).toThrow(/^x\.json:1:1: not YAML or JSON|not YAML/);
  });
});
