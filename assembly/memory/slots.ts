// The three tables of u64 slots through which host and engine talk: configuration in, costs in,
// metrics out. They sit at addresses the compiler knows, so an access is one load or store.

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";

export const CONFIG: usize = memory.data(<i32>Config.COUNT * 8, 16);
export const COSTS: usize = memory.data(<i32>CostSlot.COUNT * 8, 16);
export const METRICS: usize = memory.data(<i32>Metric.COUNT * 8, 16);

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
