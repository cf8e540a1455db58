// The node's store of sheaves (node_barn): a stack of full ones and a stack of empty ones under
// one lock. Looking whether there is any needs no lock.

import { barnOf, MAX_FULL_SHEAVES, NO_SHEAF, sheafAt } from "./sheaf-records";

/** barn_get_empty_sheaf: an empty sheaf, or NO_SHEAF. */
export function barnGetEmpty(cache: usize): u32 {
  const barn = barnOf(cache);
  const sheaf = barn.empty;
  if (sheaf == NO_SHEAF) return NO_SHEAF;
  barn.barn_locks++;
  barn.empty = sheafAt(sheaf).next;
  barn.nr_empty--;
  return sheaf;
}

/** The full half of barn_get_full_or_empty_sheaf: a full sheaf, or NO_SHEAF. */
export function barnGetFull(cache: usize): u32 {
  const barn = barnOf(cache);
  const sheaf = barn.full;
  if (sheaf == NO_SHEAF) return NO_SHEAF;
  barn.barn_locks++;
  barn.full = sheafAt(sheaf).next;
  barn.nr_full--;
  return sheaf;
}

/** barn_put_empty_sheaf, without regard to limits. */
export function barnPutEmpty(cache: usize, sheaf: u32): void {
  const barn = barnOf(cache);
  barn.barn_locks++;
  pushEmpty(cache, sheaf);
}

/** barn_put_full_sheaf, without regard to limits. */
export function barnPutFull(cache: usize, sheaf: u32): void {
  const barn = barnOf(cache);
  barn.barn_locks++;
  pushFull(cache, sheaf);
}

/** barn_replace_empty_sheaf: a full sheaf for an empty one, or NO_SHEAF. */
export function barnReplaceEmpty(cache: usize, empty: u32): u32 {
  const barn = barnOf(cache);
  const full = barn.full;
  if (full == NO_SHEAF) return NO_SHEAF;
  barn.barn_locks++;
  barn.full = sheafAt(full).next;
  barn.nr_full--;
  pushEmpty(cache, empty);
  return full;
}

/** Whether the barn has as many full sheaves as it may. */
@inline
export function barnIsFull(cache: usize): bool {
  return barnOf(cache).nr_full >= MAX_FULL_SHEAVES;
}

/** barn_replace_full_sheaf, barn not full: an empty sheaf for a full one, or NO_SHEAF. */
export function barnReplaceFull(cache: usize, full: u32): u32 {
  const barn = barnOf(cache);
  const empty = barn.empty;
  if (empty == NO_SHEAF) return NO_SHEAF;
  barn.barn_locks++;
  barn.empty = sheafAt(empty).next;
  barn.nr_empty--;
  pushFull(cache, full);
  return empty;
}

@inline
function pushFull(cache: usize, sheaf: u32): void {
  assert(sheafAt(sheaf).size > 0); // an empty one would be handed out as full
  const barn = barnOf(cache);
  sheafAt(sheaf).next = barn.full;
  barn.full = sheaf;
  barn.nr_full++;
}

@inline
function pushEmpty(cache: usize, sheaf: u32): void {
  assert(sheafAt(sheaf).size == 0); // its objects would be forgotten
  const barn = barnOf(cache);
  sheafAt(sheaf).next = barn.empty;
  barn.empty = sheaf;
  barn.nr_empty++;
}
