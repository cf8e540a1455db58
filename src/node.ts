// What Node adds to the library: files, processes, and all cores.

export { type RunJobsOptions, runJobs } from "./api/pool.ts";
export * from "./index.ts";
export { openMaps } from "./input/maps-file.ts";
export { type LoadOptions, loadScenario, readProfile } from "./scenario/files.ts";
export { measuredRows } from "./validate/measured.ts";
export { parseTable } from "./validate/table.ts";
export { replayIndexFiles } from "./vma-index/replay-files.ts";
