// How the values of a key are written.

import { describe, expect, it } from "vitest";
import { parseAxis } from "../../src/sweep/values.ts";

const texts = (argument: string): string[] => parseAxis(argument).values.map(({ text }) => text);
const numbers = (argument: string) => parseAxis(argument).values.map(({ number }) => number);

describe("values of a key", () => {
  it("are a list, as --set takes each of them", () => {
    expect(texts("machine.preempt=none, voluntary,full")).toEqual(["none", "voluntary", "full"]);
    expect(parseAxis("machine.preempt=none,full").scale).toBe("list");
    expect(texts("load=[],[{type: busy, tasks: 2}]")).toEqual(["[]", "[{type: busy, tasks: 2}]"]);
    expect(texts('title="a, b",c')).toEqual(['"a, b"', "c"]);
    expect(texts("profile=../a.json,b.json")).toEqual(["../a.json", "b.json"]);
  });

  it("are steps that are added, the end among them where a step falls on it", () => {
    expect(numbers("vmas=10..40+10")).toEqual([10, 20, 30, 40]);
    expect(numbers("vmas=10..45+10")).toEqual([10, 20, 30, 40]);
    expect(parseAxis("vmas=10..40+10").scale).toBe("linear");
  });

  it("are factors, in whole numbers that come once", () => {
    expect(numbers("vmas=1_000..1_000_000x10")).toEqual([1_000, 10_000, 100_000, 1_000_000]);
    expect(texts("vmas=1_000..100_000*10")).toEqual(["1000", "10000", "100000"]);
    expect(numbers("machine.rcu.blimit=1..10x1.5")).toEqual([1, 2, 3, 5, 8]);
    expect(parseAxis("vmas=1..8x2").scale).toBe("geometric");
  });

  it("are durations and sizes, in the largest unit that leaves them whole", () => {
    expect(texts("machine.tick_phase=500us..2ms+500us")).toEqual(["500us", "1ms", "1500us", "2ms"]);
    expect(texts("machine.memory.ram=512MiB..2GiBx2")).toEqual(["512MiB", "1GiB", "2GiB"]);
    expect(numbers("machine.tick_phase=1ms,2us")).toEqual([1_000_000, 2_000]);
  });

  it("may be ranges and single values together", () => {
    expect(numbers("machine.cpus=1,2,4..16+4,64")).toEqual([1, 2, 4, 8, 12, 16, 64]);
  });

  it("are drawn with a logarithmic axis where they grow by factors", () => {
    expect(parseAxis("vmas=10,30,100").scale).toBe("geometric");
    expect(parseAxis("vmas=10,12,13").scale).toBe("linear");
    expect(parseAxis("machine.cpus=0,1,10").scale).toBe("linear");
  });

  it.each([
    ["vmas", '--vary: no KEY=VALUES: found "vmas"'],
    ["=3", '--vary: no KEY=VALUES: found "=3"'],
    ["vmas=", "--vary vmas: a value is missing: found nothing"],
    ["vmas=1,,2", "--vary vmas: a value is missing: found nothing"],
    [
      "vmas=1..9",
      '--vary vmas: bad range: found "1..9", expected FROM..TO+STEP or FROM..TOxFACTOR',
    ],
    ["vmas=9..1+1", '--vary vmas: bad range: found "9..1+1", expected a range that ascends'],
    ["vmas=1..9+0", "bad range: found 0, expected a step above 0"],
    ["vmas=1..9+1ms", "bad range: found 1ms, expected a step above 0 in the unit of 1"],
    ["vmas=1..9x1", "bad range: found 1, expected a factor above 1"],
    ["vmas=0..9x2", "bad range: found 0, expected a range of factors that begins above 0"],
    ["vmas=1ms..9x2", "bad range: found 1ms and 9, expected two whole numbers, two durations"],
    ["vmas=1.5..9+1", "bad range: found 1.5 and 9, expected two whole numbers"],
    ["vmas=1_000,2,1000", "--vary vmas: a value twice: found 1000"],
    ["vmas=1..3+1,2", "--vary vmas: a value twice: found 2"],
    ["strategies=direct", "--vary: a key that does not vary: found strategies, expected --strat"],
    ["tick_phases=1,2", "--vary: a key that does not vary: found tick_phases, expected --tick"],
    ["a.__proto__=1", '--vary: no such key "a.__proto__"'],
    ["load=[", "--vary load=[: not YAML or JSON"],
  ])("%s is refused with what was found and expected", (argument, message) => {
    expect(() => parseAxis(argument)).toThrow(expect.objectContaining({ code: 2 }));
    expect(() => parseAxis(argument)).toThrow(message);
  });

  it.each(["vmas=1..1_000_000_000+1", "vmas=1..1_000_000_000x1.0001"])(
    "%s is refused as too many, before they are made",
    (argument) => {
      expect(() => parseAxis(argument)).toThrow(/too many values: found [\d,]+ values needed/);
      expect(() => parseAxis(argument)).toThrow(expect.objectContaining({ code: 3 }));
    },
  );
});
