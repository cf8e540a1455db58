// The library: what runs in Node, in bundlers and in browsers alike. No file, process or thread is
// touched from here; src/node.ts adds those.

export { atTickPhases, type CompareOptions, compare } from "./api/compare.ts";
export type { EngineClass, EngineRun } from "./api/engine-port.ts";
export { jobSpec, type RunJob } from "./api/job.ts";
export { type SimulateOptions, simulate } from "./api/simulate.ts";
export { ColumnAddressSpace, columnsOf, openSpace, type SpaceRecipe } from "./api/space.ts";
export type * from "./api/types.ts";
export { Engine } from "./engine/engine.ts";
export { InputError, LimitError } from "./errors.ts";
export { type AddressSpace, CHUNK_VMAS, type VmaColumns } from "./input/address-space.ts";
export { alternating, contiguous, gappy, randomSizes } from "./input/generate.ts";
export { MapsParser, ParsedMaps, parseMaps } from "./input/maps.ts";
export { scaleAddressSpace } from "./input/scale.ts";
export { COST_NAMES, parseProfile, profileSchema } from "./profile/profile.ts";
export { type Override, parseOverride } from "./scenario/overrides.ts";
export {
  isWorkload,
  type ResolveContext,
  type ResolvedScenario,
  resolveScenario,
  strategyJobs,
} from "./scenario/resolve.ts";
export { parseScenario, type Scenario, tickPhasesNs } from "./scenario/scenario.ts";
export { scenarioJsonSchema, scenarioSchema } from "./scenario/schema.ts";
export { presetStrategy, STRATEGY_NAMES } from "./scenario/strategies.ts";
export { quantile, type Summary, summarize } from "./stats/quantiles.ts";
export type { Verdict } from "./validate/judge.ts";
export type { CaseOrReasons, PlanContext, PlannedCase, RowKind } from "./validate/kind.ts";
export { KINDS } from "./validate/kinds/index.ts";
export type { Comparison, MetricRule } from "./validate/rules.ts";
export type { MeasuredRecord, MeasuredTable } from "./validate/table.ts";
export {
  judgeValidation,
  planValidation,
  type ValidationReport,
} from "./validate/validate.ts";
