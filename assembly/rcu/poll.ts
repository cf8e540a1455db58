// Waiting for a grace period without sleeping: a cookie now, a question later.
// [simplified: kernel/rcu/tree.c:get_state_synchronize_rcu, start_poll_synchronize_rcu_common,
//  poll_state_synchronize_rcu; 6.12: a cookie counts normal grace periods alone, where the kernel's
//  (gp_seq_polled) are advanced by expedited ones too]

import { wakeGpKthread } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { startThisGp } from "./grace";
import { seqDone, seqSnap } from "./seq";
import { nodeOf, rcuData, rcuState } from "./state";

/** The number of the first grace period that begins after now, or its end where none runs. */
export function pollCookie(): u64 {
  return seqSnap(rcuState().gpSeq);
}

/** The same, and asks for that grace period. */
export function startPoll(cpu: Cpu): u64 {
  const cookie = pollCookie();
  const data = rcuData(cpu.id);
  if (startThisGp(nodeOf(data), data, cookie)) wakeGpKthread(cpu);
  return cookie;
}

/** Has a full grace period passed since the cookie was given? */
export function pollDone(cookie: u64): bool {
  return seqDone(rcuState().gpSeq, cookie);
}
