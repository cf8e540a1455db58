// Random programs of calls, written as strace would, imported, read as a scenario and run by the engine's own
// operations: at the end the same pages are mapped with the same access as a naive list of pages says.

import fc from "fast-check";
import { expect, it } from "vitest";
import { MmSetting } from "../../assembly/abi/mm.ts";
import { fillWorld, vmaObjects } from "../../src/litmus/fill.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import type { MmRoom } from "../mm/mm-room.ts";
import { loadRoom } from "../queue/load.ts";
import { scenarioOf } from "./traces.ts";

const FIRST = 0x1000;
const PAGES = 40;
const HEAP = 0x2000;
const hex = (page: number): string => `0x${(page * 4096).toString(16)}`;

/** What is mapped where: access bits and MAP_SHARED, undefined for nothing. */
type Pages = Map<number, number>;

interface Call {
  readonly kind:
    | "map"
    | "fixed"
    | "file"
    | "shared"
    | "unmap"
    | "protect"
    | "brk"
    | "move"
    | "fail";
  readonly page: number;
  readonly pages: number;
  readonly access: number;
}

const call: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom(
    "map",
    "fixed",
    "file",
    "shared",
    "unmap",
    "protect",
    "brk",
    "move",
    "fail",
  ),
  page: fc.nat(PAGES - 1),
  pages: fc.integer({ min: 1, max: 12 }),
  access: fc.constantFrom(0, 1, 3, 5),
});

/** The naive kernel: does the call, and writes the line that strace would. */
class Naive {
  readonly pages: Pages = new Map();
  heap = HEAP;

  #all(from: number, count: number): number[] {
    return Array.from({ length: count }, (_, i) => from + i);
  }

  line({ kind, page, pages, access }: Call): string | undefined {
    const at = FIRST + page;
    const range = this.#all(at, pages);
    const free = range.every((one) => !this.pages.has(one));
    const bytes = pages * 4096;
    const set = (list: number[], to: number | undefined): void => {
      for (const one of list) to === undefined ? this.pages.delete(one) : this.pages.set(one, to);
    };
    switch (kind) {
      case "map":
      case "file":
      case "shared": {
        if (!free) return undefined;
        set(range, access + (kind === "shared" ? 8 : 0));
        const flags = {
          map: "MAP_PRIVATE|MAP_ANONYMOUS",
          file: "MAP_PRIVATE",
          shared: "MAP_SHARED|MAP_ANONYMOUS",
        };
        return `mmap(NULL, ${bytes}, ${access}, ${flags[kind]}, -1, 0) = ${hex(at)}`;
      }
      case "fixed":
        set(range, access);
        return `mmap(${hex(at)}, ${bytes}, ${access}, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = ${hex(at)}`;
      case "unmap":
        set(range, undefined);
        return `munmap(${hex(at)}, ${bytes}) = 0`;
      case "protect":
        if (!range.every((one) => this.pages.has(one))) return undefined;
        for (const one of range) this.pages.set(one, (this.pages.get(one)! & 8) + access);
        return `mprotect(${hex(at)}, ${bytes}, ${access}) = 0`;
      case "brk": {
        const end = HEAP + page;
        set(this.#all(HEAP, PAGES), undefined);
        set(this.#all(HEAP, page), 3);
        this.heap = end;
        return `brk(${hex(end)}) = ${hex(end)}`;
      }
      case "move": {
        const old = this.pages.get(at);
        const to = FIRST + 4 * PAGES + page;
        const target = this.#all(to, pages);
        const same = range.every((one) => this.pages.get(one) === old) && old !== undefined;
        if (!same || target.some((one) => this.pages.has(one))) return undefined;
        set(range, undefined);
        set(target, old);
        return `mremap(${hex(at)}, ${bytes}, ${bytes}, MREMAP_MAYMOVE) = ${hex(to)}`;
      }
      default:
        return `munmap(${hex(at)}, ${bytes}) = -1 EINVAL (Invalid argument)`;
    }
  }
}

interface Room extends MmRoom {
  treeLoad(tree: number, page: bigint): number;
}

const BLOCKED = 2;
const ACTOR_STATE = 4;
const VMA_FLAGS = 42;

/** The pages of the first process once its thread is over; another one keeps its memory. */
function simulated(text: string): Pages {
  const { workload } = parseScenario(text, "f.yaml");
  if (workload.type !== "mm") throw new Error("another workload");
  const { mms } = workload;
  const threads = [...workload.threads, { name: "keeper", mm: mms[0]!.name, ops: [] }];
  const room = loadRoom<Room>("mm", "release", 1);
  const words = new BigUint64Array(room.memory.buffer, room.settingsAddress(), MmSetting.COUNT);
  const set = (slot: MmSetting, value: number): void => {
    words[slot] = BigInt(value);
  };
  set(MmSetting.GENERATION, 1);
  set(MmSetting.CPUS, 1);
  set(MmSetting.ACTORS, threads.length);
  set(MmSetting.MMS, mms.length);
  set(MmSetting.VMAS, vmaObjects({ mms, threads }));
  set(
    MmSetting.OPS,
    threads.reduce((sum, { ops }) => sum + ops.length, 0),
  );
  set(MmSetting.MAX_MAP_COUNT, workload.max_map_count);
  set(MmSetting.SEQ_BITS, 32);
  set(MmSetting.ORACLE, 1);
  set(MmSetting.OBJECTS_PER_SLAB, 4);
  set(MmSetting.STEPS_MAX, 1_000_000);
  expect(room.build()).not.toBe(0);
  fillWorld(room, { mms, threads, memory_pages: 0 });
  const keeper = room.actorAddress(threads.length - 1);
  new DataView(room.memory.buffer).setUint8(keeper + ACTOR_STATE, BLOCKED);
  room.run();
  expect(room.breachesKept()).toBe(0);
  const pages: Pages = new Map();
  for (const [from, count] of [
    [FIRST, 6 * PAGES],
    [HEAP, 2 * PAGES],
  ] as const) {
    for (let page = from; page < from + count; page++) {
      const vma = room.treeLoad(room.mmAddress(0), BigInt(page));
      if (vma === 0) continue;
      const protection = new DataView(room.memory.buffer).getUint16(vma + VMA_FLAGS, true) >> 8;
      // the heap's own protection says nothing: the workload's brk gives it none
      pages.set(page, page >= HEAP ? 3 : protection & 15);
    }
  }
  return pages;
}

const sorted = (pages: Pages): [number, number][] => [...pages].sort(([a], [b]) => a - b);

it("ends with the mappings of a naive list of pages", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 60 }), async (calls) => {
      const naive = new Naive();
      const lines = calls.flatMap((one) => naive.line(one) ?? []);
      const text = ['execve("/x", [], 0x1) = 0', `brk(NULL) = ${hex(HEAP)}`, ...lines, ""].join(
        "\n",
      );
      expect(sorted(simulated(await scenarioOf(text, { touch: "first" })))).toEqual(
        sorted(naive.pages),
      );
    }),
    { numRuns: 150 },
  );
});
