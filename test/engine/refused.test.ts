// Specifications that somebody wrote by hand and got wrong: one clear error each, no trap.

import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { InputError } from "../../src/errors.ts";
import { geometry, listed, MEASURED_SLABS, simulateNow, spec } from "./spec.ts";

const CROWDED = { ...geometry(144), cpu_partial_slabs: 10_000 };

describe("a machine that cannot be", () => {
  it.each<[string, Partial<Omit<MachineConfig, "rcu">>, string]>([
    ["no CPU", { cpus: 0 }, "bad number of CPUs: found 0, expected a whole number from 1 to 1024"],
    ["more CPUs than RCU's tree has leaves for", { cpus: 1025 }, "bad number of CPUs: found 1025"],
    [
      "a CPU that no list holds",
      { cpus: 300, nohz_full: [256] },
      "bad nohz_full CPU: found 256, expected a whole number from 0 to 255",
    ],
    ["an exit elsewhere", { exit_cpu: 1 }, "bad exit CPU: found 1"],
    ["a negative phase", { tick_phase_ns: -1 }, "bad tick phase in ns: found -1"],
    ["no tick", { hz: 0 }, "bad HZ: found 0"],
    ["half a tick", { hz: 0.5 }, "bad HZ: found 0.5"],
    ["an offloaded CPU elsewhere", { rcu_nocbs: [1] }, "bad offloaded CPU: found 1"],
    [
      "a crowded partial list",
      { slab: { ...MEASURED_SLABS, vm_area_struct: CROWDED } },
      "bad cpu_partial_slabs of slab.vm_area_struct: found 10000, expected a whole number from 0 to 9",
    ],
  ])("is refused: %s", (_, machine, says) => {
    expect(() => Engine.plan(spec({ machine }))).toThrow(InputError);
    expect(() => Engine.plan(spec({ machine }))).toThrow(says);
  });
});

describe("what no JavaScript type keeps out", () => {
  const good = spec({});
  const { rcu } = good.machine;
  it.each<[string, unknown, string]>([
    ["an RCU setting that is no number", { ...rcu, qovld: Number.NaN }, "bad rcu.qovld: found NaN"],
    [
      "a limit of nothing",
      { ...rcu, blimit: 0 },
      "bad rcu.blimit: found 0, expected a whole number from 1 to",
    ],
    ["a forgotten setting", { ...rcu, qlowmark: undefined }, "bad rcu.qlowmark: found undefined"],
  ])("is refused: %s", (_, settings, says) => {
    const machine = { ...good.machine, rcu: settings as typeof rcu };
    expect(() => Engine.plan({ ...good, machine })).toThrow(InputError);
    expect(() => Engine.plan({ ...good, machine })).toThrow(says);
  });

  it.each<[unknown, string]>([
    [{ kind: "bussy" }, "bad kind of bystanders: found bussy, expected one of busy-user,"],
    [{ kind: "busy-user" }, "bad number of bystanders: found undefined"],
  ])("is refused: bystanders %j", (group, says) => {
    expect(() => Engine.plan({ ...good, load: [group] as never })).toThrow(says);
  });
});

describe("a trace that cannot be", () => {
  const trace = { batches_max: 1, hands_max: 1, hand_every: 1 };
  it.each([
    [{ ...trace, batches_max: -1 }, "bad batches_max of a trace: found -1"],
    [
      { ...trace, hand_every: 0 },
      "bad hand_every of a trace: found 0, expected a whole number from 1 to 100000000",
    ],
  ])("is refused: %j", (wanted, says) => {
    expect(() => Engine.plan({ ...spec({}), trace: wanted })).toThrow(says);
  });
});

describe("a policy that cannot be", () => {
  const good = { collect: "mm-list", release: "call-rcu", drain: { when: "end" } };
  const NUMBER = "expected a whole number from 0 to 2147483647";
  it.each<[object, string]>([
    [{ collect: "nope" }, 'bad collect of exit: found "nope", expected one of none, mm-list,'],
    [{ release: "nope" }, 'bad release of exit: found "nope", expected one of direct, call-rcu,'],
    [{ drain: undefined }, "bad drain of exit: found nothing, expected a rule"],
    [{ drain: "end" }, 'bad drain of exit: found "end", expected a rule'],
    [{ drain: {} }, "bad when of a drain rule of exit: found nothing, expected one of end,"],
    [{ drain: { when: "sizeover" } }, 'found "sizeover", expected one of end, size-over, interval'],
    ...[-4, 2 ** 40, 99.5, undefined, "5"].map((vmas): [object, string] => [
      { drain: { when: "size-over", vmas } },
      `bad vmas of a drain rule: found ${vmas}, ${NUMBER}`,
    ]),
    ...[-1, 1e20, Number.NaN].map((jiffies): [object, string] => [
      { drain: { when: "interval", jiffies } },
      `bad jiffies of a drain rule: found ${jiffies}, ${NUMBER}`,
    ]),
    [
      { drain: { when: "interval", jiffies: 1, timer: 1 } },
      "bad timer of a drain rule: found 1, expected true or false",
    ],
    [
      { collect: "private-list", drain: { when: "end", shrinker: true } },
      "bad shrinker of a drain rule: found true, expected none but that of collect: mm-list",
    ],
  ])("is refused: %j", (wrong, says) => {
    const exit = { ...good, ...wrong } as never;
    const wanted = { ...spec({}), strategy: { name: "mine", exit } };
    expect(() => Engine.plan(wanted)).toThrow(InputError);
    expect(() => Engine.plan(wanted)).toThrow(says);
  });

  it("is refused in munmap as well", () => {
    const { strategy } = spec({});
    const wanted = { ...spec({}), strategy: { ...strategy, munmap: "direct" as never } };
    expect(() => Engine.plan(wanted)).toThrow('bad policy of munmap: found "direct"');
  });
});

describe("an address space that cannot be", () => {
  it.each<[string, [number, number, number][], string]>([
    ["beyond 57 bits", [[2 ** 45, 1, 0]], "a VMA lies beyond 57-bit addresses"],
    ["one that ends there", [[2 ** 45 - 1, 2, 0]], "a VMA lies beyond 57-bit addresses"],
    ["below zero", [[-1, 1, 0]], "a VMA lies beyond 57-bit addresses"],
    ["an empty VMA", [[1, 0, 0]], "VMAs are empty, overlap or do not ascend"],
  ])("is refused: %s", (_, vmas, says) => {
    expect(() => simulateNow(spec({ space: listed(vmas) }))).toThrow(says);
  });

  it("may end at the very end", () => {
    const wanted = spec({ space: listed([[2 ** 45 - 2, 2, 16]]) });
    expect(simulateNow(wanted).metrics.nr_accounted_pages).toBe(2);
  });
});
