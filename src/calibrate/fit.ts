// Weighted robust least squares with bounds: Levenberg-Marquardt inside, Huber weights outside.

import { levenbergMarquardt } from "ml-levenberg-marquardt";
import { Matrix, SingularValueDecomposition } from "ml-matrix";

export interface LinearProblem {
  /** One row a figure, one column a parameter: change of the figure in standard errors per unit. */
  readonly design: readonly (readonly number[])[];
  /** Standard errors by which each figure is off at the initial values. */
  readonly offset: readonly number[];
  readonly initial: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}

export interface LinearSolution {
  readonly values: readonly number[];
  /** What remains, in standard errors. */
  readonly residuals: readonly number[];
  /** Sum of Huber's loss over the residuals. */
  readonly loss: number;
}

/** Beyond so many standard errors a figure counts linearly, not squared (Huber, 95 % efficiency). */
const HUBER = 1.345;
const ROBUST_ROUNDS = 20;
const SETTLED = 1e-6;

export function huberLoss(residuals: readonly number[]): number {
  return residuals.reduce((sum, residual) => {
    const size = Math.abs(residual);
    return sum + (size <= HUBER ? (size * size) / 2 : HUBER * (size - HUBER / 2));
  }, 0);
}

function residualsOf(problem: LinearProblem, values: readonly number[]): number[] {
  return problem.offset.map((offset, row) =>
    problem.design[row]!.reduce(
      (sum, effect, i) => sum + effect * (values[i]! - problem.initial[i]!),
      offset,
    ),
  );
}

/** Robust values of the free parameters, wherever they lie; the others stay at `values`. */
function solveFree(problem: LinearProblem, start: readonly number[], free: readonly number[]) {
  let values = [...start];
  const rows = problem.design.map((row) => free.map((i) => row[i]!));
  const x = rows.map((_, row) => row);
  for (let round = 0; free.length > 0 && round < ROBUST_ROUNDS; round++) {
    const residuals = residualsOf(problem, values);
    // The library fits y(x): x is the row, y what is left to explain. Robust weights are folded into
    // both, so that it sees figures of one standard error each.
    const errors = residuals.map((one) => Math.sqrt(Math.max(1, Math.abs(one) / HUBER)));
    const y = residuals.map((residual, row) => -residual / errors[row]!);
    const model = (steps: number[]) => (row: number) =>
      rows[row]!.reduce((sum, effect, i) => sum + effect * steps[i]!, 0) / errors[row]!;
    const { parameterValues } = levenbergMarquardt({ x, y }, model, {
      initialValues: free.map(() => 0),
      jacobianFunction: () => (row) => rows[row]!.map((effect) => effect / errors[row]!),
      damping: 1e-6,
      maxIterations: 50,
      errorTolerance: 1e-12,
      improvementThreshold: 1e-9,
    });
    const moved = Math.max(...parameterValues.map(Math.abs));
    const stepOf = new Map(free.map((i, at) => [i, parameterValues[at]!]));
    values = values.map((value, i) => value + (stepOf.get(i) ?? 0));
    if (moved < SETTLED) break;
  }
  return values;
}

/** The free parameter whose value lies beyond a bound with the largest effect, if there is any. */
function worstBeyond(
  { design, min, max }: LinearProblem,
  values: readonly number[],
  free: number[],
) {
  const effect = (i: number) => Math.sqrt(design.reduce((sum, row) => sum + row[i]! ** 2, 0));
  let worst: number | undefined;
  let most = 0;
  for (const i of free) {
    const beyond = Math.max(min[i]! - values[i]!, values[i]! - max[i]!) * effect(i);
    if (beyond <= most) continue;
    worst = i;
    most = beyond;
  }
  return worst;
}

/**
 * Values within the bounds whose residuals have the smallest robust sum. What would go furthest beyond a
 * bound is set to it, and the others are solved again, one after the other.
 */
export function solve(problem: LinearProblem): LinearSolution {
  const { initial, min, max } = problem;
  const clamped = (value: number, i: number) => Math.min(Math.max(value, min[i]!), max[i]!);
  let values = [...initial];
  let free = [...initial.keys()];
  for (;;) {
    values = solveFree(problem, values, free);
    const worst = worstBeyond(problem, values, free);
    if (worst === undefined) break;
    values[worst] = clamped(values[worst]!, worst);
    free = free.filter((i) => i !== worst);
  }
  values = values.map(clamped); // parameters without any effect
  const residuals = residualsOf(problem, values);
  return { values, residuals, loss: huberLoss(residuals) };
}

export interface Determination {
  /** Parameters that the data can tell apart. */
  readonly rank: number;
  /** Largest over smallest singular value; Infinity where the rank falls short. */
  readonly condition: number;
}

/** Singular values below this share of the largest count as none. */
const SINGULAR_MIN = 1e-6;

export function determination(design: readonly (readonly number[])[]): Determination {
  if (design.length === 0 || design[0]!.length === 0) return { rank: 0, condition: 1 };
  const { diagonal } = new SingularValueDecomposition(new Matrix(design.map((row) => [...row])), {
    autoTranspose: true,
  });
  const largest = Math.max(...diagonal);
  const rank = diagonal.filter((value) => value > largest * SINGULAR_MIN).length;
  const smallest = Math.min(...diagonal);
  return { rank, condition: smallest > 0 ? largest / smallest : Number.POSITIVE_INFINITY };
}
