// Where the names of points go: beside them, above or below, wherever neither a point nor another name is.

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly align: "left" | "right" | "center";
}

/** A point with the width of its name, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const RADIUS = 5;
const GAP = 8;
const HALF_LINE = 6;
const LINE = 2 * HALF_LINE + 2;

const apart = (a: Box, b: Box): boolean =>
  a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;

function boxOf({ x, y, align }: Placed, width: number): Box {
  const left = { left: x, center: x - width / 2, right: x - width }[align];
  return { left, right: left + width, top: y - HALF_LINE, bottom: y + HALF_LINE };
}

/** The nearest first. */
function candidates({ x, y }: Point): Placed[] {
  const rows = [0, -LINE, LINE, -2 * LINE, 2 * LINE];
  return rows.flatMap((down): Placed[] => [
    { x: x + GAP, y: y + down, align: "left" },
    { x: x - GAP, y: y + down, align: "right" },
    ...(down === 0 ? [] : [{ x, y: y + down, align: "center" } as const]),
  ]);
}

/** A place each, inside `width` and `height`; undefined where there is none. */
export function placesOf(
  points: readonly Point[],
  width: number,
  height: number,
): (Placed | undefined)[] {
  const taken: Box[] = points.map(({ x, y }) => {
    return { left: x - RADIUS, right: x + RADIUS, top: y - RADIUS, bottom: y + RADIUS };
  });
  return points.map((point) => {
    const place = candidates(point).find((one) => {
      const box = boxOf(one, point.width);
      const inside = box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height;
      return inside && taken.every((other) => apart(box, other));
    });
    if (place !== undefined) taken.push(boxOf(place, point.width));
    return place;
  });
}
