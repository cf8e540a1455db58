// Charts as SVG in the page. Vega draws; sizes are given and not measured, so that they are the same wherever there
// are other fonts, and colours are those of the page's style.

import type { Axis, LoggerInterface, Mark, Scale, Spec } from "vega";
import { shorterSvg } from "../../svg-numbers.ts";
import { html, Markup } from "../markup.ts";

/** Of every chart, in its own pixels: what a phone has beside the page's edges, and a column on a wide screen. */
export const CHART_WIDTH = 400;
/** Between the parts of a chart and its edge. */
export const EDGE = 8;
const FONT_SIZE = 11;
/** An em dash apart no letter of common fonts takes more, on average. */
const LETTER = 6.3;

/** Pixels that a text takes, about, and rather too many. */
export const textWidth = (text: string): number => Math.ceil(text.length * LETTER);

export interface Chart {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Of what lies between the axes. */
  readonly height: number;
  readonly data: Spec["data"];
  readonly scales: readonly Scale[];
  readonly axes: readonly Axis[];
  readonly marks: readonly Mark[];
}

const INK = "currentColor";

const CONFIG = {
  axis: {
    domainColor: INK,
    domainOpacity: 0.4,
    tickColor: INK,
    tickOpacity: 0.4,
    gridColor: INK,
    gridOpacity: 0.13,
    labelColor: INK,
    titleColor: INK,
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: "normal",
    // texts are cut where they are made; vega would measure them
    labelLimit: 0,
    titleLimit: 0,
  },
  text: { fill: INK, fontSize: FONT_SIZE, limit: 0 },
} as const;

/** Above an axis at the left: its name lies there, for beside it vega would guess how wide the numbers are. */
export const ABOVE = 24;

/** An axis of numbers; without a title where the caption says it. */
export function numberAxis(orient: "bottom" | "left", title = ""): Axis {
  const named = title === "" ? {} : { title };
  const common = { orient, ...named, format: ",~r", grid: true, labelOverlap: true, aria: false };
  if (orient === "bottom") return { ...common, scale: "x", tickCount: 5 };
  const above = { titleAngle: 0, titleAlign: "left", titleX: EDGE - 40, titleY: -14 } as const;
  return { ...common, scale: "y", tickCount: 4, ...above };
}

/** Between the left and the right edge of what a chart draws. */
export const drawnWidth = ({ left, right }: Pick<Chart, "left" | "right">): number =>
  CHART_WIDTH - left - right;

/** Its types do not tell of all that it has. */
type Vega = typeof import("vega") & {
  readonly textMetrics?: { readonly canvas: (use: boolean) => void };
};

/** Vega tells its logger what went wrong, and draws on without it. */
function strict() {
  const fail = (...what: readonly unknown[]): never => {
    throw new Error(`a chart could not be drawn: ${what.join(" ")}`);
  };
  const logger = {
    level: () => logger,
    error: fail,
    warn: fail,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** The chart as an element that is one picture to who listens, with `label` for what it shows. */
export async function draw(chart: Chart, label: string): Promise<Markup> {
  const vega: Vega = await import("vega");
  const { View, parse } = vega;
  // with a canvas package beside it vega would measure the fonts of this machine
  vega.textMetrics?.canvas(false);
  const { left, right, top, bottom, height, data, scales, axes, marks } = chart;
  const padding = { left, right, top, bottom };
  const size = { width: drawnWidth(chart), height, padding, autosize: "none" };
  const spec = { ...size, config: CONFIG, data, scales, axes, marks } as unknown as Spec;
  const view = new View(parse(spec), {
    renderer: "none",
    logger: strict() as unknown as LoggerInterface,
  });
  const svg = await view.toSVG();
  view.finalize();
  const inner = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"));
  const box = `0 0 ${CHART_WIDTH} ${top + height + bottom}`;
  const picture = new Markup(shorterSvg(inner));
  return html`<svg viewBox="${box}" role="img" aria-label="${label}">${picture}</svg>`;
}
