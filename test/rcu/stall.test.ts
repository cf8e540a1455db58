// RCU CPU stalls: when a grace period that does not end is reported, by whom, and what of it.

import { describe, expect, it } from "vitest";
import { Metric } from "../../assembly/abi/metric.ts";
import { jobSpec } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { RcuStall } from "../../src/api/stalls.ts";
import type { RunResult, RunSpec } from "../../src/api/types.ts";
import type { EngineMemory } from "../../src/engine/abi.ts";
import { readStalls } from "../../src/engine/stalls.ts";
import { stallText } from "../../src/output/stall-text.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { strategyJobs } from "../../src/scenario/resolve.ts";
import { metricOf } from "../engine/rooms.ts";
import { CALL_RCU, simulateNow, spec } from "../engine/spec.ts";
import { FIRST_READER, RcuMachine } from "./rcu-room.ts";

const A = FIRST_READER;
const B = A + 1;
const C = A + 2;
const HZ = 250;
const TIMEOUT = 21 * HZ;
const PS_PER_JIFFY = 1e12 / HZ;

/** Two CPUs that run A and B; B is in a section when a grace period begins, in jiffy 1. */
class Stall {
  readonly machine: RcuMachine;
  readonly #spec: RunSpec;

  constructor(rcu: Record<string, number> = {}) {
    this.#spec = spec({ machine: { cpus: 2, hz: HZ, tick_phase_ns: 0 }, rcu });
    this.machine = new RcuMachine(this.#spec);
    const { room } = this.machine;
    for (const [cpu, task] of [A, B].entries()) {
      room.setIdle(cpu, 0);
      room.runTask(cpu, task);
    }
    for (let task = 0; task < 12; task++) room.holdTask(task);
    this.goTo(1);
    room.lockBy(B);
    this.machine.call(0, 5);
    this.machine.tick(0);
    this.machine.kthread(0, A);
  }

  /** Everybody's clock goes to the middle of a jiffy. */
  goTo(jiffy: number): void {
    for (const cpu of [0, 1]) {
      this.machine.room.setNow(cpu, BigInt(Math.round((jiffy + 0.5) * PS_PER_JIFFY)));
    }
  }

  /** A tick of a CPU, so many jiffies after the grace period began. */
  tickAt(age: number, cpu: number): void {
    this.goTo(1 + age);
    this.machine.room.tickCpu(cpu, 0);
  }

  get count(): number {
    return Number(metricOf(this.machine.room, Metric.RCU_STALLS));
  }

  get reports(): readonly RcuStall[] {
    const { room } = this.machine;
    const memory = {
      metric: (slot: number) => metricOf(room, slot),
      stallWords: (from: number, length: number) =>
        new BigUint64Array(room.memory.buffer, room.stallsAddress() + 8 * from, length),
    };
    return readStalls(memory as unknown as EngineMemory, this.#spec).stalls?.reports ?? [];
  }
}

describe("a CPU that has yet to report", () => {
  it("reports itself in its first tick after 21 seconds, and not before", () => {
    const it = new Stall();
    for (const age of [1, TIMEOUT / 2, TIMEOUT - 1]) it.tickAt(age, 1);
    expect(it.count).toBe(0);
    it.tickAt(TIMEOUT, 1);
    expect(it.reports).toEqual([
      {
        time_ns: (1 + TIMEOUT + 0.5) * 4e6,
        kind: "self",
        detected_by: 1,
        jiffies: TIMEOUT,
        gp_seq: -300 * 4 + 1,
        queued: 5,
        fqs: 0,
        kthread_starved_jiffies: TIMEOUT, // the test has let it sleep
        cpu_count: 2,
        task_count: 0,
        cpus: [
          { cpu: 0, gps_behind: 0, ticks: 0, watching: 1, softirqs: [0, 0] },
          { cpu: 1, gps_behind: 0, ticks: 4, watching: 1, softirqs: [0, 0] },
        ],
        tasks: [],
      },
    ]);
    expect(it.machine.room.needResched(1)).toBe(1);
  });

  it("is reported by another CPU two jiffies later where it does not tick", () => {
    const it = new Stall();
    it.machine.tick(0); // CPU 0 reports
    for (const age of [TIMEOUT, TIMEOUT + 1]) it.tickAt(age, 0);
    expect(it.count).toBe(0);
    it.tickAt(TIMEOUT + 2, 0);
    const [report] = it.reports;
    expect(report).toMatchObject({ kind: "other", detected_by: 0, jiffies: TIMEOUT + 2 });
    expect(report!.cpus.map(({ cpu }) => cpu)).toEqual([1]);
    expect(it.machine.room.gpFlags() & 2).toBe(2); // it forces a scan
  });

  it("is reported again three times as late and three jiffies, until it is over", () => {
    const it = new Stall();
    const again = 3 * TIMEOUT + 3;
    it.tickAt(TIMEOUT, 1);
    it.tickAt(TIMEOUT + again - 1, 1);
    expect(it.count).toBe(1);
    it.tickAt(TIMEOUT + again, 1);
    it.tickAt(TIMEOUT + 2 * again, 1);
    expect(it.reports.map(({ jiffies }) => jiffies)).toEqual([
      TIMEOUT,
      TIMEOUT + again,
      TIMEOUT + 2 * again,
    ]);
    for (let more = 3; more < 12; more++) it.tickAt(TIMEOUT + more * again, 1);
    expect(it.count).toBe(12);
    expect(it.reports).toHaveLength(8);
  });

  it.each([
    [3, 750],
    [60, 15_000],
    [300, 75_000],
  ])("is given rcu_cpu_stall_timeout = %i seconds", (rcu_cpu_stall_timeout, jiffies) => {
    const it = new Stall({ rcu_cpu_stall_timeout });
    it.tickAt(jiffies - 1, 1);
    expect(it.count).toBe(0);
    it.tickAt(jiffies, 1);
    expect(it.count).toBe(1);
  });

  it("is not reported with rcu_cpu_stall_suppress", () => {
    const it = new Stall({ rcu_cpu_stall_suppress: 1 });
    for (let age = TIMEOUT; age < 5 * TIMEOUT; age += 1000) it.tickAt(age, 1);
    expect(it.count).toBe(0);
  });

  it("gets interrupts to reschedule from half the time on, each jiffies_till_sched_qs", () => {
    const it = new Stall();
    const { room } = it.machine;
    it.machine.tick(1); // it notices the grace period
    const nudged: number[] = [];
    for (let age = TIMEOUT / 2 - 30; age < TIMEOUT / 2 + 100; age++) {
      it.goTo(1 + age);
      room.wantResched(1, 0);
      it.machine.kthread(0, A);
      if (room.needResched(1) === 1) nudged.push(age - TIMEOUT / 2);
    }
    expect(room.schedQsJiffies()).toBe(25);
    expect(nudged).toEqual([1, 27, 53, 79]);
  });
});

describe("a reader that was preempted", () => {
  it("is reported by its task, with what is known of it", () => {
    const it = new Stall();
    const { room } = it.machine;
    room.switchTo(1, C);
    it.machine.tick(0);
    for (let tick = 0; tick < 2; tick++) it.machine.tick(1); // it notices, and reports
    expect(room.leafMask(0)).toBe(0n);
    it.goTo(TIMEOUT);
    it.machine.kthread(0, A); // a scan just before
    it.tickAt(TIMEOUT + 1, 1);
    it.tickAt(TIMEOUT + 2, 0);
    const [report] = it.reports;
    expect(report).toMatchObject({ kind: "other", cpu_count: 0, task_count: 1, fqs: 1 });
    expect(report!.kthread_starved_jiffies).toBe(0);
    expect(report!.tasks).toEqual([
      { task: B, name: "thread 0", nesting: 1, flags: "b..l", leaf_cpus: [0, 1] },
    ]);
  });
});

describe("an expedited grace period", () => {
  it.each([
    [0, TIMEOUT],
    [20, 5],
    [1, 2], // a full tick at least
  ])("of rcu_exp_cpu_stall_timeout = %i ms is reported after %i jiffies", (ms, jiffies) => {
    const it = new Stall({ rcu_exp_cpu_stall_timeout: ms });
    const { room } = it.machine;
    room.expeditedLook(0, C);
    it.goTo(10);
    const wakes_at = room.expKthreadOn(0);
    room.ipiArrives(1);
    // a timeout of n jiffies fires on the tick after the n-th, a long one at the next multiple of 512
    const due = jiffies < 63 ? 12 + jiffies : (((11 + jiffies) >> 9) + 1) << 9;
    expect(wakes_at).toBe(BigInt((due - 1) * PS_PER_JIFFY));
    it.goTo(10 + jiffies - 1);
    room.expKthreadOn(0);
    expect(it.count).toBe(0);
    it.goTo(10 + jiffies + 1);
    room.expKthreadOn(0);
    expect(it.reports[0]).toMatchObject({ kind: "expedited", gp_seq: 1, jiffies: jiffies + 1 });
    expect(it.reports[0]!.cpus.map(({ cpu }) => cpu)).toEqual([1]);
    it.goTo(10 + jiffies + 1 + 3 * jiffies + 3);
    room.expKthreadOn(0);
    expect(it.count).toBe(2);
  });
});

/** A minute is enough for these. */
function runLong(wanted: RunSpec): RunResult {
  return simulateNow(wanted, undefined, 6e10);
}

const STUCK = {
  ...{ name: "stuck", kind: "reader" as const, tasks: 1, bound: true, cpus: [1], priority: 0 },
  ...{ work_ns: 25e9, period_ns: 0 },
};

describe("a whole run", () => {
  it("names the bystander that is preempted in its section, and pages of 80 columns say it", () => {
    const machine = { cpus: 2, preempt: "full" } as const;
    const load = [STUCK, { ...STUCK, name: "other", kind: "busy-user" as const, work_ns: 0 }];
    const result = runLong({ ...spec({ machine, exit: CALL_RCU }), load });
    const [report] = result.stalls!.reports;
    expect(report!.tasks.map(({ name, flags }) => `${name} ${flags}`)).toEqual(["stuck b..l"]);
    expect(report!.cpus).toEqual([]);
    const lines = stallText([{ label: "call_rcu", stalls: result.stalls }], { cpus: 2 });
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(lines[1]).toContain("INFO: rcu_preempt detected stalls on CPUs/tasks:");
    expect(lines.join("\n")).toMatch(
      /Tasks blocked on rcu_node \(CPUs 0-1\): P\d+\/1:b\.\.l \(stuck\)/,
    );
    expect(lines.join("\n")).toMatch(/\(detected by \d, t=5252 jiffies, g=-1199, q=\d+ ncpus=2\)/);
  });

  it("takes no more notice of a stall than of none where reports are suppressed", () => {
    const wanted = (suppress: number) => ({
      ...spec({ machine: { cpus: 2 }, exit: CALL_RCU, rcu: { rcu_cpu_stall_suppress: suppress } }),
      load: [STUCK],
    });
    const [told, untold] = [runLong(wanted(0)), runLong(wanted(1))];
    expect(told.stalls!.count).toBeGreaterThan(0);
    expect(untold.stalls).toBeUndefined();
    expect(told.metrics.freed_final).toBe(untold.metrics.freed_final);
  });

  const stallsOf = async (name: string): Promise<number[]> => {
    const resolved = await loadScenario(name);
    const jobs = resolved.scenario.strategies.map((it) => strategyJobs(resolved, it)[0]!);
    const results = await Promise.all(jobs.map((job) => simulate(jobSpec(job))));
    return results.map(({ stalls }) => stalls?.count ?? 0);
  };

  it("of the scenario long-reader is reported for all but direct frees", async () => {
    expect(await stallsOf("long-reader")).toEqual([0, 2, 2]);
  });

  it.each(["callbacks", "rcu-flood", "rcu-flood-offloaded", "spawn-loop", "exits-together"])(
    "of %s has none",
    async (name) => {
      for (const count of await stallsOf(name)) expect(count).toBe(0);
    },
  );
});
