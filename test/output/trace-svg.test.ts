// A drawing of a trace: what stands where.

import { describe, expect, it } from "vitest";
import type { Trace } from "../../src/api/trace.ts";
import { traceSvg } from "../../src/output/trace-svg.ts";

const batch = (start_ns: number, invoked: number) => {
  const rest = { duration_ns: 1_000_000, ready: 100, limit: 10, softirq: true, cpu: 0 };
  return { start_ns, invoked, ...rest };
};
const hand = (time_ns: number, handed: number, back: number) => ({ time_ns, handed, back });
const TRACE: Trace = {
  hands: [hand(1_000_000, 0, 0), hand(6_000_000, 1_000, 0), hand(11_000_000, 2_000, 500)],
  batches: [batch(4_000_000, 10), batch(8_000_000, 40)],
  batches_lost: 0,
  hands_lost: 0,
};

const all = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, found]) => found);
const barsOf = (svg: string) =>
  all(svg, /<rect x="[^"]+" y="[^"]+" width="[^"]+" height="([^"]+)"/g);
const curvesOf = (svg: string) => all(svg, /<path d="([^"]+)" fill="none" stroke="#/g);

describe("the drawing of a trace", () => {
  it("has bars as high as their batches are large, and says of each what it was", () => {
    const svg = traceSvg("t", TRACE);
    expect(barsOf(svg).map(Number)).toEqual([7.5, 30]);
    expect(svg).toContain("<title>40 of 100 ready, limit 10</title>");
  });

  it("spans the time of all, and the VMAs handed over", () => {
    const svg = traceSvg("t", TRACE);
    const [handed, back] = curvesOf(svg);
    expect(handed).toBe("M80.0 310.0L510.0 175.0L940.0 40.0");
    expect(back).toBe("M80.0 310.0L510.0 310.0L940.0 242.5");
    expect(svg).toContain(">2,000</text>");
    for (const time of ["1.0 ms", "11.0 ms"]) expect(svg).toContain(`>${time}</text>`);
  });

  it("lays a measured trace under it, on the same scale", () => {
    const twice = {
      ...TRACE,
      hands: TRACE.hands.map((one) => ({ ...one, handed: one.handed * 2 })),
    };
    const svg = traceSvg("t", TRACE, twice);
    expect(curvesOf(svg)).toHaveLength(4);
    expect(curvesOf(svg)[2]).toBe("M80.0 310.0L510.0 242.5L940.0 175.0");
    expect(svg).toContain("grey: measured");
  });

  it("is one even of nothing, under a title that has signs of markup", () => {
    const nothing: Trace = { hands: [], batches: [], batches_lost: 0, hands_lost: 0 };
    const svg = traceSvg("a < b & c", nothing);
    expect(svg).toContain(">a &#60; b &#38; c</text>");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
