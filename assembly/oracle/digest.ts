// A 64-bit hash of the machine's final state: equal runs end in equal digests, on any machine and
// in any build. Regions begin at fixed addresses, so even the links inside them are the same.

import { Config, Workload } from "../abi/config";
import { LoadTable } from "../abi/load";
import { Metric, Region } from "../abi/metric";
import {
  config,
  LOAD_METRICS,
  METRICS,
  WORKLOAD_METRIC_SLOTS,
  WORKLOAD_METRICS,
} from "../memory/slots";
import { regionBase, regionBytes } from "../memory/map";
import { prngState } from "../memory/prng";

const OFFSET: u64 = 0xcbf29ce484222325;
const PRIME: u64 = 0x00000100000001b3;

/** FNV-1a over 64-bit words. */
@inline
function mix(hash: u64, word: u64): u64 {
  return (hash ^ word) * PRIME;
}

function mixBytes(hash: u64, base: usize, bytes: usize): u64 {
  let mixed = hash;
  for (let at = base; at < base + bytes; at += 8) mixed = mix(mixed, load<u64>(at));
  return mixed;
}

function mixRegion(hash: u64, region: Region): u64 {
  return mixBytes(hash, regionBase(region), <usize>regionBytes(region));
}

export function digest(): u64 {
  let hash = mixBytes(OFFSET, METRICS, <usize>Metric.DIGEST * 8);
  if (config(Config.WORKLOAD) != <u64>Workload.EXIT) {
    hash = mixBytes(hash, WORKLOAD_METRICS, <usize>WORKLOAD_METRIC_SLOTS * 8);
  }
  hash = mixRegion(hash, Region.CPUS);
  hash = mixRegion(hash, Region.TASKS);
  hash = mixRegion(hash, Region.RCU);
  hash = mixRegion(hash, Region.VMA_CACHE);
  hash = mixRegion(hash, Region.LOCK_CACHE);
  if (config(Config.LOAD_ENTRIES) != 0) {
    hash = mixRegion(hash, Region.LOAD);
    hash = mixBytes(hash, LOAD_METRICS, LoadTable.ENTRIES_MAX * LoadTable.METRIC_SLOTS * 8);
  }
  for (let word = 0; word < 4; word++) hash = mix(hash, prngState(word));
  return hash;
}
