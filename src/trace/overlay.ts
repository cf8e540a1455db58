// Two traces of the same run laid over each other: how far apart are they?
//
//   callbacks          measured ____     The area between the two curves of callbacks invoked over
//   invoked            ____/####|        time, as a share of all callbacks times the time in which
//              _______/#########|        they were invoked: 0 for the same curve. A tenth means that
//             /____simulated____|        callbacks run a tenth of that time too early or too late.

import type { Trace, TracedBatch } from "../api/trace.ts";

interface Point {
  readonly time_ns: number;
  readonly invoked: number;
}

/** Corners of the curve of callbacks invoked: level between batches, rising evenly in one. */
function invokedCurve(batches: readonly TracedBatch[]): Point[] {
  let invoked = 0;
  const points: Point[] = [];
  for (const batch of [...batches].sort((a, b) => a.start_ns - b.start_ns)) {
    points.push({ time_ns: batch.start_ns, invoked });
    invoked += batch.invoked;
    points.push({ time_ns: batch.start_ns + Math.max(1, batch.duration_ns), invoked });
  }
  return points;
}

function valueAt(points: readonly Point[], time_ns: number, from: number): [number, number] {
  let at = from;
  while (at < points.length && points[at]!.time_ns <= time_ns) at++;
  if (at === 0) return [0, 0];
  const before = points[at - 1]!;
  const after = points[at];
  if (after === undefined || after.time_ns === before.time_ns) return [before.invoked, at];
  const share = (time_ns - before.time_ns) / (after.time_ns - before.time_ns);
  return [before.invoked + share * (after.invoked - before.invoked), at];
}

/** 0: the same curve. See above. */
export function distance(measured: Trace, simulated: Trace): number {
  const curves = [invokedCurve(measured.batches), invokedCurve(simulated.batches)] as const;
  const corners = [...new Set(curves.flat().map(({ time_ns }) => time_ns))].sort((a, b) => a - b);
  const all = curves[0].at(-1)?.invoked ?? 0;
  const span = (corners.at(-1) ?? 0) - (corners[0] ?? 0);
  if (all === 0 || span === 0) return curves[1].length === 0 ? 0 : 1;
  let area = 0;
  let places: [number, number] = [0, 0];
  let last: { time: number; gap: number } | undefined;
  for (const time of corners) {
    const [one, first] = valueAt(curves[0], time, places[0]);
    const [two, second] = valueAt(curves[1], time, places[1]);
    places = [first, second];
    const gap = Math.abs(one - two);
    if (last !== undefined) area += ((gap + last.gap) / 2) * (time - last.time);
    last = { time, gap };
  }
  return area / (all * span);
}

/** The simulated trace that comes nearest: its number, and how near. */
export function nearest(measured: Trace, simulated: readonly Trace[]): [number, number] {
  const distances = simulated.map((trace) => distance(measured, trace));
  const least = Math.min(...distances);
  return [distances.indexOf(least), least];
}
