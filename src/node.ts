// What Node adds to the library: files, processes, and all cores.

export { type RunJobsOptions, runJobs } from "./api/pool.ts";
export * from "./index.ts";
export { type OpenMapsOptions, openMaps } from "./input/maps-file.ts";
export { type CompareHtmlOptions, compareHtml } from "./output/html/compare-html.ts";
export { type LoadOptions, loadScenario, readProfile } from "./scenario/files.ts";
export type { Figures, SweepCell } from "./sweep/cells.ts";
export type { Crossover, SweepConclusion } from "./sweep/conclude.ts";
export { sweepCsv } from "./sweep/csv.ts";
export type { Grid as SweepGrid } from "./sweep/grid.ts";
export { type SweepHtmlOptions, sweepHtml } from "./sweep/html.ts";
export { type PlannedPoint, planSweep, type SweepPlan, type SweepRequest } from "./sweep/plan.ts";
export type { SweepValue } from "./sweep/ranges.ts";
export {
  runSweep,
  type SweepOptions,
  type SweepPoint,
  type SweepResult,
  type SweepRunOptions,
  sweep,
} from "./sweep/sweep.ts";
export type { SweepAxis } from "./sweep/values.ts";
export { measuredRows } from "./validate/measured.ts";
export { parseTable } from "./validate/table.ts";
export type { ReplayMismatch, ReplayOptions, ReplayResult } from "./vma-index/replay.ts";
export { type FileReplay, replayIndexFiles } from "./vma-index/replay-files.ts";
