// The algebra of a calibration: robust fits with bounds, and what cannot be told apart.

import { describe, expect, it } from "vitest";
import { determination, huberLoss, solve } from "../../src/calibrate/fit.ts";
import { groupCosts } from "../../src/calibrate/groups.ts";

const LINE = {
  design: [
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 4],
  ],
  min: [0, 0],
  max: [50, 50],
};

describe("a fit", () => {
  it("finds the values that cancel the offsets", () => {
    const offset = LINE.design.map(([a, b]) => -(2 * a! + 0.5 * b!));
    const { values, loss } = solve({ ...LINE, offset, initial: [1, 1] });
    expect(values[0]).toBeCloseTo(3, 6);
    expect(values[1]).toBeCloseTo(1.5, 6);
    expect(loss).toBeCloseTo(0, 9);
  });

  it("is not carried away by one figure that is far off", () => {
    const offset = LINE.design.map(([a, b], i) => -(2 * a! + 0.5 * b!) - (i === 2 ? 1000 : 0));
    const { values } = solve({ ...LINE, offset, initial: [1, 1] });
    expect(values[0]).toBeGreaterThan(2.5);
    expect(values[0]).toBeLessThan(5);
  });

  it("stays within its bounds", () => {
    const offset = LINE.design.map(([a, b]) => 5 * a! - 0.5 * b!);
    const { values } = solve({ ...LINE, offset, initial: [1, 1] });
    expect(values[0]).toBe(0);
  });

  it("sets to its bound only what has to be, and lets the others make up for it", () => {
    // Alone both would go far out in opposite directions; within bounds their sum still fits.
    const design = [
      [1, 1],
      [1, 1.01],
    ];
    const problem = { design, offset: [-2, -1], initial: [0, 0], min: [0, 0], max: [50, 50] };
    const { values, residuals } = solve(problem);
    expect(values[1]).toBe(0);
    expect(values[0]).toBeGreaterThan(1);
    expect(Math.max(...residuals.map(Math.abs))).toBeLessThan(1);
  });

  it("with nothing to fit leaves everything", () => {
    const problem = { design: [[], []], offset: [1, -2], initial: [], min: [], max: [] };
    expect(solve(problem)).toEqual({ values: [], residuals: [1, -2], loss: huberLoss([1, -2]) });
  });

  it("says how much the figures determine", () => {
    expect(
      determination([
        [1, 0],
        [0, 2],
      ]),
    ).toEqual({ rank: 2, condition: 2 });
    expect(
      determination([
        [1, 1],
        [2, 2],
      ]).rank,
    ).toBe(1);
    expect(determination([])).toEqual({ rank: 0, condition: 1 });
  });
});

describe("costs", () => {
  it("whose effects are alike are one group, led by the largest", () => {
    const { groups, undetermined } = groupCosts([
      [1, 10, 100],
      [2, 20, 200],
      [0, 0, 0],
      [30, 30, 30],
    ]);
    expect(groups.map(({ members }) => members)).toEqual([[1, 0], [3]]);
    expect(undetermined).toEqual([2]);
  });

  it("whose effect drowns in the error of the figures are not determined", () => {
    expect(groupCosts([[0.1, 0.2, 0.1]])).toEqual({ groups: [], undetermined: [0] });
  });

  it("at a small angle to each other are one group, however exact the figures", () => {
    const { groups } = groupCosts([
      [1000, 1000, 1000],
      [1000, 1100, 1200],
    ]);
    expect(groups.map(({ members }) => members)).toEqual([[1, 0]]);
  });

  it("that none tells alone are told together, where they are alike and nothing else does the same", () => {
    const small = [1, 0, 0];
    const { groups, undetermined } = groupCosts([[0, 9, 9], small, small, [0, 0.9, 0.9]]);
    expect(groups.map(({ members }) => members)).toEqual([
      [0, 3],
      [1, 2],
    ]);
    expect(undetermined).toEqual([]);
    // Alone one of them is too small, and a mixture of others stays one.
    expect(groupCosts([[0.4, 0, 0]]).groups).toEqual([]);
    expect(
      groupCosts([
        [9, 0, 0],
        [0, 9, 0],
        [1, 1, 0.5],
      ]).undetermined,
    ).toEqual([2]);
  });

  it("that are a mixture of others are kept", () => {
    const { groups, undetermined } = groupCosts([
      [100, 0],
      [0, 100],
      [50, 50],
    ]);
    expect(groups.map(({ lead }) => lead)).toEqual([0, 1]);
    expect(undetermined).toEqual([2]);
  });
});
