// The cache line of an rcu_node: CPUs that take its lock fetch it from each other.
// [same: kernel/rcu/tree.h:rcu_node.lock, 6.12 and 7.2: who takes it next pays for its line]
// [simplified: nobody waits for the lock and trylocks succeed, since holds are far below a
//  microsecond; what is charged is the way of the line alone]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { RcuNode } from "./records";

@inline
export function fetchNode(cpu: Cpu, node: RcuNode): void {
  const self = cpu.id + 1;
  if (node.lineAt == self) return;
  if (node.lineAt != 0) cpu.now += cost(CostSlot.LOCK_TRANSFER);
  node.lineAt = self;
}
