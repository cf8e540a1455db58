// What charts place by themselves, and what a bad one does.

import { describe, expect, it } from "vitest";
import { type Chart, draw } from "../../../src/output/html/charts/draw.ts";
import { longestChart } from "../../../src/output/html/charts/longest.ts";
import { placesOf } from "../../../src/output/html/charts/places.ts";
import { all, type Element, read } from "./read.ts";

const drawn = async (chart: Chart): Promise<Element> => read((await draw(chart, "a chart")).text);

describe("names of points", () => {
  const box = ({ x, y, align }: { x: number; y: number; align: string }, width: number) => {
    const left = align === "left" ? x : align === "right" ? x - width : x - width / 2;
    return { left, right: left + width, top: y - 6, bottom: y + 6 };
  };

  it("lie neither on each other nor beyond the edge", () => {
    const points = [10, 20, 30, 285, 290, 295].map((x) => ({ x, y: 100, width: 60 }));
    const places = placesOf(points, 300, 200);
    const boxes = places.map((place) => box(place!, 60));
    for (const [i, one] of boxes.entries()) {
      expect(one.left).toBeGreaterThanOrEqual(0);
      expect(one.right).toBeLessThanOrEqual(300);
      for (const other of boxes.slice(i + 1)) {
        const apart = one.right <= other.left || other.right <= one.left;
        expect(apart || one.bottom <= other.top || other.bottom <= one.top).toBe(true);
      }
    }
  });

  it("are left out where there is no room", () => {
    expect(placesOf([{ x: 10, y: 10, width: 500 }], 300, 200)).toEqual([undefined]);
    const crowd = Array.from({ length: 30 }, () => ({ x: 150, y: 100, width: 100 }));
    const named = placesOf(crowd, 300, 200).filter((place) => place !== undefined);
    expect(named.length).toBeGreaterThan(5);
    expect(named.length).toBeLessThan(30);
  });
});

describe("the chart of longest times", () => {
  const duration = (at: number, value: number) => {
    const text = value === 0 ? "none" : String(value);
    return { at, name: `s${at}`, kind: 0, colour: "red", value, text };
  };

  it("has a dot for each but zero, evenly apart for equal factors", async () => {
    const chart = longestChart(
      [1, 10, 1_000, 0].map((value, at) => duration(at, value)),
      "us",
    );
    const svg = await drawn(chart);
    const dots = all(svg, "path").filter(
      ({ attributes }) => attributes.fill === "red" && attributes.transform !== undefined,
    );
    const [a, b, c] = dots.map(({ attributes }) =>
      Number(/translate\(([\d.]+)/.exec(attributes.transform!)![1]),
    );
    expect(dots).toHaveLength(3);
    expect(c! - b!).toBeCloseTo(2 * (b! - a!), 0);
  });

  it("can be drawn where all are equal, or none", async () => {
    for (const values of [
      [5, 5],
      [0, 0],
      [10, 10],
    ]) {
      const svg = await drawn(
        longestChart(
          values.map((value, at) => duration(at, value)),
          "us",
        ),
      );
      expect(all(svg, "text").length).toBeGreaterThan(4);
    }
  });
});

it("a chart that vega complains about is an error, not a gap in the page", async () => {
  const duration = { at: 0, name: "one", kind: 0, colour: "red", value: 1, text: "1" };
  const chart = longestChart([duration], "us");
  // vega places labels with a canvas, which there is none of; it says so to its logger and draws on
  const label = { type: "label", size: [9, 9] };
  const dots = { type: "symbol", name: "dots", from: { data: "names" } };
  const text = { enter: { text: { value: "name" } } };
  const names = { type: "text", from: { data: "dots" }, encode: text, transform: [label] };
  const marks = [dots, names] as Chart["marks"];
  const drawing = draw({ ...chart, marks }, "broken");
  await expect(drawing).rejects.toThrow("a chart could not be drawn");
});
