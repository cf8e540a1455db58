// A chart with its caption and the key to its colours.

import { html, type Markup } from "./markup.ts";

export interface KeyEntry {
  readonly name: string;
  readonly colour: string;
  readonly dash?: readonly number[];
}

function keyEntry({ name, colour, dash = [] }: KeyEntry): Markup {
  const swatch =
    dash.length === 0
      ? html`<rect width="10" height="10" fill="${colour}"/>`
      : html`<path d="M0 5H10" stroke="${colour}" stroke-width="4" stroke-dasharray="3 1.5"/>`;
  return html`<li><svg viewBox="0 0 10 10" aria-hidden="true">${swatch}</svg>${name}</li>`;
}

/** Which colour is what. */
export function key(entries: readonly KeyEntry[]): Markup {
  return html`<ul class="key">${entries.map(keyEntry)}</ul>\n`;
}

export interface FigureWords {
  readonly title: string;
  /** What a reader has to know to read it. */
  readonly note?: string | undefined;
}

export function figure(
  { title, note }: FigureWords,
  picture: Markup,
  entries: readonly KeyEntry[] = [],
): Markup {
  const more = note === undefined ? undefined : html`<small>${note}</small>`;
  return html`<figure>
<figcaption><strong>${title}</strong>${more}</figcaption>
${entries.length === 0 ? undefined : key(entries)}${picture}
</figure>
`;
}
