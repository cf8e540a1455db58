// A measured file in small, to be bent by tests.

import type { CostProfile } from "../../src/api/types.ts";

/** A profile for engines that do not look at it. */
export const PROFILE: CostProfile = {
  name: "none",
  title: "none",
  machine: "none",
  date: "2026-01-01",
  valid: "nothing",
  costs: {},
};

export const HEADER =
  "id,kernel,strategy,batch_max,n,nocb,op,create,populate,accel,cpus,blimit,qhimark,extra_cmdline,flags,concurrent,exit_total_ns,ncall_rcu,dead_peak,rcu_cbs_in_exit";

export type RowParts = Partial<Record<string, string | number>>;

const GOOD: RowParts = {
  id: "a",
  kernel: "6.12",
  strategy: "rcu",
  batch_max: "",
  n: 100,
  nocb: "off",
  op: "exit",
  create: "mprotect",
  populate: 0,
  accel: "icount",
  cpus: 1,
  blimit: 10,
  qhimark: 10000,
  extra_cmdline: "",
  flags: 2,
  concurrent: 0,
  exit_total_ns: 100000,
  ncall_rcu: 111,
  dead_peak: 111,
  rcu_cbs_in_exit: 0,
};

/** CSV of good rows with these parts changed; columns that only parts name come last. */
export function csv(...rows: readonly RowParts[]): string {
  const columns = [...new Set([...HEADER.split(","), ...rows.flatMap(Object.keys)])];
  const lines = rows.map((parts) => {
    const row: RowParts = { ...GOOD, ...parts };
    return columns.map((name) => row[name]).join(",");
  });
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}
