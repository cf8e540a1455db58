// Laws that must hold when nothing is left to happen, whatever the run did. A broken one is a bug
// of the engine: a trap. Each workload has laws of its own besides (assembly/workload/).

import { nrCpus } from "../sched/cpu";
import { listLength } from "../rcu/segcblist";
import { callbackList, rcuData } from "../rcu/state";

/** RCU holds nothing. */
export function checkFinalLaws(): void {
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    assert(listLength(callbackList(rcuData(cpu))) == 0); // callbacks queued = callbacks invoked
  }
}
