// What a gather frees besides the pages that were mapped: its own pages, and page tables.
//
// Its own: 7 entries lie on the stack, 509 in each page. The price of tlb_finish_mmu() is that of an
// exit of which only the program was touched, which takes one page: an exit pays for those beyond the first.
//
//   pages touched   gather pages   paid for
//             400              1          0
//             800              2          1
//           1,500              3          2

import { expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { residentCode } from "../../src/input/populate.ts";
import { DIRECT, listed, simulateNow, spec, withCosts } from "../engine/spec.ts";

const PRICE_NS = 1_000_000;

it.each([
  [400, 0],
  [800, 1],
  [1500, 2],
])("an exit of %i touched pages pays for %i pages of its gather", (pages, paid) => {
  const rw = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
  const space = listed([[4096, pages, (rw | residentCode(pages, pages)) >>> 0]]);
  const [free, priced] = [0, PRICE_NS * 1000].map((ps) => {
    const profile = withCosts({ gather_page_free: ps });
    return simulateNow(spec({ space, profile, machine: { memory: DEFAULT_MEMORY } })).metrics;
  });
  expect(priced!.tlb_finish_ns - free!.tlb_finish_ns).toBe(paid * PRICE_NS);
});

it("page tables of 7.2 go by one callback for up to 509 of them, which costs something by itself", () => {
  const rw = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
  const exit = { ...DIRECT, release: "typesafe" } as const;
  const memory = { ...DEFAULT_MEMORY, pcp_generation: "7.2" } as const;
  const machine = { generation: "7.2", preempt: "lazy", memory } as const;
  // one touched page in each table
  const batches = (tables: number): number => {
    const vmas = Array.from({ length: tables }, (_, i) => {
      return [512 * (8 + i), 1, (rw | residentCode(1, 1)) >>> 0] as const;
    });
    const [free, priced] = [0, PRICE_NS * 1000].map((ps) => {
      const profile = withCosts({ rcu_table_batch: ps });
      return simulateNow(spec({ space: listed(vmas), exit, profile, machine })).metrics;
    });
    return (priced!.rcu_batch_wall_ns - free!.rcu_batch_wall_ns) / PRICE_NS;
  };
  expect([1, 500, 520].map(batches)).toEqual([1, 1, 2]);
});
