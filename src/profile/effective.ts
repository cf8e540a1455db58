// What an operation costs in a run: a profile's figure, and another one where address spaces are large.
//
// [simplified: no cache is simulated] An address space is gone through from one end to the other, pass
// after pass. As far as the objects of its VMAs do not fit into a cache they are fetched again in every
// pass. Other data, other address bits and near-random replacement make that a gradual matter: of b bytes
// and a cache of c a share of b^2 / (b^2 + c^2) is fetched, a half where both are equal. That share of
// `cold_ps` is added to each cost, the same for every VMA of a run, for each cache.
//
// A cost may also fall with size, hence be below zero there: pages of a large process come out of whole free
// blocks, those of a small one lie scattered over what others gave back, and are freed more slowly.

import type { Cost, CostProfile, ProfileCache } from "../api/types.ts";

/** The share that is fetched again, as a fraction. */
function uncachedShare(cache: ProfileCache, vma_count: number): readonly [bigint, bigint] {
  const bytes = (BigInt(cache.bytes_per_vma) * BigInt(vma_count)) ** 2n;
  return [bytes, bytes + BigInt(cache.bytes) ** 2n];
}

/** What a cost is beyond one of the profile's caches (smallest first), as a multiple of what it is within it. */
export function levelFactor({ ps, cold_ps = [] }: Cost, cache: number): number {
  const level = (caches: number) => cold_ps.slice(0, caches).reduce((sum, more) => sum + more, ps);
  return level(cache + 1) / level(cache);
}

/** VMAs of which a cache loses a half. */
export const vmasThatFit = ({ bytes, bytes_per_vma }: ProfileCache): number =>
  bytes / bytes_per_vma;

/** Picoseconds of a cost in a run of `vma_count` VMAs; undefined when the profile lacks it. */
export function effectivePs(
  profile: CostProfile,
  name: string,
  vma_count: number,
): bigint | undefined {
  const cost = profile.costs[name];
  if (cost === undefined) return undefined;
  const { caches = [] } = profile;
  const { ps, cold_ps = [] } = cost;
  return cold_ps.reduce((sum, more, i) => {
    const [part, whole] = uncachedShare(caches[i]!, vma_count);
    return sum + (BigInt(more) * part) / whole;
  }, BigInt(ps));
}
