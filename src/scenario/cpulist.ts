// CPU lists as the kernel's command line has them: "0-3,8", and the words "all" and "none".

/** As many CPUs as a machine can have: a list of them is 256 bits of the engine's configuration. */
export const CPUS_MAX = 256;

export const CPU_LIST_EXPECTED = "none, all, or CPUs as in 0-3,8 or [0, 1, 8]";

/**
 * The CPUs of a list on a machine of `cpus`, ascending; undefined where it is no such list or names a
 * CPU that the machine does not have.
 */
export function parseCpuList(list: string, cpus: number): readonly number[] | undefined {
  if (list === "none") return [];
  if (list === "all") return Array.from({ length: cpus }, (_, cpu) => cpu);
  const found = new Set<number>();
  for (const part of list.split(",")) {
    const range = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim());
    if (range === null) return undefined;
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (first > last || last >= cpus) return undefined;
    for (let cpu = first; cpu <= last; cpu++) found.add(cpu);
  }
  return [...found].sort((a, b) => a - b);
}
