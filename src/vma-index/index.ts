export {
  InputError,
  type InputErrorCode,
  type InputErrorParts,
  type InputPlace,
  LimitError,
  type LimitErrorParts,
} from "../errors.ts";
export type { Address } from "./addresses.ts";
export type { PageColumn } from "./columns.ts";
export type { ReplayMismatch, ReplayOptions, ReplayResult } from "./replay.ts";
export { replayIndexLog } from "./replay.ts";
export type {
  FreeAreaOptions,
  VmaIndexOptions,
  VmaIndexStats,
  VmaRange,
} from "./vma-index.ts";
export { VmaIndex } from "./vma-index.ts";
