// What Node adds to the library: files, processes, and all cores.

export { type RunJobsOptions, runJobs } from "./api/pool.ts";
export * from "./index.ts";
export { type OpenMapsOptions, openMaps } from "./input/maps-file.ts";
export { type LoadOptions, loadScenario, readProfile } from "./scenario/files.ts";
export { measuredRows } from "./validate/measured.ts";
export { parseTable } from "./validate/table.ts";
export type { ReplayMismatch, ReplayOptions, ReplayResult } from "./vma-index/replay.ts";
export { type FileReplay, replayIndexFiles } from "./vma-index/replay-files.ts";
