// Coordinates of drawings, as short as eyes need them.

/** Tenths of a pixel are enough; texts stay as they are. */
export function shorterSvg(svg: string): string {
  return svg.replace(/ (?:d|transform|x|y|x2|y2)="[^"]*"/g, (place) =>
    place.replace(/\d+\.\d{2,}/g, (number) => Number(number).toFixed(1)),
  );
}
