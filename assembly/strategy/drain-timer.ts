// When the thread that works by time has to look next (reaper.ts runs it).

import { cancelTimer, armTimer } from "../sched/events";
import { Task, TaskState } from "../sched/task";

const NEVER: u64 = u64.MAX_VALUE;

let task: usize = 0;
/** When the list of the mm is drained by time, and when kvfree_rcu's monitor comes. */
let listTime: u64 = NEVER;
let bulkTime: u64 = NEVER;

export function drainTimerInit(): void {
  task = 0;
  listTime = NEVER;
  bulkTime = NEVER;
}

export function setReaper(reaper: Task): void {
  task = changetype<usize>(reaper);
}

export function reaperTask(): Task {
  return changetype<Task>(task);
}

@inline
export function listDue(): u64 {
  return listTime;
}

@inline
export function bulkDue(): u64 {
  return bulkTime;
}

/** The list of the mm will be drained at `time`; u64.MAX_VALUE: it will not. */
export function setListDue(time: u64): void {
  listTime = time;
  if (time != NEVER) wakeBy(time);
}

/** The same of the monitor. */
export function setBulkDue(time: u64): void {
  bulkTime = time;
  if (time != NEVER) wakeBy(time);
}

/** Makes sure that a sleeping thread looks again at `time` or before. */
function wakeBy(time: u64): void {
  const reaper = changetype<Task>(task);
  if (reaper.state != <u8>TaskState.SLEEPING) return; // it looks before it sleeps
  cancelTimer(reaper);
  armTimer(reaper, min(time, min(listTime, bulkTime)));
}
