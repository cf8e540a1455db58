// What a page says of how to run it again.

import { packageVersion } from "../../files.ts";
import { grouped } from "../format.ts";
import { jsonText } from "../json.ts";
import { html, type Markup } from "./markup.ts";
import { folded, lines, paragraph, section } from "./page.ts";

const ITEMS_MAX = 32;
const ITEMS_SHOWN = 8;

/** Long lists (address spaces of a loop of fork and exec) by their first items. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length <= ITEMS_MAX) return value.map(shortened);
    const more = `${grouped(value.length - ITEMS_SHOWN)} more: --json has all`;
    return [...value.slice(0, ITEMS_SHOWN).map(shortened), more];
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shortened(one)]));
}

export interface Again {
  /** A command line that gives the same figures. */
  readonly command: string | undefined;
  /** What is to come out the same, and what else there is to look up. */
  readonly runs: readonly (Markup | undefined)[];
  /** What the scenario is called, and what becomes its JSON. */
  readonly scenario: { readonly title: string; readonly asked: unknown };
}

export function againSection({ command, runs, scenario }: Again): Markup {
  const shown =
    command === undefined ? undefined : html`<pre class="wraps"><code>${command}</code></pre>\n`;
  const text = jsonText(shortened(scenario.asked));
  return section(
    "To run it again",
    shown,
    paragraph(
      `vma-teardown ${packageVersion()}. The same scenario, seed and version give the same digests on every machine.`,
    ),
    ...runs,
    folded(scenario.title, lines([text.trimEnd()])),
  );
}
