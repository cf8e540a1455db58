import type { Options } from "cli-progress";
import { describe, expect, it } from "vitest";
import { timeLeft } from "../../src/cli/progress.ts";

describe("the time left of a progress bar", () => {
  const options = { autopaddingChar: "" } as Options;

  it("is unknown until there is a rate", () => {
    expect(timeLeft("INF", options, 5)).toBe("?");
    expect(timeLeft("NULL", options, 5)).toBe("?");
  });

  it("is in minutes and steps of five seconds from then on", () => {
    expect(timeLeft(391, options, 5)).toBe("6m30s");
    expect(timeLeft(8, options, 5)).toBe("8s");
  });
});
