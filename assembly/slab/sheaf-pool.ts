// Sheaves are kmalloc'ed in the kernel (alloc_empty_sheaf, free_empty_sheaf); here they come from
// a planned pool, last freed first.

import { Barn, barnOf, NO_SHEAF, sheafAt } from "./sheaf-records";

/** A new empty sheaf; NO_SHEAF when the planned ones are used up. */
export function allocSheaf(cache: usize): u32 {
  const barn = barnOf(cache);
  let sheaf = barn.pool;
  if (sheaf != NO_SHEAF) {
    barn.pool = sheafAt(sheaf).next;
  } else {
    if (barn.sheaves_touched == barn.sheaf_records) return NO_SHEAF;
    const first = <u32>changetype<usize>(barn) + offsetof<Barn>();
    sheaf = first + barn.sheaves_touched++ * barn.sheaf_bytes;
  }
  sheafAt(sheaf).size = 0;
  sheafAt(sheaf).next = NO_SHEAF;
  barn.sheaves_live++;
  return sheaf;
}

export function freeSheaf(cache: usize, sheaf: u32): void {
  assert(sheafAt(sheaf).size == 0); // its objects would be lost
  const barn = barnOf(cache);
  sheafAt(sheaf).next = barn.pool;
  barn.pool = sheaf;
  barn.sheaves_live--;
}
