// What `describe` says of strategies and runs.

import { describe, expect, it } from "vitest";
import { cli } from "../cli/in-process.ts";

/** The lines between the heading and the memory plan. */
async function runsOf(scenario: string, ...args: string[]): Promise<string[]> {
  const { stdout, stderr } = await cli(["describe", scenario, ...args]);
  expect(stderr).toBe("");
  return stdout.split("\n\n")[1]!.split("\n");
}

describe("the description", () => {
  it("tells every preset from every other", async () => {
    const names = "typesafe,throttle,throttle-timer,throttle-shrinker,rcu-sheaf,single";
    const [head, ...lines] = await runsOf("exit-flood-7.2", "--strategies", names);
    expect(head).toBe("Strategies (6 runs)");
    const [, ...of_612] = await runsOf("exit-flood", "--strategies", "kvfree_rcu");
    const texts = lines
      .join(" ")
      .split(/ {3}(?=\S+: )|^ {2}/)
      .slice(1);
    const said = texts.map((text) => text.replace(/^\S+: /, ""));
    expect(said).toHaveLength(6);
    const bulk = of_612.join(" ").replace(/^.*kvfree_rcu: /, "");
    expect(new Set([...said, bulk]).size).toBe(7);
    expect(said[0]).toBe("free each VMA at once, only empty slabs wait (what 7.2 does)");
  });

  it.each([
    ["exit: {collect: none, release: direct}", "each VMA freed at once"],
    ["exit: {collect: none, release: call-rcu}", "one call_rcu() per VMA"],
    [
      "exit: {collect: mm-list, drain: {when: size-over, vmas: 1000}, release: call-rcu}",
      "per-mm list, drained when longer than 1,000, one call_rcu() per group",
    ],
    [
      "exit: {collect: mm-list, drain: {when: interval, jiffies: 1}, release: call-rcu}",
      "per-mm list, drained by a free over 1 jiffy after the last drain, one call_rcu() per group",
    ],
    [
      "exit: {collect: mm-list, drain: {when: interval, jiffies: 9, timer: true, shrinker: true}, release: call-rcu}",
      "per-mm list, drained by a timer, 9 jiffies after its first VMA, or when memory is short, one call_rcu() per group",
    ],
    [
      "exit: {collect: private-list, release: call-rcu}, munmap: {collect: bulk, release: call-rcu}",
      "private list, drained at the end, one call_rcu() per group; in munmap: pages of pointers (kvfree_rcu), drained at the end, one call_rcu() per group",
    ],
  ])("puts a strategy of one's own in words: %s", async (policies, said) => {
    const lines = await runsOf("node-server", "--set", `strategies=[{name: own, ${policies}}]`);
    expect(lines.join(" ").replace(/\s+/g, " ")).toBe(`Strategies (1 run) own: ${said}`);
  });

  it("names no strategy where a run has none", async () => {
    const scenario = "vmalloc/with-the-threshold";
    expect(await runsOf(scenario)).toEqual(["One run"]);
    expect(await runsOf(scenario, "--tick-phases", "4")).toEqual(["4 runs, at 4 tick phases"]);
  });
});
