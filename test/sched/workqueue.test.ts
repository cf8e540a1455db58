// Work queues: who runs which item when, on pools that tests fill by hand.

import { describe, expect, it } from "vitest";
import { Config } from "../../assembly/abi/config.ts";
import type { RunSpec } from "../../src/api/types.ts";
import { machineRoom } from "../engine/rooms.ts";
import { spec } from "../engine/spec.ts";
import type { SchedRoom } from "./sched-room.ts";

interface Queues extends SchedRoom {
  makeWorkers(): void;
  makeWork(base: number, item: number, cpu_us: number, sleep_us: number): void;
  queueItem(base: number, item: number, cpu: number, unbound: boolean): number;
  sumExecOf(task: number): bigint;
  isPending(base: number, item: number): number;
}

const WORKERS = 2;
/** Exit, parent, grace-period kthread, then four kthreads a CPU: workers come after them. */
const firstWorker = (cpus: number) => 3 + 4 * cpus;

function queues({ cpus = 1, unbound = 0, threshold_ms = 10 } = {}) {
  const wanted: RunSpec = spec({ machine: { cpus } });
  const slots = {
    [Config.EXTRA_TASKS]: cpus * WORKERS + unbound,
    [Config.KWORKERS_PER_CPU]: WORKERS,
    [Config.UNBOUND_KWORKERS]: unbound,
    [Config.WQ_CPU_INTENSIVE_THRESH_PS]: threshold_ms * 1e9,
  };
  const { room, spare } = machineRoom<Queues>("sched", wanted, slots);
  room.makeWorkers();
  const worker = (index: number) => firstWorker(cpus) + index;
  const ran_us = (index: number) => Number(room.sumExecOf(worker(index))) / 1e6;
  return {
    room,
    worker,
    ran_us,
    work: (item: number, cpu_us: number, sleep_us = 0) =>
      room.makeWork(spare, item, cpu_us, sleep_us),
    queue: (item: number, cpu = 0) => room.queueItem(spare, item, cpu, false) !== 0,
    queueUnbound: (item: number, cpu = 0) => room.queueItem(spare, item, cpu, true) !== 0,
    pending: (item: number) => room.isPending(spare, item) !== 0,
    /** Handles events until a condition holds. */
    until: (condition: () => boolean) => {
      for (let i = 0; !condition(); i++) {
        if (i > 100_000) throw new Error("it never happens");
        room.run(1);
      }
    },
  };
}

describe("a pool of a CPU", () => {
  it("runs its items one after the other on one worker", () => {
    const { work, queue, ran_us, until, pending } = queues();
    for (const item of [0, 1, 2]) {
      work(item, 50);
      expect(queue(item)).toBe(true);
    }
    until(() => ran_us(1) >= 150 && !pending(2));
    expect(ran_us(0)).toBe(0); // the other one was never needed
  });

  it("wakes the one first that was woken for nothing last", () => {
    const { room, worker, work, queue, ran_us, until } = queues();
    work(0, 50, 500);
    queue(0);
    until(() => ran_us(1) >= 50 && room.isSleeping(worker(1)) !== 0);
    until(() => room.isSleeping(worker(1)) === 0); // its sleep is over, and it has yet to run
    work(1, 50);
    queue(1); // wakes the other one, too late: the first one takes this item as well
    until(() => ran_us(1) >= 100 && room.isSleeping(worker(1)) !== 0);
    until(() => room.isSleeping(worker(0)) !== 0);
    expect(ran_us(0)).toBeLessThan(50);
    work(2, 50);
    queue(2);
    until(() => ran_us(0) >= 50);
  });

  it("takes an item that is pending already only once", () => {
    const { work, queue, pending } = queues();
    work(0, 50);
    expect(queue(0)).toBe(true);
    expect(queue(0)).toBe(false);
    expect(pending(0)).toBe(true);
  });

  it("takes it again while it runs", () => {
    const { work, queue, ran_us, until, pending } = queues();
    work(0, 50);
    queue(0);
    until(() => !pending(0));
    expect(queue(0)).toBe(true);
    until(() => ran_us(1) >= 100 && !pending(0));
  });

  it("starts another worker when the first one blocks", () => {
    const { work, queue, ran_us, until } = queues();
    work(0, 10, 500);
    work(1, 30);
    queue(0);
    queue(1);
    until(() => ran_us(0) >= 30);
    expect(ran_us(1)).toBeLessThan(30);
    until(() => ran_us(0) + ran_us(1) >= 40);
  });

  it("lets items run beside one that hogs the CPU, from a tick after the threshold on", () => {
    const { work, queue, ran_us, until } = queues({ threshold_ms: 10 });
    work(0, 60_000);
    work(1, 1_000);
    queue(0);
    queue(1);
    until(() => ran_us(0) > 0);
    expect(ran_us(1)).toBeGreaterThanOrEqual(10_000);
    expect(ran_us(1)).toBeLessThan(10_000 + 3 * 4_000);
  });

  it("is run by one worker at a time again when the item of the hog is over", () => {
    const { room, worker, work, queue, ran_us, until } = queues({ threshold_ms: 10 });
    work(0, 60_000);
    work(1, 1_000);
    queue(0);
    queue(1);
    until(() => ran_us(1) >= 60_000 && room.isSleeping(worker(1)) !== 0);
    const before = ran_us(0);
    work(2, 50);
    work(3, 50);
    queue(2);
    queue(3);
    until(() => ran_us(0) + ran_us(1) - before >= 60_100);
    expect(ran_us(0)).toBe(before);
  });

  it("holds them up for ever without a threshold", () => {
    const { work, queue, ran_us, until } = queues({ threshold_ms: 0 });
    work(0, 60_000);
    work(1, 1_000);
    queue(0);
    queue(1);
    until(() => ran_us(1) >= 61_000);
    expect(ran_us(0)).toBe(0);
  });

  it("belongs to its CPU: work stays there while another one idles", () => {
    const { room, work, queue, worker, ran_us, until } = queues({ cpus: 2 });
    work(0, 3_000);
    work(1, 3_000);
    queue(0, 1);
    queue(1, 1);
    until(() => ran_us(3) >= 6_000);
    expect(room.cpuOf(worker(3))).toBe(1);
    expect(ran_us(0) + ran_us(1)).toBe(0);
  });
});

describe("the unbound pool", () => {
  it("runs as many items at once as it has workers, wherever a CPU is free", () => {
    const { room, work, queueUnbound, worker, ran_us, until } = queues({ cpus: 2, unbound: 2 });
    work(0, 3_000);
    work(1, 3_000);
    queueUnbound(0);
    queueUnbound(1);
    const [first, second] = [2 * WORKERS, 2 * WORKERS + 1];
    until(() => ran_us(first) >= 3_000 && ran_us(second) >= 3_000);
    expect(room.cpuOf(worker(first))).not.toBe(room.cpuOf(worker(second)));
  });
});
