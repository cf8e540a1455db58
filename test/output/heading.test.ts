// What stands above every table: all of a machine that is not the kernel's own, under the kernel's names.

import { describe, expect, it } from "vitest";
import type { CostProfile } from "../../src/api/types.ts";
import { heading, machineText, type Subject } from "../../src/output/heading.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

const machineOf = (machine: string) =>
  parseScenario(`version: 1\nmachine: ${machine}\naddress_space: { maps: x }\n`, "s.yaml").machine;

describe("the machine in words", () => {
  it.each([
    ["{}", "Linux 6.12, 1 CPU, HZ 250, preempt voluntary, VMA 176 B + lock 40 B"],
    ['{ generation: "7.2" }', "Linux 7.2, 1 CPU, HZ 250, preempt lazy, VMA 192 B"],
  ])("is its kernel and its sizes where nothing else is said: %s", (machine, said) => {
    expect(machineText(machineOf(machine))).toBe(said);
  });

  it.each([
    ["{ tick_phase: 1500us }", ", first tick at 1.500 ms"],
    ["{ preempt_rcu: false }", ", no PREEMPT_RCU"],
    ["{ nohz: false }", ", nohz=off"],
    ["{ cpus: 4, nohz_full: 1-2 }", ", nohz_full=1,2"],
    ['{ cpus: 4, rcu_kthread_cpus: "0,3" }', ", RCU kthreads on 0,3"],
    ["{ rcu_boost: true }", ", RCU_BOOST"],
    ["{ rcu_nocb_cpu_cb_boost: true }", ", RCU_NOCB_CPU_CB_BOOST"],
    ["{ rcu: { blimit: 99, rcu_normal: 1 } }", ", rcutree.blimit=99, rcupdate.rcu_normal=1"],
    ["{ rcu: { rcu_expedited: 1 } }", ", rcupdate.rcu_expedited=1"],
    ["{ cpus: 4, rcu_nocbs: 1-2 }", ", rcu_nocbs=1,2"],
    [
      "{ cpus: 4, rcu_nocbs: all, rcu_nocb_poll: true, rcu_lazy: true }",
      ", rcu_nocbs=all, rcu_nocb_poll, RCU_LAZY",
    ],
  ])("names what is not the default: %s", (machine, said) => {
    expect(machineText(machineOf(machine))).toContain(said);
  });

  it("does not name what is the default, said or not", () => {
    const said = machineOf("{ nohz: true, preempt_rcu: true, rcu: { blimit: 10, qovld: 20_000 } }");
    expect(machineText(said)).toBe(machineText(machineOf("{}")));
  });
});

describe("the heading", () => {
  const range = { generations: ["6.12"], vma_count_min: 1000, vma_count_max: 2000, cpus_max: 1 };
  const subject = (vma_count: number, machine = "{}", title?: string): Subject => ({
    title,
    workload: "exit",
    machine: machineOf(machine),
    profile: { name: "own", title: "a test", range } as unknown as CostProfile,
    what: "Exit of something.",
    vma_count,
    seed: 7n,
  });
  const beyond = (of: Subject) =>
    heading(of)
      .join(" ")
      .match(/Beyond the profile's range, hence extrapolated: (.*)\.$/)?.[1];

  it("has a title where there is one, then what, the machine, costs and seed", () => {
    const [title, what, ...rest] = heading(subject(1500, "{}", "A title"));
    expect([title, what]).toEqual(["A title", "Exit of something."]);
    expect(rest.join(" ")).toMatch(/^Linux 6\.12, .*\. Costs: own \(a test\)\. Seed 7\.$/);
    expect(heading(subject(1500))[0]).toBe("Exit of something.");
  });

  it.each([
    [1000, "{}", undefined],
    [2000, "{}", undefined],
    [999, "{}", "999 VMAs (measured 1,000 to 2,000)"],
    [1, "{}", "1 VMA (measured 1,000 to 2,000)"],
    [2001, "{ cpus: 2 }", "2,001 VMAs (measured 1,000 to 2,000); 2 CPUs (measured one)"],
    // a workload that tears none down is not beyond a range of VMAs
    [0, "{}", undefined],
    [1500, '{ generation: "7.2" }', "Linux 7.2 (measured 6.12)"],
  ])("says what lies beyond the profile's range: %i VMAs, %s", (vma_count, machine, said) => {
    expect(beyond(subject(vma_count, machine))).toBe(said);
  });
});
