// Repeats of a machine that runs now at one pace, now at another.

import { describe, expect, it } from "vitest";
import { paceWeights, type Repeat } from "../../src/stats/pace.ts";
import { quartileError, typicalOf } from "../../src/stats/repeats.ts";

/** One round a line, one cell a column: what the work before took. */
function repeatsOf(picture: string): Repeat[] {
  const rounds = picture.trim().split("\n");
  return rounds.flatMap((line, round) =>
    line
      .trim()
      .split(/\s+/)
      .map((work, cell) => {
        return { cell: `cell ${cell}`, round: `${round}`, work_ns: Number(work) };
      }),
  );
}

/** The weights, laid out as the picture is. */
function weightsOf(picture: string): number[][] {
  const weights = paceWeights(repeatsOf(picture))!;
  const width = picture.trim().split("\n")[0]!.trim().split(/\s+/).length;
  const lines = Array.from({ length: weights.length / width }, (_, i) => i * width);
  return lines.map((at) => weights.slice(at, at + width).map((one) => Number(one.toFixed(2))));
}

describe("the pace of a machine", () => {
  it("is one when nothing disturbs it: every repeat counts", () => {
    expect(
      weightsOf(`
        200 400
        200 400
        200 400`),
    ).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it("changes between rounds: those at the more frequent pace count", () => {
    expect(
      weightsOf(`
        200 400 900
        300 600 1350
        302 604 1359
        300 600 1350`),
    ).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [0.92, 0.92, 0.92],
      [1, 1, 1],
    ]);
  });

  it("changes in the middle of a round, too", () => {
    expect(
      weightsOf(`
        200 400 900
        300 600 900
        200 400 1350
        200 400 900`),
    ).toEqual([
      [1, 1, 1],
      [0, 0, 1],
      [1, 1, 0],
      [1, 1, 1],
    ]);
  });

  it("is that at which the poorest cell has most repeats, not the most frequent one of all", () => {
    // The first cell was met fast once; all others were four times of six.
    expect(
      weightsOf(`
        300 400  900 500
        300 400  900 500
        300 400  900 500
        300 600 1350 750
        300 600 1350 750
        200 400  900 500`),
    ).toEqual([
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]);
  });

  it("a cell never measured at it is stood for by the repeat that comes nearest", () => {
    const weights = weightsOf(`
      300 400 900 500
      320 400 900 500
      330 400 900 500`);
    expect(weights.map((line) => line.slice(1))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    expect(weights.map(([first]) => first)).toEqual([0.22, 1, 0.61]);
  });

  it("cannot be told where the work before was not noted", () => {
    const [first, ...others] = repeatsOf("200 400");
    expect(paceWeights([{ ...first!, work_ns: undefined }, ...others])).toBeUndefined();
    expect(paceWeights([])).toBeUndefined();
  });
});

describe("of repeats", () => {
  const times = (list: readonly number[], weights?: readonly number[]) =>
    list.map((time_ns, i) => ({ time_ns, weight: weights?.[i] }));
  const MANY = [500, 901, 902, 903, 904, 905, 906, 907, 5_000, 6_000, 7_000, 8_000];

  it("without a pace the lower quartile counts: neither luck nor a disturbed half moves it", () => {
    expect(typicalOf(times(MANY), "quartile")).toBe(902);
    expect(typicalOf(times(MANY), "minimum")).toBe(500);
    // Ranks 3 +- 1.5: from the second to the fifth.
    expect(quartileError(times(MANY))).toBeCloseTo((904 - 901) / 2 / 902, 12);
    expect(quartileError(times([700]))).toBe(0);
  });

  it("with one the quartile of those made at it counts, in proportion to their weights", () => {
    const paced = [700, 710, 1_150, 1_160, 1_170];
    expect(typicalOf(times(paced, [1, 0.5, 0, 0, 0]), "quartile")).toBe(700);
    expect(typicalOf(times(paced, [0, 0, 0.3, 1, 0.9]), "quartile")).toBe(1_160);
    expect(typicalOf(times(paced, [0, 0, 0.3, 1, 0.9]), "minimum")).toBe(700);
    // Three equal ones: ranks 0.75 +- 0.75, from the first to the second.
    expect(quartileError(times(paced, [0, 0, 1, 1, 1]))).toBeCloseTo(10 / 2 / 1_150, 12);
  });

  it("one at the pace is no surer than paces are alike", () => {
    expect(quartileError(times([700, 1_150], [0.6, 0]))).toBe(0.08);
  });
});
