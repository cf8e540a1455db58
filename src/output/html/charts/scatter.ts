// Two figures against each other: a point a strategy, with its name where there is room for it.

import { ABOVE, type Chart, drawnWidth, EDGE, numberAxis, textWidth } from "./draw.ts";
import { strategyColour } from "./palette.ts";
import { placesOf } from "./places.ts";

export interface ScatterPoint {
  readonly at: number;
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

type Domain = readonly [number, number];

const HEIGHT = 210;
const FRAME = { left: 48, right: EDGE + 8 };

/** Some room at both ends, for names. */
function around(values: readonly number[]): Domain {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = (most - least || most || 1) * 0.1;
  return [Math.max(0, least - room), most + room];
}

const share = (value: number, [from, to]: Domain): number => (value - from) / (to - from);

function drawnPoints(points: readonly ScatterPoint[], across: Domain, up: Domain) {
  const width = drawnWidth(FRAME);
  const at_pixels = points.map(({ x, y, name }) => {
    return { x: share(x, across) * width, y: (1 - share(y, up)) * HEIGHT, width: textWidth(name) };
  });
  const places = placesOf(at_pixels, width, HEIGHT);
  return points.map(({ at, name }, i) => {
    const { x, y } = at_pixels[i]!;
    const place = places[i];
    const text = place && { text: name, text_x: place.x, text_y: place.y, align: place.align };
    return { x, y, colour: strategyColour(at), ...text };
  });
}

export function scatterChart(
  points: readonly ScatterPoint[],
  x_title: string,
  y_title: string,
): Chart {
  const across = around(points.map(({ x }) => x));
  const up: Domain = [0, around(points.map(({ y }) => y))[1]];
  return {
    ...FRAME,
    top: ABOVE,
    bottom: 36,
    height: HEIGHT,
    data: [
      { name: "points", values: drawnPoints(points, across, up) },
      {
        name: "named",
        source: "points",
        transform: [{ type: "filter", expr: "isValid(datum.text)" }],
      },
    ],
    scales: [
      { name: "x", type: "linear", domain: [...across], range: "width", zero: false },
      { name: "y", type: "linear", domain: [...up], range: "height", zero: false },
    ],
    axes: [numberAxis("bottom", x_title), numberAxis("left", y_title)],
    marks: [
      {
        type: "symbol",
        aria: false,
        from: { data: "points" },
        encode: {
          enter: {
            x: { field: "x" },
            y: { field: "y" },
            fill: { field: "colour" },
            size: { value: 70 },
          },
        },
      },
      {
        type: "text",
        aria: false,
        from: { data: "named" },
        encode: {
          enter: {
            x: { field: "text_x" },
            y: { field: "text_y" },
            text: { field: "text" },
            align: { field: "align" },
            baseline: { value: "middle" },
          },
        },
      },
    ],
  };
}
