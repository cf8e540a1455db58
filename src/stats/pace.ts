// How much each repeat of a measurement counts, seen from the pace at which the machine ran.
//
// A virtual machine whose core others use too runs at two or three paces, for seconds or minutes each, up to
// 1.7 apart. Repeats made at one pace and at another are two measurements: what lies between them is true of
// neither, and cells that happen to be compared at different paces make a cost look as if it changed with
// size. What a child did right before, the same work in every repeat of its cell, tells the pace.

import { quantile } from "./quantiles.ts";

export interface Repeat {
  /** What was measured: repeats of one cell did the same work. */
  readonly cell: string;
  /** When: all cells are measured once a round. */
  readonly round: string;
  /** Time of the work right before; undefined where nobody noted it. */
  readonly work_ns: number | undefined;
}

/** Repeats whose pace differs by more than this share do not count. */
export const PACE_WIDTH = 0.08;
/** Of a cell that has so many at the pace, more do not make the pace a better choice. */
const ENOUGH = 3;
const POLISH_ROUNDS = 30;

function indicesBy(keys: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  keys.forEach((key, index) => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups.values()];
}

/**
 * How many times longer each repeat's work took than its cell's work takes in a middling round: a median
 * polish (Tukey, Exploratory Data Analysis, 11) of cells and rounds, with ratios instead of differences.
 * A median of the cell alone would hang on how many of its repeats happened to be slow ones.
 */
export function slownessOf(
  cells: readonly (readonly number[])[],
  rounds: readonly (readonly number[])[],
  work_ns: readonly number[],
): number[] {
  const of_cell = work_ns.map(() => 1);
  const of_round = work_ns.map(() => 1);
  const divide = (
    groups: readonly (readonly number[])[],
    effect: number[],
    other: readonly number[],
  ) => {
    let moved = false;
    for (const group of groups) {
      const middle = quantile(
        group.map((i) => work_ns[i]! / other[i]!),
        0.5,
      );
      moved ||= middle !== effect[group[0]!];
      for (const i of group) effect[i] = middle;
    }
    return moved;
  };
  for (let round = 0; round < POLISH_ROUNDS; round++) {
    const moved = divide(cells, of_cell, of_round);
    if (!divide(rounds, of_round, of_cell) && !moved) break;
  }
  return work_ns.map((ns, i) => ns / of_cell[i]!);
}

/** 1 at the pace, 0 where it is PACE_WIDTH off. */
function weightAt(slowness: number, pace: number): number {
  return Math.max(0, 1 - Math.abs(slowness / pace - 1) / PACE_WIDTH);
}

/** The pace at which the poorest cell has most repeats; of several such, all cells together. */
function commonPace(cells: readonly (readonly number[])[], slowness: readonly number[]): number {
  let best = { poorest: -1, all: -1, pace: 1 };
  for (const pace of new Set(slowness)) {
    const sums = cells.map((cell) =>
      cell.reduce((sum, i) => sum + weightAt(slowness[i]!, pace), 0),
    );
    const poorest = Math.min(ENOUGH, ...sums);
    const all = sums.reduce((sum, one) => sum + one, 0);
    if (poorest < best.poorest || (poorest === best.poorest && all <= best.all)) continue;
    best = { poorest, all, pace };
  }
  return best.pace;
}

/**
 * The weight of each repeat, 0 to 1; some repeat of every cell has one. Undefined where the work before was
 * not noted, so that paces cannot be told apart.
 */
export function paceWeights(repeats: readonly Repeat[]): number[] | undefined {
  const work_ns = repeats.map((repeat) => repeat.work_ns ?? 0);
  if (repeats.length === 0 || work_ns.some((ns) => ns <= 0)) return undefined;
  const cells = indicesBy(repeats.map(({ cell }) => cell));
  const rounds = indicesBy(repeats.map(({ round }) => round));
  const slowness = slownessOf(cells, rounds, work_ns);
  const pace = commonPace(cells, slowness);
  const weights = slowness.map((one) => weightAt(one, pace));
  for (const cell of cells) {
    if (cell.some((i) => weights[i]! > 0)) continue;
    // Never measured at that pace: the repeat that comes nearest to it stands for the cell.
    const distance = (i: number) => Math.abs(slowness[i]! / pace - 1);
    const nearest = cell.reduce((best, i) => (distance(i) < distance(best) ? i : best));
    weights[nearest] = weightAt(pace * (1 + PACE_WIDTH / 2), pace);
  }
  return weights;
}
