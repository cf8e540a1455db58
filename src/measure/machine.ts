// What the machine at hand is, as far as a measurement has to say. Node only.

import { readFile } from "node:fs/promises";
import { cpus, platform, release, version } from "node:os";
import { InputError, LimitError } from "../errors.ts";

export interface Machine {
  /** Processor and number of CPUs. */
  readonly name: string;
  /** Kernel release, such as 6.18.44. */
  readonly kernel: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** vm.max_map_count: the VMAs that a process may have. */
  readonly max_map_count: number;
}

/** VMAs of the measuring program itself and a few in reserve. */
const OWN_VMAS = 64;

export async function thisMachine(now = new Date()): Promise<Machine> {
  if (platform() !== "linux") {
    throw new InputError({
      code: 3,
      problem: "this measures a Linux kernel",
      found: `${platform()} (${version()})`,
      expected: "Linux",
    });
  }
  const text = await readFile("/proc/sys/vm/max_map_count", "utf8").catch(() => "65530");
  const processors = cpus();
  // Commas would need quotes in CSV, and a name does without them.
  const model = (processors[0]?.model ?? "unknown processor").replaceAll(/[",\s]+/g, " ").trim();
  return {
    name: `${model} x ${processors.length}`,
    kernel: release(),
    date: now.toISOString().slice(0, 10),
    max_map_count: Number(text.trim()),
  };
}

/** Near enough to each other that a fit sees where a cache ends. */
const SIZES = [
  1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 65_000,
  96_000, 130_000, 190_000, 260_000,
];

/** What to set for processes of `vmas` VMAs; the program itself sets nothing. */
export function raiseHint(vmas: number): string {
  return `sudo sysctl -w vm.max_map_count=${vmas + OWN_VMAS}`;
}

/** Sizes to measure when none are asked for: those the kernel allows, up to 260,000. */
export function defaultSizes({ max_map_count }: Machine): number[] {
  return SIZES.filter((size) => size + OWN_VMAS <= max_map_count);
}

/** Throws LimitError for a size beyond vm.max_map_count. */
export function checkSizes(sizes: readonly number[], { max_map_count }: Machine): void {
  const largest = Math.max(...sizes);
  if (largest + OWN_VMAS <= max_map_count) return;
  throw new LimitError({
    problem: "vm.max_map_count allows fewer VMAs",
    needed: largest + OWN_VMAS,
    available: max_map_count,
    unit: "VMAs",
    hint: `${raiseHint(largest)} allows it`,
  });
}
