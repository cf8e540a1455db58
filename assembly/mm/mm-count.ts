// mm_users and mm_count.

import { Actor, MmStruct } from "./records";
import { mmOf } from "./world";

/** mmdrop: with the last reference the mm_struct itself is freed. */
export function mmPut(mm: MmStruct): void {
  assert(mm.refs > 0); // dropped more often than grabbed
  mm.refs--;
  if (mm.refs == 0) mm.alive = 0;
}

/** mmget_not_zero. */
export function mmGetNotZero(actor: Actor, address: u32): bool {
  const mm = mmOf(address);
  if (mm.alive == 0 || mm.users == 0) return false;
  mm.users++;
  actor.target = address;
  return true;
}
