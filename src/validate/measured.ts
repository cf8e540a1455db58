// Measured rows that come with a cost profile: profiles/NAME.measured.csv. Node only.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageFolder, readText } from "../scenario/files.ts";
import { cellOf } from "./cells.ts";
import { type MeasuredRow, parseMeasured } from "./csv.ts";

/** All measured rows of a profile's machine; none when the profile has no such file. */
export async function measuredRows(profile: string): Promise<MeasuredRow[]> {
  if (!/^[\w.-]+$/.test(profile)) return [];
  const file = join(packageFolder(), "profiles", `${profile}.measured.csv`);
  if (!existsSync(file)) return [];
  return parseMeasured(await readText(file, "measured rows"), file);
}

/** The largest measured cell of each of these strategies, in their order. */
export function calibrationRows(
  rows: readonly MeasuredRow[],
  strategies: readonly string[],
): MeasuredRow[] {
  return strategies.flatMap((strategy) => {
    let largest: MeasuredRow | undefined;
    for (const row of rows) {
      const mapped = cellOf(row);
      if ("reasons" in mapped || mapped.cell.strategy !== strategy) continue;
      if (largest === undefined || row.n > largest.n) largest = row;
    }
    return largest === undefined ? [] : [largest];
  });
}
