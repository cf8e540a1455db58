// The tables of u64 slots through which host and engine talk: configuration in, costs in, metrics
// out, and a block of metrics whose meaning the workload gives. They sit at addresses the compiler
// knows, so an access is one load or store.

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { LoadTable } from "../abi/load";
import { Metric } from "../abi/metric";

export const CONFIG: usize = memory.data(<i32>Config.COUNT * 8, 16);
export const COSTS: usize = memory.data(<i32>CostSlot.COUNT * 8, 16);
export const METRICS: usize = memory.data(<i32>Metric.COUNT * 8, 16);
/** Slots of the workload's own block. */
export const WORKLOAD_METRIC_SLOTS: i32 = 256;
export const WORKLOAD_METRICS: usize = memory.data(WORKLOAD_METRIC_SLOTS * 8, 16);

@inline
export function config(slot: i32): u64 {
  return load<u64>(CONFIG + (<usize>slot << 3));
}

export function setConfig(slot: i32, value: u64): void {
  store<u64>(CONFIG + (<usize>slot << 3), value);
}

@inline
export function cost(slot: i32): u64 {
  return load<u64>(COSTS + (<usize>slot << 3));
}

@inline
export function metric(slot: i32): u64 {
  return load<u64>(METRICS + (<usize>slot << 3));
}

@inline
export function setMetric(slot: i32, value: u64): void {
  store<u64>(METRICS + (<usize>slot << 3), value);
}

@inline
export function addMetric(slot: i32, value: u64): void {
  const at = METRICS + (<usize>slot << 3);
  store<u64>(at, load<u64>(at) + value);
}

@inline
export function maxMetric(slot: i32, value: u64): void {
  const at = METRICS + (<usize>slot << 3);
  if (value > load<u64>(at)) store<u64>(at, value);
}

/** What the groups of bystanders are, and what was found out about them; see abi/load.ts. */
export const LOAD_CONFIG: usize = memory.data(
  <i32>(LoadTable.ENTRIES_MAX * LoadTable.CONFIG_SLOTS * 8), 16,
);
export const LOAD_METRICS: usize = memory.data(
  <i32>(LoadTable.ENTRIES_MAX * LoadTable.METRIC_SLOTS * 8), 16,
);

/** Address of a slot of the workload's own block. */
@inline
export function workloadSlot(slot: i32): usize {
  return WORKLOAD_METRICS + (<usize>slot << 3);
}

@inline
export function workloadMetric(slot: i32): u64 {
  return load<u64>(workloadSlot(slot));
}

@inline
export function setWorkloadMetric(slot: i32, value: u64): void {
  store<u64>(workloadSlot(slot), value);
}

@inline
export function addWorkloadMetric(slot: i32, value: u64): void {
  store<u64>(workloadSlot(slot), load<u64>(workloadSlot(slot)) + value);
}

@inline
export function maxWorkloadMetric(slot: i32, value: u64): void {
  if (value > load<u64>(workloadSlot(slot))) store<u64>(workloadSlot(slot), value);
}
