// What the result of a run depends on, as one hash: the engine, this version of what is around it, and the whole
// job with its VMAs. Node only.

import { createHash } from "node:crypto";
import type { RunJob } from "../api/job.ts";
import type { WorkloadType } from "../api/types.ts";
import { packageVersion } from "../files.ts";
import { engineWasm } from "../generated/engine.wasm.ts";
import type { VmaColumns } from "../input/address-space.ts";

const KEY_DIGITS = 32;

const sha256 = () => createHash("sha256");

let simulator: string | undefined;

/** Engine and package. */
function simulatorHash(): string {
  if (simulator === undefined) {
    simulator = sha256().update(`${packageVersion()}\n`).update(engineWasm).digest("hex");
  }
  return simulator;
}

// Profiles and address spaces are large, and many jobs share them.
const hashes = new WeakMap<object, string>();

function once(object: object, hash: () => string): string {
  const known = hashes.get(object) ?? hash();
  hashes.set(object, known);
  return known;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function columnsHash(columns: VmaColumns): string {
  return once(columns, () => {
    const hash = sha256().update(`${columns.length}`);
    for (const column of Object.values(columns)) {
      if (ArrayBuffer.isView(column)) hash.update(`;${column.byteLength};`).update(bytesOf(column));
    }
    return hash.digest("hex");
  });
}

const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}` : item));

/** 32 hex digits: equal for jobs that have the same result. */
export function jobKey(job: RunJob<WorkloadType>): string {
  const { space, profile, ...rest } = job;
  const laid = "columns" in space ? { ...space, columns: columnsHash(space.columns) } : space;
  const costs = once(profile, () => sha256().update(jsonText(profile)).digest("hex"));
  const text = jsonText([simulatorHash(), laid, costs, rest]);
  return sha256().update(text).digest("hex").slice(0, KEY_DIGITS);
}
