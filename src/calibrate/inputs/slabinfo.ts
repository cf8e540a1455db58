// Pairs of /proc/slabinfo: what the caches of VMAs look like on the user's kernel, and how many
// objects a workload took.

import { InputError } from "../../errors.ts";
import type { SlabFacts } from "../observation.ts";

interface CacheLine {
  readonly active: number;
  readonly object_bytes: number;
  readonly objects_per_slab: number;
  readonly pages_per_slab: number;
}

/** The caches that matter here; kernels from 6.15 on have no vma_lock. */
const CACHES = ["vm_area_struct", "vma_lock", "maple_node"];

export function isSlabinfo(text: string): boolean {
  return text.startsWith("slabinfo - version:");
}

const CACHE = /^(\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*:/;

function cachesOf(text: string, file: string): Map<string, CacheLine> {
  const caches = new Map<string, CacheLine>();
  text.split("\n").forEach((line, at) => {
    if (at === 0 || line.startsWith("#") || line.trim() === "") return;
    const match = CACHE.exec(line);
    if (match === null) {
      throw new InputError({
        file,
        line: at + 1,
        column: 1,
        problem: "bad line of /proc/slabinfo",
        expected: "name, active_objs, num_objs, objsize, objperslab, pagesperslab, then a colon",
      });
    }
    const [active, , object_bytes, objects_per_slab, pages_per_slab] = match
      .slice(2)
      .map(Number) as [number, number, number, number, number];
    caches.set(match[1]!, { active, object_bytes, objects_per_slab, pages_per_slab });
  });
  return caches;
}

/** Geometry and growth of the caches. Throws InputError; a file without vm_area_struct is one. */
export function slabFacts(
  before: { readonly text: string; readonly file: string },
  after: { readonly text: string; readonly file: string },
): SlabFacts[] {
  const first = cachesOf(before.text, before.file);
  const second = cachesOf(after.text, after.file);
  if (!first.has("vm_area_struct") || !second.has("vm_area_struct")) {
    throw new InputError({
      file: first.has("vm_area_struct") ? after.file : before.file,
      line: 1,
      column: 1,
      problem: "no cache vm_area_struct",
      hint: "boot with slab_nomerge: the kernel has merged it with a cache of the same size",
    });
  }
  return CACHES.flatMap((cache) => {
    const [a, b] = [first.get(cache), second.get(cache)];
    if (a === undefined || b === undefined) return [];
    const { object_bytes, objects_per_slab, pages_per_slab } = b;
    const counts = { before: a.active, after: b.active };
    return [{ cache, object_bytes, objects_per_slab, pages_per_slab, ...counts }];
  });
}
