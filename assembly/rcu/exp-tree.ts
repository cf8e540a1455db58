// The expedited grace period's side of the node tree: who still has to report to it, and reports on
// their way up.
// [same: kernel/rcu/tree_exp.h:sync_rcu_exp_done, __rcu_report_exp_rnp, rcu_report_exp_cpu_mult,
//  sync_exp_reset_tree; 6.12 and 7.2]

import { cpuAt } from "../sched/cpu";
import { FORCED_BY_EXPEDITED } from "../sched/nohz";
import { RcuData, RcuNode } from "./records";
import { nodeOf, rcuLeaf, rcuRoot, rcuState } from "./state";

/** sync_rcu_exp_done: neither CPUs nor preempted readers of this node hold it up. */
@inline
export function expDoneOn(node: RcuNode): bool {
  return node.expMask == 0 && node.expTasks == 0;
}

/** Climbs while nodes are done; true when the root is, and the one who waits must be woken. */
export function reportExpNode(start: RcuNode): bool {
  let node = start;
  while (expDoneOn(node)) {
    if (node.parent == 0) return true;
    const bit: u64 = 1 << <u64>node.bit;
    node = changetype<RcuNode>(node.parent);
    node.expMask &= ~bit;
  }
  return false;
}

/** Reports CPUs of a leaf; true as for `reportExpNode`. */
export function reportExpCpus(leaf: RcuNode, bits: u64): bool {
  if ((leaf.expMask & bits) == 0) return false;
  leaf.expMask &= ~bits;
  return reportExpNode(leaf);
}

/** rcu_report_exp_rdp: one CPU has passed through a quiescent state for it. */
export function reportExpCpu(data: RcuData): bool {
  data.noQsExp = 0;
  cpuAt(data.cpu).forcedTick &= ~FORCED_BY_EXPEDITED;
  return reportExpCpus(nodeOf(data), 1 << <u64>data.bit);
}

/** sync_exp_reset_tree: everybody has to report. */
export function resetExpTree(): void {
  const root = rcuRoot();
  root.expMask = root.qsMaskInit;
  for (let number: u32 = 0; number < rcuState().leaves; number++) {
    const leaf = rcuLeaf(number);
    assert(leaf.expTasks == 0); // the one before was waited for
    leaf.expMask = leaf.qsMaskInit;
  }
}
