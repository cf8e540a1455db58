// Points of a grid, and how a set of them is called.

import { describe, expect, it } from "vitest";
import { parseOverride, strategiesOverride, vmasOverride } from "../../src/scenario/overrides.ts";
import { Grid } from "../../src/sweep/grid.ts";
import { shortKeys, whereText } from "../../src/sweep/where.ts";

const names = (grid: Grid) => Array.from({ length: grid.length }, (_, at) => grid.nameAt(at));

describe("the points of a grid", () => {
  const grid = new Grid(["vmas=1000,2000", "machine.hz=100,250,1000"]);

  it("come with the last key changing from one to the next", () => {
    expect(names(grid)).toEqual([
      "vmas=1000, machine.hz=100",
      "vmas=1000, machine.hz=250",
      "vmas=1000, machine.hz=1000",
      "vmas=2000, machine.hz=100",
      "vmas=2000, machine.hz=250",
      "vmas=2000, machine.hz=1000",
    ]);
  });

  it("have neighbours along each key", () => {
    expect([...grid.lines(0)]).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect([...grid.lines(1)]).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it("put their values where the scenario has them", () => {
    const [vmas, hz] = grid.rulesAt(4);
    expect(hz).toMatchObject({ path: ["machine", "hz"], value: 250 });
    expect(vmas).toBeInstanceOf(Function);
    const made = (vmas as (tree: unknown) => unknown)({ address_space: { generate: "gappy" } });
    expect(made).toMatchObject({ path: ["address_space", "vma_count"], value: "2000" });
  });

  it.each([
    [["vmas=1,2", "vmas=3"], [], "--vary vmas and --vary vmas write one key"],
    [["vmas=1,2", "address_space.scale_to=3"], [], "--vary vmas and --vary address_space.scale_to"],
    [["machine.rcu={}", "machine.rcu.blimit=3"], [], "--vary machine.rcu and --vary machine.rcu.b"],
    [["vmas=1,2"], [vmasOverride("5")], "--vary vmas and --vmas 5 write one key"],
    [
      ["machine.cpus=1"],
      [parseOverride("machine.cpus=2")],
      "--vary machine.cpus and --set machine",
    ],
    [["machine.rcu={}"], [parseOverride("machine.rcu.blimit=2")], "--vary machine.rcu and --set "],
    [[], [], "nothing to vary: expected at least one --vary KEY=VALUES"],
  ])("are refused where two write one key: %j", (vary, overrides, message) => {
    expect(() => new Grid(vary, overrides)).toThrow(message);
  });

  it("may vary a part of what is set as a whole", () => {
    const set = [parseOverride("machine.rcu={blimit: 3}"), strategiesOverride("direct")];
    expect(new Grid(["machine.rcu.blimit=1,2", "strategies.0.name=a,b"], set).length).toBe(4);
  });

  it("are refused where there are too many, with both numbers", () => {
    const vary = ["vmas=1..1_000+1", "machine.hz=1..1_000+1"];
    expect(() => new Grid(vary)).toThrow(
      "too many points: found 1,000,000 points needed, expected at most 100,000",
    );
  });
});

describe("where something holds", () => {
  const grid = new Grid(["vmas=1_000..10_000_000x10", "machine.rcu.blimit=10,100"]);
  const at = (...positions: number[]) => positions.flatMap((one) => [2 * one, 2 * one + 1]);

  it.each([
    [at(0, 1, 2, 3, 4), "everywhere"],
    [at(0), "at vmas 1,000"],
    [at(1, 2, 3), "at vmas 10,000 to 1,000,000"],
    [at(0, 3, 4), "at vmas 1,000 and 1,000,000, 10,000,000"],
    [[0, 2, 4, 6, 8], "at blimit 10"],
    [[0, 1, 2], "at 3 of 10 points"],
  ])("%j is said in a few words", (points, text) => {
    expect(whereText(grid, points)).toBe(text);
  });

  it("is said with the parts of keys that tell them apart", () => {
    expect(shortKeys(["machine.rcu.blimit", "vmas"])).toEqual(["blimit", "vmas"]);
    expect(shortKeys(["load.0.tasks", "load.1.tasks"])).toEqual(["load.0.tasks", "load.1.tasks"]);
    expect(
      shortKeys(["machine.slab.vma_lock.slab_order", "machine.slab.vm_area_struct.slab_order"]),
    ).toEqual(["vma_lock.slab_order", "vm_area_struct.slab_order"]);
  });
});
