// Lists of areas, linked both ways through their records.

import { Area, areaAt } from "./area";

//  0       4      8
//  ┌───────┬──────┬───────┐
//  │ first │ last │ count │
//  └───────┴──────┴───────┘
/** A list; zeroed memory is an empty one. */
@unmanaged
export class AreaList {
  first: usize;
  last: usize;
  count: u32;
}

/** Puts an area in front of `next`, or at the end where that is 0. */
export function listInsert(list: AreaList, area: Area, next: usize): void {
  const at = changetype<usize>(area);
  const prev = next == 0 ? list.last : areaAt(next).prev;
  area.prev = prev;
  area.next = next;
  if (prev == 0) list.first = at;
  else areaAt(prev).next = at;
  if (next == 0) list.last = at;
  else areaAt(next).prev = at;
  list.count++;
}

export function listRemove(list: AreaList, area: Area): void {
  assert(list.count != 0); // it is on this list
  if (area.prev == 0) list.first = area.next;
  else areaAt(area.prev).next = area.next;
  if (area.next == 0) list.last = area.prev;
  else areaAt(area.next).prev = area.prev;
  list.count--;
}

export function listPush(list: AreaList, area: Area): void {
  listInsert(list, area, list.first);
}

export function listAppend(list: AreaList, area: Area): void {
  listInsert(list, area, 0);
}

/** Moves a whole list, as list_replace_init does. */
export function listTake(from: AreaList, to: AreaList): void {
  to.first = from.first;
  to.last = from.last;
  to.count = from.count;
  from.first = 0;
  from.last = 0;
  from.count = 0;
}
