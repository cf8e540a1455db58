// Callbacks that are not in the object they free: records from a pool, with what they stand for.
//
//   0      4      5     8      12
//   ┌──────┬──────┬─────┬──────┬───────┐
//   │ next │ func │ pad │ item │ count │
//   └──────┴──────┴─────┴──────┴───────┘

import { Region } from "../abi/metric";
import { regionBase, regionBytes } from "../memory/map";
import { outgrow } from "../memory/outgrow";
import { CallbackKind, vmaAt } from "./record";
import { CALLBACK_BYTES } from "./sizes";

const ITEM: usize = 8;
const COUNT: usize = 12;

/** First free record, linked by their first words; records beyond `fresh` were never used. */
let freeList: u32 = 0;
let fresh: u32 = 0;
let end: u32 = 0;

export function callbacksInit(): void {
  freeList = 0;
  fresh = <u32>regionBase(Region.NODE_CALLBACKS);
  end = fresh + <u32>regionBytes(Region.NODE_CALLBACKS);
}

/** A record of a kind, ready to be queued. */
export function newCallback(kind: CallbackKind, item: u32, count: u32): u32 {
  let record = freeList;
  if (record != 0) {
    freeList = load<u32>(<usize>record);
  } else {
    if (fresh >= end) outgrow(Region.NODE_CALLBACKS);
    record = fresh;
    fresh += CALLBACK_BYTES;
  }
  vmaAt(record).func = <u8>kind;
  store<u32>(<usize>record, item, ITEM);
  store<u32>(<usize>record, count, COUNT);
  return record;
}

@inline
export function callbackItem(record: u32): u32 {
  return load<u32>(<usize>record, ITEM);
}

@inline
export function callbackCount(record: u32): u32 {
  return load<u32>(<usize>record, COUNT);
}

/** The callback has been invoked: its record is free again. */
export function dropCallback(record: u32): void {
  store<u32>(<usize>record, freeList);
  freeList = record;
}
