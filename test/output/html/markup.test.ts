// Templates escape what is put into them.

import { expect, it } from "vitest";
import { html } from "../../../src/output/html/markup.ts";
import { read, textOf } from "./read.ts";

it("puts text in as text, in elements and in attributes", () => {
  const bad = `</p><script>&amp;"'`;
  const { text } = html`<p title="${bad}" lang='${bad}'>${bad}</p>`;
  const [p] = read(text).children;
  if (typeof p !== "object") throw new Error("no element");
  expect(p.attributes).toEqual({ title: bad, lang: bad });
  expect(textOf(p)).toBe(bad);
});

it("takes markup, lists, numbers and nothing", () => {
  const items = ["a<b", "c"].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}${undefined}${[1, [2]]}</ul>`.text).toBe(
    "<ul><li>a&lt;b</li><li>c</li>12</ul>",
  );
});
