// Records that a run needed beyond its plan. Most plans count everything that can exist; how much
// waits for grace periods at once depends on the run, so those plans can be too small. Such a run
// ends here: the host learns which region was full, and refuses with its numbers.

/** The region that was full, plus one; 0 = none. */
let outgrown: i32 = 0;

/** The region (abi/metric.ts:Region) that a trapped run had outgrown, or -1. For the host. */
export function outgrownRegion(): i32 {
  return outgrown - 1;
}

/** A region has no record left: the run cannot go on. Does not return. */
export function outgrow(region: i32): void {
  outgrown = region + 1;
  unreachable();
}
