// How the page looks: on a wide screen and a phone, by day, by night, and on paper. Charts take their colours
// from here, by name, so that they change with the page.

import { Markup } from "./markup.ts";

// Colours that people with any common colour blindness tell apart, on white and, lighter, on black.
const LIGHT = `
--text: #1a1a1a; --page: #ffffff; --faint: #5c5c5c; --line: #d5d5d5; --band: #f4f4f4;
--s0: #1f6fb4; --s1: #d1570a; --s2: #1b8a5a; --s3: #b0387f; --s4: #7a5cc4;
--s5: #8a6d00; --s6: #00808f; --s7: #c2333c; --s8: #5f6b76; --s9: #6b8e23;
--p0: #2b5d8a; --p1: #6ba3d6; --p2: #e08a3c; --p3: #a8501a; --p4: #7fb069; --p5: #9a9a9a;`;
const DARK = `
--text: #e6e6e6; --page: #161616; --faint: #a6a6a6; --line: #3d3d3d; --band: #222222;
--s0: #6cb2ee; --s1: #f59a4f; --s2: #56c596; --s3: #ee82c0; --s4: #b39df0;
--s5: #d9bb45; --s6: #4fc6d4; --s7: #f2848a; --s8: #a9b4bf; --s9: #aecb5c;
--p0: #5a94c8; --p1: #a5cdf0; --p2: #f0ab68; --p3: #cf7a42; --p4: #a3cf90; --p5: #b5b5b5;`;

const STYLE = `
:root { color-scheme: light dark;${LIGHT} }
@media (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; color: var(--text); background: var(--page);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p, dl, ul { max-width: 48rem; }
p { margin: .5rem 0; }
.beyond { border-left: .3rem solid var(--s1); padding-left: .7rem; }
.faint, figcaption small { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: .5rem 0; }
dt { font-weight: 600; }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); }
th, td { padding: .15rem .6rem; text-align: right; white-space: nowrap; font-weight: 400; }
th[scope=row], th[scope=rowgroup], th.left, td.left { text-align: left; }
th[scope=rowgroup] { vertical-align: top; background: var(--page); }
th.number[scope] { text-align: right; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
dd p { margin: 0; }
th.inner { padding-left: 1.6rem; }
thead th { font-weight: 600; border-bottom: 1px solid var(--faint); vertical-align: bottom; }
tbody tr:nth-child(even) { background: var(--band); }
td.first { font-weight: 700; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr));
  gap: 1.2rem 2rem; }
figure { margin: 0; break-inside: avoid; max-width: 34rem; }
figcaption { font-size: .875rem; }
figcaption small { display: block; font-size: .8125rem; }
figure svg { display: block; width: 100%; height: auto; color: var(--text); }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .2rem 0; padding: 0;
  font-size: .8125rem; }
.key svg { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.08rem; }
pre { overflow-x: auto; background: var(--band); padding: .6rem .8rem; font-size: .8125rem; line-height: 1.4; }
pre.wraps { white-space: pre-wrap; }
details { margin: .6rem 0; }
summary { cursor: pointer; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
@media print {
  :root { color-scheme: light;${LIGHT} }
  body { max-width: none; padding: 0; font-size: .8rem; }
  .scroll, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  table { font-size: .7rem; }
  tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; }
}
`;

/** The element, for a page's head. */
export const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);
