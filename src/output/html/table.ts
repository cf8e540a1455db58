// Tables with headers for rows and columns, which scroll by themselves where a screen is narrow.

import type { Cells, Column } from "../table.ts";
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

function tableOf(name: string, head: readonly Markup[], body: readonly Markup[]): Markup {
  return scrolling(
    name,
    html`<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>`,
  );
}

const cellMarkup = ({ text, first }: HtmlCell): Markup =>
  first === true ? html`<td class="first">${text}</td>` : html`<td>${text}</td>`;

/** Labels that begin with blanks are parts of the row above. */
function rowMarkup({ label, cells }: HtmlRow): Markup {
  const inner = label.startsWith(" ") ? html` class="inner"` : undefined;
  return html`<tr><th scope="row"${inner}>${label.trim()}</th>${cells.map(cellMarkup)}</tr>\n`;
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

/** A row that more than one name tells. */
export interface GridRow {
  readonly names: readonly string[];
  readonly cells: readonly HtmlCell[];
}

/** Rows by their names, a column each of `names`, and beside these a column of cells each of `columns`. */
export function gridTable(
  name: string,
  names: readonly Column[],
  columns: readonly string[],
  rows: readonly GridRow[],
): Markup {
  const side = names.map(({ align }) => (align === "left" ? undefined : html` class="number"`));
  const head = [
    ...names.map(
      ({ title }, i) => html`<th scope="col"${side[i] ?? html` class="left"`}>${title}</th>`,
    ),
    ...columns.map((title) => html`<th scope="col">${title}</th>`),
  ];
  const body = rows.map(({ names: own, cells }) => {
    const named = own.map((text, i) => html`<th scope="row"${side[i]}>${text}</th>`);
    return html`<tr>${named}${cells.map(cellMarkup)}</tr>\n`;
  });
  return tableOf(name, head, body);
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
  return tableOf(name, head, body);
}
