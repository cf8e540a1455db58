// The library: what runs in Node, in bundlers and in browsers alike. No file, process or thread is
// touched from here; src/node.ts adds those.

export { VmaFlag } from "../assembly/abi/vma.ts";
export { atTickPhases, type CompareOptions, compare } from "./api/compare.ts";
export type { EngineClass, EngineRun } from "./api/engine-port.ts";
export { jobSpec, type RunJob } from "./api/job.ts";
export { type SimulateOptions, simulate } from "./api/simulate.ts";
export { ColumnAddressSpace, columnsOf, openSpace, type SpaceRecipe } from "./api/space.ts";
export type * from "./api/types.ts";
export { Engine, type EngineOptions } from "./engine/engine.ts";
export {
  InputError,
  type InputErrorCode,
  type InputErrorParts,
  type InputPlace,
  LimitError,
  type LimitErrorParts,
} from "./errors.ts";
export { type AddressSpace, CHUNK_VMAS, type VmaColumns } from "./input/address-space.ts";
export {
  type AlternatingOptions,
  alternating,
  type ContiguousOptions,
  contiguous,
  type GappyOptions,
  gappy,
  type RandomSizesOptions,
  randomSizes,
} from "./input/generate.ts";
export {
  type MapsChunk,
  MapsParser,
  ParsedMaps,
  type ParseMapsOptions,
  parseMaps,
} from "./input/maps.ts";
export type {
  MapsColumns,
  MapsLine,
  ParsedMapsFacts,
  VmaDescription,
} from "./input/maps-columns.ts";
export type { NameTable } from "./input/name-table.ts";
export type { Populated, PopulatedChoice } from "./input/populate.ts";
export type { Seed } from "./input/random.ts";
export { type ScaleOptions, scaleAddressSpace } from "./input/scale.ts";
export type { BreachReport } from "./litmus/fill.ts";
export type { LitmusMm, LitmusOp, LitmusThread, LitmusVma } from "./litmus/spec.ts";
export { COST_NAMES, parseProfile, profileSchema } from "./profile/profile.ts";
export {
  type Override,
  type OverrideRule,
  parseOverride,
  strategiesOverride,
  vmasOverride,
} from "./scenario/overrides.ts";
export {
  isWorkload,
  type ResolveContext,
  type ResolvedScenario,
  resolveScenario,
  strategyJobs,
} from "./scenario/resolve.ts";
export {
  type AddressSpaceSource,
  parseScenario,
  type Scenario,
  tickPhasesNs,
} from "./scenario/scenario.ts";
export { type ScenarioFile, scenarioJsonSchema, scenarioSchema } from "./scenario/schema.ts";
export type { Path as KeyPath } from "./scenario/source.ts";
export { presetStrategy, STRATEGY_NAMES } from "./scenario/strategies.ts";
export type { Repeat } from "./stats/pace.ts";
export { quantile, type Summary, summarize } from "./stats/quantiles.ts";
export type { Repeats } from "./stats/repeats.ts";
export { timelineEvents } from "./trace/timeline-events.ts";
export { type TracedRun, traceEventJson } from "./trace/trace-event-json.ts";
export type { Verdict } from "./validate/judge.ts";
export type {
  CaseOrReasons,
  CaseStart,
  PlanContext,
  PlannedCase,
  RowKind,
} from "./validate/kind.ts";
export { KINDS } from "./validate/kinds/index.ts";
export type { RankedBy, RankReport, RankRule } from "./validate/ranks.ts";
export type { Comparison, MetricRule, RowRuns, RunsOfPhase } from "./validate/rules.ts";
export type { MeasuredRecord, MeasuredTable } from "./validate/table.ts";
export {
  type FiguresReport,
  type InexpressibleRow,
  judgeValidation,
  type KindReport,
  type MetricReport,
  planValidation,
  type RowReport,
  type ValidateOptions,
  type ValidationPlan,
  type ValidationReport,
} from "./validate/validate.ts";
export type { RowWeights } from "./validate/weigh.ts";
