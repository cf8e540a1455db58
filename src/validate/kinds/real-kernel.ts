// Which modelled kernel a real one is nearest to.
//
// [same: mm/vma.h, mm/vma_init.c: a VMA is reused at once and carries its own lock from 6.15 on
//  (SLAB_TYPESAFE_BY_RCU, vm_refcnt), as in 7.2; before, it has a lock of its own and call_rcu frees it]
// [same: kernel/fork.c, mm/vma_init.c, 6.18: the cache of VMAs has sheaves of 32]
// [simplified: 6.18 and 6.19 have per-CPU slabs behind the sheaves, 7.2 has none: a sheaf that is flushed
//  there goes to the per-CPU slab or the node, here to the node]
// [simplified: 6.15 to 6.17 have no sheaves at all; they are taken for 6.18]

import type { CostProfile, Generation } from "../../api/types.ts";

/** A modelled kernel, set up like a real one. */
export interface RealKernel {
  readonly generation: Generation;
  /** Objects in a sheaf of VMAs; -1 is what 7.2 chooses. */
  readonly sheaf_capacity: number;
}

const OLDER: RealKernel = { generation: "6.12", sheaf_capacity: -1 };
const SHEAVES_OF_32: RealKernel = { generation: "7.2", sheaf_capacity: 32 };
const NEWEST: RealKernel = { generation: "7.2", sheaf_capacity: -1 };

/** Major and minor of a release such as 6.18.44-generic; undefined for what is none. */
function parseRelease(release: string): readonly [number, number] | undefined {
  const match = /^(\d{1,3})\.(\d{1,4})(?:\D|$)/.exec(release);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/**
 * The model of a kernel release. Rows that name none are of a kernel that the profile is for; where the
 * profile does not say either, of the newest one. Undefined for what is no release.
 */
export function nearestKernel(
  release: string,
  profile?: Pick<CostProfile, "range">,
): RealKernel | undefined {
  if (release === "") {
    return profile?.range?.generations.includes("6.12") ? OLDER : SHEAVES_OF_32;
  }
  const version = parseRelease(release);
  if (version === undefined) return undefined;
  const [major, minor] = version;
  if (major < 6 || (major === 6 && minor < 15)) return OLDER;
  return major === 6 ? SHEAVES_OF_32 : NEWEST;
}
