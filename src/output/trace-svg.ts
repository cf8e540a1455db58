// Traces as a drawing: VMAs handed over and back over time, batches as bars below. A measured trace
// lies under the simulated one in grey.

import type { Trace } from "../api/trace.ts";
import { grouped } from "./format.ts";

const WIDTH = 960;
const HEIGHT = 420;
const LEFT = 80;
const RIGHT = 20;
const TOP = 40;
const CURVES = 270;
const BARS = 60;

const COLORS = {
  measured: { handed: "#bbbbbb", back: "#666666", bar: "#999999" },
  simulated: { handed: "#f0a860", back: "#c03028", bar: "#c03028" },
} as const;

interface Scale {
  readonly x: (ns: number) => number;
  readonly y: (count: number) => number;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function path(points: readonly (readonly [number, number])[], color: string): string {
  if (points.length === 0) return "";
  const steps = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`);
  return `<path d="${steps.join("")}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
}

/** VMAs that came back after the last hand-over show only in the batches: drawn to the end. */
function curves(trace: Trace, who: keyof typeof COLORS, { x, y }: Scale): string[] {
  const color = COLORS[who];
  return [
    path(
      trace.hands.map(({ time_ns, handed }) => [x(time_ns), y(handed)] as const),
      color.handed,
    ),
    path(
      trace.hands.map(({ time_ns, back }) => [x(time_ns), y(back)] as const),
      color.back,
    ),
  ];
}

function bars(trace: Trace, who: keyof typeof COLORS, top: number, { x }: Scale): string[] {
  const most = Math.max(1, ...trace.batches.map(({ invoked }) => invoked));
  return trace.batches.map((batch) => {
    const left = x(batch.start_ns);
    const width = Math.max(0.8, x(batch.start_ns + batch.duration_ns) - left);
    const height = (BARS / 2) * (batch.invoked / most);
    const place = `x="${left.toFixed(1)}" y="${(top + BARS / 2 - height).toFixed(1)}"`;
    const size = `width="${width.toFixed(1)}" height="${height.toFixed(1)}"`;
    const title = `${batch.invoked} of ${batch.ready} ready, limit ${batch.limit}`;
    return `<rect ${place} ${size} fill="${COLORS[who].bar}"><title>${title}</title></rect>`;
  });
}

function label(x: number, y: number, text: string, anchor = "start"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

/** An SVG document. */
export function traceSvg(title: string, simulated: Trace, measured?: Trace): string {
  const traces = measured === undefined ? [simulated] : [measured, simulated];
  const times = traces.flatMap(({ hands, batches }) => [
    ...hands.map(({ time_ns }) => time_ns),
    ...batches.flatMap(({ start_ns, duration_ns }) => [start_ns, start_ns + duration_ns]),
  ]);
  const first = times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const last = times.reduce((most, time) => Math.max(most, time), first + 1);
  const counts = traces.flatMap(({ hands }) => hands.map(({ handed }) => handed));
  const most = counts.reduce((high, count) => Math.max(high, count), 1);
  const scale: Scale = {
    x: (ns) => LEFT + ((ns - first) / (last - first)) * (WIDTH - LEFT - RIGHT),
    y: (count) => TOP + CURVES - (count / most) * CURVES,
  };
  const bottom = TOP + CURVES;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" ` +
      `viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    label(LEFT, 22, title),
    `<path d="M${LEFT} ${TOP}V${bottom}H${WIDTH - RIGHT}" fill="none" stroke="black"/>`,
    label(LEFT - 6, TOP + 10, grouped(most), "end"),
    label(LEFT - 6, bottom, "0 VMAs", "end"),
    label(LEFT, HEIGHT - 6, `${(first / 1e6).toFixed(1)} ms`),
    label(WIDTH - RIGHT, HEIGHT - 6, `${(last / 1e6).toFixed(1)} ms`, "end"),
    ...(measured === undefined ? [] : curves(measured, "measured", scale)),
    ...curves(simulated, "simulated", scale),
    ...(measured === undefined ? [] : bars(measured, "measured", bottom + 6, scale)),
    ...bars(simulated, "simulated", bottom + 6 + BARS / 2 + 4, scale),
    label(LEFT + 8, TOP + 12, "upper curves: handed over; lower: back; bars: batches of callbacks"),
    label(
      LEFT + 8,
      TOP + 28,
      measured === undefined ? "simulated" : "grey: measured; colour: simulated",
    ),
    "</svg>",
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}
