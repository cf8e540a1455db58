// The bypass list of an offloaded CPU: what call_rcu() queues there when it is called often, so
// that the list proper and its lock are left to the kthreads.
// [same: kernel/rcu/tree_nocb.h:rcu_nocb_try_bypass, nocb_gp_wait (6.12), nocb_bypass_needs_flush
//  (7.2), rcu_nocb_do_flush_bypass. The two differ at exactly twice qhimark, where rcuog flushes in
//  7.2 only]

import { Cpu } from "../sched/cpu";
import { lockBypass, unlockBypass } from "./nocb-lock";
import { RcuData } from "./records";
import { addLength, insertPending } from "./segcblist";
import { callbackList, rcuState } from "./state";

/**
 * nocb_bypass_needs_flush: a caller flushes (`faster`) what is older than this jiffy or qhimark
 * long, rcuog what is older than a jiffy or twice qhimark long; what is lazy may be much older.
 */
export function bypassNeedsFlush(data: RcuData, jiffies: u64, faster: bool): bool {
  const waiting = data.bypassLength;
  if (waiting == 0) return false;
  const state = rcuState();
  const long = faster ? state.qhimark : 2 * state.qhimark + state.flushesAbove;
  if (waiting >= long) return true;
  const lazy = waiting == data.lazyLength;
  const patience: u64 = lazy ? <u64>state.lazyFlushJiffies : faster ? 0 : 1;
  return jiffies > data.bypassFirst + patience;
}

export function appendBypass(data: RcuData, callback: u32, lazy: bool): void {
  addLength(callbackList(data), 1);
  store<u32>(<usize>callback, 0);
  if (data.bypassLength == 0) data.bypassHead = callback;
  else store<u32>(<usize>data.bypassTail, callback);
  data.bypassTail = callback;
  data.bypassLength++;
  if (lazy) data.lazyLength++;
}

/** Moves the bypass list to the end of NEXT, under nocb_lock. */
export function flushBypass(cpu: Cpu, data: RcuData, jiffies: u64): void {
  if (data.bypassLength == 0) return;
  lockBypass(cpu, data);
  insertPending(callbackList(data), data.bypassHead, data.bypassTail, data.bypassLength);
  data.bypassHead = 0;
  data.bypassTail = 0;
  data.bypassLength = 0;
  data.lazyLength = 0;
  data.bypassFirst = jiffies;
  unlockBypass(cpu, data);
}
