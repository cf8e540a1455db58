// Reports about RCU CPU stalls, read from the engine's rows.

import { Metric } from "../../assembly/abi/metric.ts";
import { StallCpu, StallSlot, StallTable, StallTask } from "../../assembly/abi/stall.ts";
import type { RcuStall, RcuStalls, StalledCpu, StalledTask } from "../api/stalls.ts";
import type { RunSpec, WorkloadType } from "../api/types.ts";
import type { EngineMemory } from "./abi.ts";

/** By StallKind. */
export const STALL_KINDS: readonly RcuStall["kind"][] = ["self", "other", "expedited"];
const LEAF_CPUS = 16;
const FIRST_TASK: number = StallTable.HEAD_SLOTS + StallTable.NAMED * StallTable.NAMED_SLOTS;

type Row = (slot: number) => number;

function readCpu(row: Row, place: number): StalledCpu {
  const at = (slot: StallCpu): number =>
    row(StallTable.HEAD_SLOTS + place * StallTable.NAMED_SLOTS + slot);
  return {
    cpu: at(StallCpu.CPU),
    gps_behind: at(StallCpu.GPS_BEHIND),
    ticks: at(StallCpu.TICKS),
    watching: at(StallCpu.WATCHING),
    softirqs: [at(StallCpu.SOFTIRQS_THEN), at(StallCpu.SOFTIRQS_NOW)],
  };
}

function readTask(row: Row, place: number, spec: RunSpec<WorkloadType>): StalledTask {
  const at = (slot: StallTask): number => row(FIRST_TASK + place * StallTable.NAMED_SLOTS + slot);
  const group = spec.load?.[at(StallTask.GROUP) - 1];
  const first = at(StallTask.LEAF) * LEAF_CPUS;
  const flags = [...".b", ...".q", ...".e"].filter(
    (_, index) => index % 2 === ((at(StallTask.FLAGS) >> (index >> 1)) & 1),
  );
  return {
    task: at(StallTask.TASK),
    name: group?.name ?? `thread ${at(StallTask.THREAD)}`,
    nesting: at(StallTask.NESTING),
    flags: `${flags.join("")}l`,
    leaf_cpus: [first, Math.min(spec.machine.cpus, first + LEAF_CPUS) - 1],
  };
}

function readRow(words: BigUint64Array, spec: RunSpec<WorkloadType>): RcuStall {
  const row: Row = (slot) => Number(words[slot]!);
  const named = (count: number): number[] =>
    Array.from({ length: Math.min(count, StallTable.NAMED) }, (_, place) => place);
  const [cpu_count, task_count] = [row(StallSlot.CPUS), row(StallSlot.TASKS)];
  return {
    time_ns: Number(words[StallSlot.TIME_PS]! / 1000n),
    kind: STALL_KINDS[row(StallSlot.KIND)]!,
    detected_by: row(StallSlot.DETECTED_BY),
    jiffies: row(StallSlot.JIFFIES),
    gp_seq: Number(BigInt.asIntN(64, words[StallSlot.GP_SEQ]!)),
    queued: row(StallSlot.QUEUED),
    fqs: row(StallSlot.SCANS),
    kthread_starved_jiffies: row(StallSlot.STARVED_JIFFIES),
    cpu_count,
    task_count,
    cpus: named(cpu_count).map((place) => readCpu(row, place)),
    tasks: named(task_count).map((place) => readTask(row, place, spec)),
  };
}

/** The part of a result that speaks of stalls; empty where there were none. */
export function readStalls(
  memory: EngineMemory,
  spec: RunSpec<WorkloadType>,
): { stalls?: RcuStalls } {
  const count = Number(memory.metric(Metric.RCU_STALLS));
  if (count === 0) return {};
  const kept = Math.min(count, StallTable.KEPT);
  const reports = Array.from({ length: kept }, (_, index) =>
    readRow(memory.stallWords(index * StallTable.ROW_SLOTS, StallTable.ROW_SLOTS), spec),
  );
  return { stalls: { count, reports } };
}
