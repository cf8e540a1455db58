// kfreepcp on whole exits, side by side with inline freeing: what it saves, at which sizes, and what it leaves. The
// oddities are those of kernel-facts 8.5, numbered as there; those of the lists alone are in test/page/kfreepcp.test.ts.

import { describe, expect, it } from "vitest";
import type { MemoryConfig } from "../../src/api/types.ts";
import { MIB_PAGES, run, type Wanted } from "./exits-run.ts";

type Who = MemoryConfig["kfreepcp"];
type Lists = MemoryConfig["pcp_generation"];

function exit(kfreepcp: Who, pcp_generation: Lists, mib: number, more: Wanted = {}) {
  const ram_bytes = Math.max(4, (mib * 1.5) / 1024) * 2 ** 30;
  const memory = { ram_bytes, pcp_generation, kfreepcp, ...more.memory };
  const { metrics, pages } = run({ ...more, mib, memory });
  return { ...metrics, ...pages };
}

/** Percent less than with inline freeing. */
function saved(
  kfreepcp: Who,
  lists: Lists,
  mib: number,
  metric: "cpu_children_ns" | "last_wait_ns",
) {
  const inline = exit("inline", lists, mib)[metric];
  return (100 * (inline - exit(kfreepcp, lists, mib)[metric])) / inline;
}

describe("the claim that it saves 25 % of exit time", () => {
  it.each([
    ["5.15", 1, 0, 0],
    ["5.15", 4, 12.6, 12.5],
    ["5.15", 16, 25.4, 29.2],
    ["5.15", 256, 28.8, 37.9],
    ["5.15", 4096, 28.9, 33.2],
    ["6.12", 16, 0, 0],
    ["6.12", 64, 4.7, 4.7],
    ["6.12", 256, 19.9, 22.2],
    ["6.12", 1024, 27.6, 31.9],
    ["6.12", 4096, 25.6, 29.7],
  ] as const)(
    "lists of %s, %i MiB: %f % of the CPU time charged to the dying, as intended %f %",
    (lists, mib, posted, intended) => {
      // as intended, what the dying does between the wake-up of the thread and the switch to it is
      // charged to the thread as well
      expect(Math.abs(saved("posted", lists, mib, "cpu_children_ns") - posted)).toBeLessThan(0.5);
      expect(Math.abs(saved("intended", lists, mib, "cpu_children_ns") - intended)).toBeLessThan(1);
    },
  );

  it("holds from 16 MiB on with lists of 5.15; those of 6.7 and later keep so much that it takes 1 GiB", () => {
    const first = (lists: Lists) =>
      [4, 8, 16, 32, 64, 128, 256, 512, 1024].find(
        (mib) => saved("posted", lists, mib, "cpu_children_ns") >= 25,
      );
    expect(first("5.15")).toBe(16);
    expect(first("6.12")).toBe(1024);
  });

  it("is no shorter wait as intended: the thread takes the CPU from the one whose list it empties", () => {
    for (const mib of [16, 256, 1024]) {
      expect(saved("intended", "5.15", mib, "last_wait_ns")).toBeLessThan(0);
      expect(saved("posted", "5.15", mib, "last_wait_ns")).toBeGreaterThan(25);
    }
    const second_cpu = exit("intended", "5.15", 256, { cpus: 2 });
    expect(second_cpu.last_wait_ns).toBeGreaterThan(
      0.99 * exit("inline", "5.15", 256, { cpus: 2 }).last_wait_ns,
    );
  });
});

describe("kfreepcp as posted, on whole exits", () => {
  it("3: drains nothing before the parent has waited and a grace period is over", () => {
    const { last_wait_ns, kfreepcp_first_ns, kfreepcp_rounds } = exit("posted", "5.15", 256);
    expect(kfreepcp_rounds).toBeGreaterThan(1);
    expect(kfreepcp_first_ns).toBeGreaterThan(last_wait_ns + 4_000_000); // a jiffy at least
  });

  it("2: wakes the thread of the CPU that runs the callback, and marks that of the dead task", () => {
    // the parent waits on a CPU of its own: there its child's callback runs
    const posted = exit("posted", "5.15", 256, { cpus: 2 });
    expect(posted.kfreepcp_rounds).toBe(0);
    expect(posted.zone_lock_holds_bulk).toBe(0);
    expect(posted.pages_on_lists).toBeGreaterThanOrEqual(256 * MIB_PAGES);
    const intended = exit("intended", "5.15", 256, { cpus: 2 });
    expect(intended.pages_on_lists).toBeLessThan(1000);
  });

  it("4: what it strands is missing at once: a restart after a synchronous put runs out of memory", () => {
    const restart = (kfreepcp: Who) =>
      exit(kfreepcp, "5.15", 800, {
        cpus: 2,
        memory: { ram_bytes: 2 ** 30 },
        workload: { restart_pages: 800 * MIB_PAGES, restart_threads: 2 },
      });
    expect(restart("inline").out_of_memory).toBe(0);
    expect(restart("intended").out_of_memory).toBe(0);
    const posted = restart("posted");
    expect(posted.out_of_memory).toBe(1);
    expect(posted.pages_out_at_last_wait).toBe(0); // the dead process has given all of it back
    expect(posted.restart_pages).toBeLessThan(0.5 * 800 * MIB_PAGES);
  });

  it("7: a request that comes while the thread is at its last round is lost", () => {
    // several children: a later one's callback can land on the thread that drains for an earlier one
    const memory = { ram_bytes: 8 * 2 ** 30 };
    const lost = [20, 21, 22, 23, 24, 25, 26, 27, 28].flatMap((mib) =>
      [3, 4, 5].map((children) => {
        const wanted = { memory, workload: { children } };
        return exit("posted", "5.15", mib, wanted).kfreepcp_lost;
      }),
    );
    expect(Math.max(...lost)).toBe(1);
    expect(Math.min(...lost)).toBe(0); // it takes luck
  });

  it("1: after an asynchronous put the worker that frees takes every request back", () => {
    // at some tick phases the thread comes before the worker frees again
    const wanted = { tick_phase_ns: 1_500_000, workload: { put: "async" } } as const;
    const async = exit("posted", "5.15", 256, wanted);
    expect(async.kfreepcp_cancelled).toBe(1);
    expect(async.kfreepcp_rounds).toBe(0);
    expect(async.zone_lock_holds_bulk).toBe(0);
    expect(async.pages_on_lists).toBeGreaterThanOrEqual(256 * MIB_PAGES);
  });

  it("9: charges nobody, and moves as many pages under the zone lock as before", () => {
    const inline = exit("inline", "5.15", 256);
    for (const who of ["posted", "intended"] as const) {
      const other = exit(who, "5.15", 256);
      const { cpu_children_ns, cpu_kfreepcp_ns } = other;
      expect(cpu_kfreepcp_ns).toBeGreaterThan(10_000_000);
      // the same work, and the switches to the thread
      const ratio = (cpu_children_ns + cpu_kfreepcp_ns) / inline.cpu_children_ns;
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(1.01);
      expect(other.zone_lock_holds_bulk).toBe(inline.zone_lock_holds_bulk);
      expect(other.pages_returned_to_buddy).toBe(inline.pages_returned_to_buddy);
      expect(other.zone_lock_hold_ns_sum / inline.zone_lock_hold_ns_sum).toBeCloseTo(1, 3);
    }
    expect(inline.cpu_kfreepcp_ns).toBe(0);
  });
});
