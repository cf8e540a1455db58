// A page that stands alone: nothing is fetched, nothing runs.

import { html, type Markup } from "./markup.ts";
import { STYLE_ELEMENT } from "./style.ts";

/** Whatever slipped in, the page loads nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

export function section(title: string, ...content: readonly (Markup | undefined)[]): Markup {
  return html`<section>
<h2>${title}</h2>
${content}</section>
`;
}

export function folded(title: string, ...content: readonly (Markup | undefined)[]): Markup {
  return html`<details>
<summary>${title}</summary>
${content}</details>
`;
}

export const paragraph = (text: string): Markup => html`<p>${text}</p>\n`;

/** Lines that stay as they are. */
export const lines = (list: readonly string[]): Markup => html`<pre>${list.join("\n")}</pre>\n`;

export function list(texts: readonly string[]): Markup {
  return html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>\n`;
}

/** The document, with a newline at its end. */
export function page(title: string, body: readonly (Markup | undefined)[]): string {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${POLICY}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${title}</title>
${STYLE_ELEMENT}
</head>
<body>
${body}</body>
</html>
`;
  return text;
}
