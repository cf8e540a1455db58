// What holds of every page that stands alone: nothing loaded, nothing run, only colours of its own style.

import { expect } from "vitest";
import { all, below, type Element, textOf } from "./read.ts";

const TAGS = ["script", "img", "link", "iframe", "object", "image", "use", "a", "base"];

export function expectAlone(page: Element): void {
  const tags = new Set(below(page).map(({ tag }) => tag));
  for (const tag of TAGS) expect(tags, tag).not.toContain(tag);
  const names = below(page).flatMap(({ attributes }) => Object.keys(attributes));
  expect(names.filter((name) => /^on|^src|href$|^style$/.test(name))).toEqual([]);
  const styles = all(page, "style").map(textOf).join("");
  expect(styles).not.toMatch(/url\(|@import|@font-face/);
  const policy = all(page, "meta").map(({ attributes }) => attributes.content);
  expect(policy).toContain("default-src 'none'; style-src 'unsafe-inline'");
}

/** Each by day, by night and on paper. */
export function expectOwnColours(page: Element, html: string): void {
  const styles = all(page, "style").map(textOf).join("");
  const used = new Set([...html.matchAll(/var\((--\w+)\)/g)].map(([, name]) => name!));
  expect(used.size).toBeGreaterThan(5);
  for (const name of used) expect(styles.split(`${name}:`), name).toHaveLength(4);
  const painted = [...html.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour!);
  const fixed = painted.filter(
    (colour) => !/^(?:var\(--\w+\)|none|currentColor|transparent)$/.test(colour),
  );
  expect(fixed).toEqual([]);
}

/** Each has a caption and one picture. */
export function expectFigures(page: Element, least: number): void {
  const figures = all(page, "figure");
  expect(figures.length).toBeGreaterThanOrEqual(least);
  for (const figure of figures) {
    expect(textOf(all(figure, "figcaption")[0]!).length).toBeGreaterThan(5);
    const pictures = all(figure, "svg").filter(({ attributes }) => attributes.role === "img");
    expect(pictures).toHaveLength(1);
  }
}
