// The workload `rcu_flood` on the engine's side of the border.

import { Config, Workload } from "../../../assembly/abi/config.ts";
import { Region } from "../../../assembly/abi/metric.ts";
import { FloodTable, FloodWord } from "../../../assembly/abi/rcu-load.ts";
import type { FloodReport } from "../../api/rcu-load.ts";
import type { EngineMemory } from "../abi.ts";
import type { WorkloadPort } from "./port.ts";
import { readRcuLoad, writeRcuLoad } from "./rcu-load.ts";

/**
 * rcu_seq_diff: grace periods between two values of gp_seq, partly seen ones included.
 * The low two bits are a state.
 */
export function seqDiff(now: bigint, old: bigint): number {
  if (now === old) return 0;
  const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
  const partly = (now & 3n) !== 0n || (old & 3n) !== 0n ? 1n : 0n;
  const whole = u64((now & ~3n) - (u64(old + 3n) & ~3n) + partly);
  if (BigInt.asIntN(64, 3n - whole) >= 0n) return 1;
  return Number((whole - 4n) >> 2n) + 2;
}

function readFlood(memory: EngineMemory, number: number): FloodReport {
  const words = memory.regionWords(Region.RCU_LOAD, number * FloodTable.WORDS, FloodTable.WORDS);
  const get = (word: FloodWord): number => Number(words[word]!);
  const tenths = Array.from({ length: FloodTable.TENTHS }, (_, tenth) => ({
    n_launders: Number(words[FloodWord.COUNT + 2 * tenth]!),
    gp_seq: words[FloodWord.COUNT + 2 * tenth + 1]!,
  }));
  const used = tenths.findLastIndex(({ n_launders }) => n_launders > 0) + 1;
  let before = words[FloodWord.GP_SEQ_START]!;
  return {
    cpu: get(FloodWord.CPU),
    duration: get(FloodWord.STOP_JIFFIES) - get(FloodWord.START_JIFFIES),
    barrier: get(FloodWord.REPORT_JIFFIES) - get(FloodWord.STOP_JIFFIES),
    pending: get(FloodWord.PENDING),
    n_launders: get(FloodWord.N_LAUNDERS),
    n_launders_sa: get(FloodWord.N_LAUNDERS_SA),
    n_max_gps: get(FloodWord.N_MAX_GPS),
    n_max_cbs: get(FloodWord.N_MAX_CBS),
    gps: get(FloodWord.GPS),
    // a tenth in which none came back has no number of its own: the kernel prints the jump
    // to 0 and back there; here it counts none
    histogram: tenths.slice(0, used).map(({ n_launders, gp_seq }) => {
      if (n_launders === 0) return { n_launders, gps: 0 };
      const gps = seqDiff(gp_seq, before);
      before = gp_seq;
      return { n_launders, gps };
    }),
  };
}

export const RCU_FLOOD_PORT: WorkloadPort<"rcu_flood"> = {
  id: Workload.RCU_FLOOD,
  extraTasks: ({ cpus }) => new Set(cpus).size,
  write(memory, workload, { machine }) {
    writeRcuLoad(memory, workload, machine.cpus);
    memory.writeConfig(Config.FLOOD_JIFFIES, BigInt(workload.jiffies_max));
    memory.writeConfig(Config.FLOOD_MIN_LAUNDERS, BigInt(workload.min_launders));
    memory.writeConfig(Config.FLOOD_MIN_LAUNDERED, BigInt(workload.min_laundered));
  },
  read(memory, { workload }) {
    const tasks = new Set(workload!.cpus).size;
    const floods = Array.from({ length: tasks }, (_, number) => readFlood(memory, number));
    const sum = (of: (flood: FloodReport) => number) => floods.reduce((all, it) => all + of(it), 0);
    return {
      n_launders: sum((flood) => flood.n_launders),
      n_max_cbs: sum((flood) => flood.n_max_cbs),
      duration_jiffies_max: Math.max(...floods.map(({ duration }) => duration)),
      barrier_jiffies_max: Math.max(...floods.map(({ barrier }) => barrier)),
      ...readRcuLoad(memory),
      floods,
    };
  },
};
