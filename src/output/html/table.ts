// Tables with headers for rows and columns, which scroll by themselves where a screen is narrow.

import type { Cells } from "../table.ts";
import { html, type Markup } from "./markup.ts";

export interface HtmlCell {
  readonly text: string;
  readonly first?: boolean;
}

export interface HtmlRow {
  readonly label: string;
  readonly cells: readonly HtmlCell[];
}

function scrolling(name: string, table: Markup): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}">${table}</div>\n`;
}

/** Labels that begin with blanks are parts of the row above. */
function rowMarkup({ label, cells }: HtmlRow): Markup {
  const inner = label.startsWith(" ") ? html` class="inner"` : undefined;
  const all = cells.map(({ text, first }) =>
    first === true ? html`<td class="first">${text}</td>` : html`<td>${text}</td>`,
  );
  return html`<tr><th scope="row"${inner}>${label.trim()}</th>${all}</tr>\n`;
}

/** A row a figure, a column a strategy. */
export function figureTable(
  name: string,
  columns: readonly string[],
  rows: readonly HtmlRow[],
): Markup {
  const head = columns.map((title) => html`<th scope="col">${title}</th>`);
  return scrolling(
    name,
    html`<table>
<thead><tr><td></td>${head}</tr></thead>
<tbody>
${rows.map(rowMarkup)}</tbody>
</table>`,
  );
}

/** A label stands for the rows below it that have none. */
function rowHead(rows: Cells["rows"], at: number, label: string): Markup | undefined {
  if (label === "" && at > 0) return undefined;
  const next = rows.findIndex((row, i) => i > at && row[0] !== "");
  const count = (next === -1 ? rows.length : next) - at;
  if (count === 1) return html`<th scope="row">${label}</th>`;
  return html`<th scope="rowgroup" rowspan="${count}">${label}</th>`;
}

/** A table of the text reports; its first column names the rows. */
export function cellsTable(name: string, { columns, rows }: Cells): Markup {
  const aligned = columns.map(({ align }) => (align === "left" ? html` class="left"` : undefined));
  const head = columns.map(({ title }, i) =>
    title === "" ? html`<td></td>` : html`<th scope="col"${aligned[i]}>${title}</th>`,
  );
  const body = rows.map(([label = "", ...cells], i) => {
    const rest = cells.map((text, at) => html`<td${aligned[at + 1]}>${text}</td>`);
    return html`<tr>${rowHead(rows, i, label)}${rest}</tr>\n`;
  });
  return scrolling(
    name,
    html`<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>`,
  );
}
