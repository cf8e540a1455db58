// What a flood's callback does: it comes back on its flood's list, and is counted.
// [same: kernel/rcu/rcutorture.c:rcu_torture_fwd_cb_cr, 6.12; its spinlock is charged as free]

import { CostSlot } from "../abi/cost";
import { FloodTable, FloodWord, RcuLoadMetric } from "../abi/rcu-load";
import { Config } from "../abi/config";
import { addWorkloadMetric, config, cost } from "../memory/slots";
import { rcuState } from "../rcu/state";
import { jiffiesAt } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { FloodCallback, loadWord } from "./rcu-load";

export function floodCallback(cpu: Cpu, address: u32): void {
  cpu.now += cost(CostSlot.RCU_FLOOD_CALLBACK);
  const callback = changetype<FloodCallback>(<usize>address);
  const owner = <u32>callback.owner;
  callback.link = 0;
  callback.gps++;
  const tail = loadWord(owner, FloodWord.TAIL);
  const last = load<u32>(tail);
  if (last == 0) store<u64>(loadWord(owner, FloodWord.HEAD), <u64>address);
  else changetype<FloodCallback>(<usize>last).link = address;
  store<u64>(tail, <u64>address);
  addTo(owner, FloodWord.N_LAUNDERS_CB);
  const age = jiffiesAt(cpu.now) - load<u64>(loadWord(owner, FloodWord.START_JIFFIES));
  const tenth = min<u64>(age / (config(Config.HZ) / 10), <u64>FloodTable.TENTHS - 1);
  const bucket = FloodWord.COUNT + 2 * <u32>tenth;
  addTo(owner, bucket);
  store<u64>(loadWord(owner, bucket + 1), rcuState().gpSeq);
  addWorkloadMetric(RcuLoadMetric.INVOKED, 1);
}

@inline
function addTo(owner: u32, word: u32): void {
  const at = loadWord(owner, word);
  store<u64>(at, load<u64>(at) + 1);
}
