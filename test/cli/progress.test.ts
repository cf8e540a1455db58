import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CommandIo } from "../../src/cli/io.ts";
import { timeLeft, withProgress } from "../../src/cli/progress.ts";

describe("the time left", () => {
  it("is unknown until there is a rate", () => {
    expect(timeLeft("INF")).toBe("?");
    expect(timeLeft(Number.POSITIVE_INFINITY)).toBe("?");
    expect(timeLeft(Number.NaN)).toBe("?");
  });

  it.each([
    [0.2, "1s"],
    [8, "8s"],
    [41, "45s"],
    [391, "6m35s"],
    [3599, "1h0m"],
    [9000, "2h30m"],
  ])("of %d s is %s: the longer, the more roughly", (seconds, text) => {
    expect(timeLeft(seconds)).toBe(text);
  });
});

describe("progress off a terminal", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  /** What is told of work that reports every second, for so many of a hundred seconds. */
  async function told(seconds: number, io: Partial<CommandIo> = {}): Promise<string[]> {
    const lines: string[] = [];
    const stderr = (text: string) => void lines.push(text);
    const signal = new AbortController().signal;
    await withProgress({ stdout: stderr, stderr, signal, ...io }, "simulating", async (report) => {
      for (let second = 1; second <= seconds; second++) {
        vi.advanceTimersByTime(1000);
        report(second / 100);
      }
    });
    return lines;
  }

  it("is a line every ten seconds", async () => {
    expect(await told(25)).toEqual([
      "vma-teardown: simulating: 10 %, about 1m30s left\n",
      "vma-teardown: simulating: 20 %, about 1m20s left\n",
    ]);
  });

  it("is nothing where the work is over sooner, or is over", async () => {
    expect(await told(9)).toEqual([]);
    expect(await told(100)).toHaveLength(9);
  });

  it("says that it goes on where nothing is known of its end", async () => {
    const lines: string[] = [];
    const io = { stdout: () => {}, stderr: (text: string) => void lines.push(text) };
    const signal = new AbortController().signal;
    await withProgress({ ...io, signal }, "vmalloc", async (report) => {
      vi.advanceTimersByTime(11_000);
      report(0);
    });
    expect(lines).toEqual(["vma-teardown: vmalloc: 0 %\n"]);
  });

  it("is nothing with --quiet", async () => {
    expect(await told(100, { quiet: true })).toEqual([]);
  });
});
