// The page of --html, made and written.

import type { WorkloadType } from "../api/types.ts";
import type { Comparison } from "../output/comparison.ts";
import type { PageOptions } from "../output/html/comparison.ts";
import { writeFileAtomic } from "../output/write-file.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";
import type { CommandIo } from "./io.ts";

/** Loads what draws only now: few ask for a page. */
export async function writePage(
  file: string,
  resolved: ResolvedScenario,
  comparison: Comparison<WorkloadType>,
  options: PageOptions,
  { signal }: CommandIo,
): Promise<void> {
  const { comparisonPage } = await import("../output/html/comparison.ts");
  await writeFileAtomic(file, await comparisonPage(resolved, comparison, options), signal);
}
