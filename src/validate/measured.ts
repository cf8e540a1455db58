// Measured rows that come with a cost profile: profiles/NAME.measured.csv. Node only.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageFolder, readText } from "../files.ts";
import { cellOf } from "./kinds/results-cell.ts";
import { type MeasuredTable, parseTable } from "./table.ts";

/** All measured rows of a profile's machine; undefined when the profile has no such file. */
export async function measuredRows(profile: string): Promise<MeasuredTable | undefined> {
  if (!/^[\w.-]+$/.test(profile)) return undefined;
  const file = join(packageFolder(), "profiles", `${profile}.measured.csv`);
  if (!existsSync(file)) return undefined;
  return parseTable(await readText(file, "measured rows", { recorded: true }), file);
}

/** The largest measured exit of each of these strategies, in their order. */
export function calibrationRows(
  table: MeasuredTable,
  strategies: readonly string[],
): MeasuredTable {
  const cells = table.records.flatMap((record) => {
    const mapped = cellOf(record);
    return "reasons" in mapped ? [] : [{ record, ...mapped.cell }];
  });
  const records = strategies.flatMap((strategy) => {
    const own = cells.filter((cell) => cell.strategy === strategy);
    const vmas_max = Math.max(...own.map(({ alternating_vmas }) => alternating_vmas));
    const largest = own.find(({ alternating_vmas }) => alternating_vmas === vmas_max);
    return largest === undefined ? [] : [largest.record];
  });
  return { ...table, records };
}
