// Callbacks that are not in the object they free: records from a pool, with what they stand for.
//
//   0      4      5     8      12
//   ┌──────┬──────┬─────┬──────┬───────┐
//   │ next │ func │ pad │ item │ count │
//   └──────┴──────┴─────┴──────┴───────┘

import { Region } from "../abi/metric";
import { regionBase, regionBytes } from "../memory/map";
import { outgrow } from "../memory/outgrow";
import { giveRecord, RECORD_POOL_BYTES, recordPoolInit, takeRecord } from "../memory/record-pool";
import { CallbackKind, vmaAt } from "./record";
import { CALLBACK_BYTES } from "./sizes";

const ITEM: usize = 8;
const COUNT: usize = 12;

@lazy const POOL: usize = memory.data(RECORD_POOL_BYTES, 4);

export function callbacksInit(): void {
  const region = Region.NODE_CALLBACKS;
  recordPoolInit(POOL, regionBase(region), regionBytes(region));
}

/** A record of a kind, ready to be queued. */
export function newCallback(kind: CallbackKind, item: u32, count: u32): u32 {
  const record = takeRecord(POOL, CALLBACK_BYTES);
  if (record == 0) outgrow(Region.NODE_CALLBACKS);
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
  giveRecord(POOL, record);
}
