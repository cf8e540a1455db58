// Keeping the largest gap below every inner slot right after a write.

import { gap, setGap } from "./layout";
import { innerGap } from "./node";
import { step } from "./scratch";

/**
 * The node at depth of a path now has this longest gap: store it above, and go on up while a
 * parent's own longest gap changes.
 */
export function raiseGap(path: usize, depth: u32, pages: u32): void {
  while (depth > 0) {
    const above = step(path, --depth);
    const before = gap(above.node, above.slot);
    if (before == pages) return;
    setGap(above.node, above.slot, pages);
    if (depth == 0) return;
    const high = step(path, depth - 1);
    const known = gap(high.node, high.slot);
    // neither the old nor the new gap is the parent's longest: nothing changes higher up
    if (before < known && pages <= known) return;
    pages = pages >= known ? pages : innerGap(above.node);
  }
}
