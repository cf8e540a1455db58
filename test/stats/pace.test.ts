// Repeats of a machine that runs now at one pace, now at another.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paceWeights, type Repeat } from "../../src/stats/pace.ts";
import { typicalError, typicalOf } from "../../src/stats/repeats.ts";

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
function exactWeightsOf(picture: string): number[][] {
  const weights = paceWeights(repeatsOf(picture))!;
  const width = picture.trim().split("\n")[0]!.trim().split(/\s+/).length;
  const lines = Array.from({ length: weights.length / width }, (_, i) => i * width);
  return lines.map((at) => weights.slice(at, at + width));
}

/** To two places. */
function weightsOf(picture: string): number[][] {
  return exactWeightsOf(picture).map((line) => line.map((one) => Number(one.toFixed(2))));
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

  it("leaves no cell without a repeat that counts, however wild the machine is", () => {
    const rounds = fc.array(
      fc.tuple(...[200, 400, 900].map((ns) => fc.integer({ min: ns, max: 3 * ns }))),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(rounds, (table) => {
        const weights = exactWeightsOf(table.map((round) => round.join(" ")).join("\n"));
        for (const cell of [0, 1, 2]) {
          expect(Math.max(...weights.map((round) => round[cell]!))).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000, seed: 1977 },
    );
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
    expect(typicalOf(times(MANY), "typical")).toBe(902);
    expect(typicalOf(times(MANY), "minimum")).toBe(500);
    // Ranks 3 +- 1.5: from the first to the fifth.
    expect(typicalError(times(MANY))).toBeCloseTo((904 - 500) / 2 / 902, 12);
    expect(typicalError(times([700]))).toBe(0);
  });

  it("with one the middle half of those made at it is averaged", () => {
    const paced = [700, 1_100, 1_110, 1_120, 1_900, 9_000];
    const weights = [0, 1, 1, 1, 1, 0];
    // Of four equal ones the second and the third.
    expect(typicalOf(times(paced, weights), "typical")).toBe(1_115);
    expect(typicalOf(times(paced, weights), "minimum")).toBe(700);
    // Of two, half of each; of three the middle one and a quarter of both others.
    expect(typicalOf(times([100, 200], [1, 1]), "typical")).toBeCloseTo(150, 9);
    expect(typicalOf(times([100, 200, 600], [1, 1, 1]), "typical")).toBeCloseTo(1_500 / 6, 9);
    // Weights 3 and 1: the first has the middle half but nothing of the second.
    expect(typicalOf(times([100, 200], [0.9, 0.3]), "typical")).toBeCloseTo(100, 9);
  });

  it("its error is that of repeats with the ends moved to the quartiles", () => {
    // 1,100 1,110 1,120 and 1,900 moved to 1,120: quartiles at the first and the third.
    const paced = times([1_100, 1_110, 1_120, 1_900], [1, 1, 1, 1]);
    const moved = [1_100, 1_110, 1_120, 1_120];
    const variance = moved.reduce((sum, one) => sum + (one - 1_112.5) ** 2, 0) / 4;
    expect(typicalError(paced)).toBeCloseTo(Math.sqrt(variance / 4) / 0.5 / 1_115, 12);
    expect(typicalError(times([700, 700, 700], [1, 0.5, 0.1]))).toBe(0);
    // One at the pace is no surer than paces are alike.
    expect(typicalError(times([700, 1_150], [0.6, 0]))).toBeCloseTo(0.08, 12);
  });
});
