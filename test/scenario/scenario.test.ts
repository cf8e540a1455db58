import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { parseScenario, tickPhasesNs } from "../../src/scenario/scenario.ts";
import { scenarioJsonSchema } from "../../src/scenario/schema.ts";
import { BAD_MM_STRATEGIES } from "./bad-mm-strategies.ts";
import { BAD_NAMES } from "./bad-names.ts";
import { BAD_OVERRIDES } from "./bad-overrides.ts";
import { BAD_SCENARIOS } from "./bad-scenarios.ts";

const SMALL = `version: 1
address_space: { generate: alternating, vma_count: 10 }
strategies: [direct]
`;

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).not.toContain("\n");
    return (error as InputError).message;
  }
  return "accepted";
}

describe("a scenario", () => {
  it("of two lines is a 6.12 kernel with its defaults", () => {
    const scenario = parseScenario(SMALL, "s.yaml");
    expect(scenario.machine).toEqual({
      generation: "6.12",
      cpus: 1,
      hz: 250,
      preempt: "voluntary",
      tick_phase_ns: 0,
      exit_cpu: 0,
      rcu: {
        blimit: 10,
        qhimark: 10_000,
        qlowmark: 100,
        qovld: 20_000,
        rcu_divisor: 7,
        rcu_resched_ns: 3_000_000,
        jiffies_till_first_fqs: -1,
        jiffies_till_next_fqs: -1,
        jiffies_till_sched_qs: -1,
        use_softirq: 1,
        rcu_nocb_gp_stride: -1,
        nocb_nobypass_lim_per_jiffy: -1,
        jiffies_lazy_flush: -1,
        kthread_prio: 0,
        rcu_expedited: 0,
        rcu_normal: 0,
        rcu_normal_wake_from_gp: -1,
        rcu_cpu_stall_timeout: 21,
        rcu_exp_cpu_stall_timeout: 0,
        rcu_cpu_stall_suppress: 0,
      },
      preempt_rcu: true,
      hrtick: false,
      cpus_in_turn: false,
      tick_lateness: "counted",
      hrtick_latency_ns: 0,
      node_sheaves: [3, 29, 27],
      kworker_lag_ns: 0,
      ksoftirqd_lag_ns: 0,
      gp_kthread_lag_ns: 10_000,
      rcuog_lag_ns: 0,
      rcuop_lag_ns: 0,
      idle_before_ns: 0,
      nohz: true,
      nohz_full: [],
      rcu_boost: false,
      rcu_nocb_cpu_cb_boost: false,
      rcu_nocbs: [],
      rcu_nocb_poll: false,
      rcu_lazy: false,
      slab: {
        vm_area_struct: {
          object_bytes: 176,
          objects_per_slab: -1,
          slab_order: -1,
          cpu_partial_slabs: -1,
          min_partial: -1,
        },
        vma_lock: {
          object_bytes: 40,
          objects_per_slab: -1,
          slab_order: -1,
          cpu_partial_slabs: -1,
          min_partial: -1,
        },
        sheaf_capacity: -1,
        allocation_order: "address",
        vmas_freed_before: 0,
      },
    });
    expect(scenario.seed).toBe(1n);
    expect(scenario.profile).toBe("icount-6.12");
  });

  it("of 7.2 has what that kernel has by default, and its own profile", () => {
    const { machine, profile, strategies } = parseScenario(
      'version: 1\nmachine: { generation: "7.2" }\naddress_space: { maps: x }\n',
      "s.yaml",
    );
    expect(machine).toMatchObject({ preempt: "lazy", hrtick: true });
    expect(machine.slab.vm_area_struct.object_bytes).toBe(192);
    expect(profile).toBe("icount-7.2");
    expect(strategies[0]!.name).toBe("typesafe");
  });

  it("of 7.2 compares what 6.12 has where the VMAs are 6.12's", () => {
    const { strategies } = parseScenario(
      `version: 1
machine: { generation: "7.2" }
address_space: { maps: x }
workload: { type: mm, kernel: "6.12", threads: [{ name: a, mm: process, do: [exit] }] }
`,
      "s.yaml",
    );
    expect(strategies[0]!.name).toBe("direct");
  });

  it.each([
    ["none", []],
    ["all", [0, 1, 2, 3]],
    ["0-1,3", [0, 1, 3]],
    ["2", [2]],
  ])("offloads CPUs by the kernel's lists: %s", (list, cpus) => {
    const text = `${SMALL}machine: { cpus: 4, rcu_nocbs: "${list}" }\n`;
    expect(parseScenario(text, "s.yaml").machine.rcu_nocbs).toEqual(cpus);
  });

  it("may be JSON, indented with tabs", () => {
    const text = JSON.stringify(
      { version: 1, address_space: { maps: "a.maps", scale_to: 5 }, seed: "0xffffffffffffffff" },
      null,
      "\t",
    );
    const scenario = parseScenario(text, "s.json");
    expect(scenario.seed).toBe(2n ** 64n - 1n);
    expect(scenario.strategies.map(({ name }) => name)).toHaveLength(5);
  });

  it("spells strategies out", () => {
    const text = SMALL.replace(
      "[direct]",
      "[batch-7, throttle, {name: mine, exit: {collect: private-list, release: call-rcu}}]",
    );
    const { strategies } = parseScenario(`${text}machine: {hz: 1000}\n`, "s.yaml");
    expect(strategies).toEqual([
      {
        name: "batch-7",
        exit: { collect: "mm-list", drain: { when: "size-over", vmas: 7 }, release: "call-rcu" },
      },
      {
        name: "throttle",
        exit: {
          collect: "mm-list",
          drain: { when: "interval", jiffies: 1000 },
          release: "call-rcu",
        },
      },
      {
        name: "mine",
        exit: { collect: "private-list", drain: { when: "end" }, release: "call-rcu" },
      },
    ]);
  });

  it("takes CPUs as a list of numbers as well", () => {
    const lists = (all: string, some: string) => {
      const machine = `machine: { cpus: 4, rcu_nocbs: ${some}, nohz_full: ${all} }\n`;
      const load = `load: [{ type: busy, cpus: ${some} }]\n`;
      return parseScenario(`${SMALL}${machine}${load}`, "s.yaml");
    };
    expect(lists("[3, 1]", "[0, 2]")).toEqual(lists("'1,3'", "'0,2'"));
    expect(lists("[]", "[2]")).toEqual(lists("none", "2"));
    expect(lists("[3, 1]", "[0, 2]").machine).toMatchObject({
      nohz_full: [1, 3],
      rcu_nocbs: [0, 2],
    });
  });

  it("may give the policy of a preset its name", () => {
    const written =
      "{ name: batch-7, exit: { release: call-rcu, drain: { vmas: 7, when: size-over }, collect: mm-list } }";
    const spelled = parseScenario(SMALL.replace("direct", written), "s.yaml");
    expect(spelled.strategies).toEqual(
      parseScenario(SMALL.replace("direct", "batch-7"), "s.yaml").strategies,
    );
  });

  it("takes any N of batch-N that the engine can count to", () => {
    const text = SMALL.replace("direct", "batch-0, batch-2147483647");
    const drains = parseScenario(text, "s.yaml").strategies.map(({ exit }) => exit.drain);
    expect(drains).toEqual([0, 2_147_483_647].map((vmas) => ({ when: "size-over", vmas })));
  });

  it("takes overrides, the last one winning", () => {
    const sets = [
      "machine.cpus=4",
      "machine.cpus=8",
      "machine.rcu.blimit=1_000",
      "strategies.1=single",
    ];
    const scenario = parseScenario(SMALL, "s.yaml", sets.map(parseOverride));
    expect(scenario.machine.cpus).toBe(8);
    expect(scenario.machine.rcu.blimit).toBe(1000);
    expect(scenario.strategies.map(({ name }) => name)).toEqual(["direct", "single"]);
  });
});

describe("a bad scenario is refused in one line that says where and why:", () => {
  it.each([...BAD_SCENARIOS, ...BAD_NAMES, ...BAD_MM_STRATEGIES])("$what", ({ text, says }) => {
    expect(messageOf(() => parseScenario(text, "s.yaml"))).toBe(says);
  });
});

describe("a bad --set is refused in one line:", () => {
  it.each(BAD_OVERRIDES)("$set", ({ set, says }) => {
    expect(messageOf(() => parseScenario(SMALL, "s.yaml", [parseOverride(set)]))).toBe(says);
  });
});

describe("tick phases", () => {
  it("are spread evenly over one jiffy, wrapping around it", () => {
    expect(tickPhasesNs(4, 250)).toEqual([0, 1_000_000, 2_000_000, 3_000_000]);
    expect(tickPhasesNs(4, 250, 1_500_000)).toEqual([1_500_000, 2_500_000, 3_500_000, 500_000]);
    expect(new Set(tickPhasesNs(16, 300)).size).toBe(16);
  });
});

describe("the JSON Schema", () => {
  it("is plain JSON with kernel defaults and ranges", () => {
    const schema = JSON.parse(JSON.stringify(scenarioJsonSchema()));
    const { machine } = schema.properties;
    expect(machine.properties.cpus).toMatchObject({ minimum: 1, maximum: 256, default: 1 });
    expect(machine.properties.rcu.properties.blimit).toMatchObject({ default: 10 });
    const { object_size } = machine.properties.slab.properties.vm_area_struct.properties;
    expect(object_size.description).toContain("176B, in 7.2 192B");
    expect(schema.additionalProperties).toBe(false);
  });
});
