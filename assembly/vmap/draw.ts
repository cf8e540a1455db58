// Random numbers of the cases, at what the kernel's generator takes for them.

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { randomBelow } from "./thread";

export function drawBits(cpu: Cpu, bits: u64): u64 {
  cpu.now += cost(CostSlot.TEST_RANDOM);
  return randomBelow(<u64>1 << bits);
}

/**
 * A number below `bound` from as few bytes as hold it; who draws one of those that are left over
 * draws again.
 * [same: include/linux/random.h:get_random_u32_below, 6.12 and 7.2]
 */
export function draw(cpu: Cpu, bound: u64): u64 {
  const bits: u64 = bound <= 256 ? 8 : 16;
  const over = (<u64>1 << bits) % bound;
  while (true) {
    const product = bound * drawBits(cpu, bits);
    if ((product & ((<u64>1 << bits) - 1)) >= over) return product >> bits;
  }
}
