// Traces in tests: text in, scenario and counts out.

import { type Imported, importStrace } from "../../src/import/import.ts";
import { scenarioText } from "../../src/import/scenario-text.ts";
import { parseTouch } from "../../src/import/touch.ts";
import type { ParsedMaps } from "../../src/input/maps.ts";

export interface TraceOptions {
  readonly touch?: string;
  readonly timed?: boolean;
  readonly first?: number;
  readonly maps?: ParsedMaps;
  /** Characters of a chunk. */
  readonly chunk?: number;
}

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** No faults and no time unless asked for. */
export function traced(text: string, options: TraceOptions = {}): Promise<Imported> {
  const { touch = "none", timed = false, first = 1e9, maps, chunk = 1 << 16 } = options;
  return importStrace(chunks(text, chunk), {
    file: "f",
    touch: parseTouch(touch),
    timed,
    first,
    maps,
  });
}

/** What each thread does, by its name. */
export async function programs(
  text: string,
  options: TraceOptions = {},
): Promise<Record<string, readonly string[]>> {
  const { cast } = await traced(text, options);
  return Object.fromEntries(cast.programs.map(({ name, steps }) => [name, steps]));
}

export async function scenarioOf(text: string, options: TraceOptions = {}): Promise<string> {
  const { touch = "none", timed = false } = options;
  const imported = await traced(text, options);
  return scenarioText(imported, { source: "f", touch: parseTouch(touch), timed });
}
