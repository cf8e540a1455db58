// Callbacks that are not in the object they free: records from a pool, with what they stand for.
//
//   0      4      5     8      12
//   ┌──────┬──────┬─────┬──────┬───────┐
//   │ next │ func │ pad │ item │ count │
//   └──────┴──────┴─────┴──────┴───────┘

import { CostSlot } from "../abi/cost";
import { Region } from "../abi/metric";
import { cost } from "../memory/slots";
import { regionBase, regionBytes } from "../memory/map";
import { Cpu } from "../sched/cpu";
import { freeNodes, freeNodeSheaf } from "./node-free";
import { CallbackKind, vmaAt } from "./record";
import { CALLBACK_BYTES } from "./sizes";
import { returnSlabPage } from "./slab-return";

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
    assert(fresh < end); // more callbacks wait for a grace period than the plan has room for
    record = fresh;
    fresh += CALLBACK_BYTES;
  }
  vmaAt(record).func = <u8>kind;
  store<u32>(<usize>record, item, ITEM);
  store<u32>(<usize>record, count, COUNT);
  return record;
}

/** Runs the callback of a record; the record is free again. */
export function invokeRecord(cpu: Cpu, record: u32, kind: u8): void {
  const item = load<u32>(<usize>record, ITEM);
  const count = load<u32>(<usize>record, COUNT);
  store<u32>(<usize>record, freeList);
  freeList = record;
  switch (kind) {
    case <u8>CallbackKind.INDEX_NODES: freeNodes(cpu, item, count); break;
    case <u8>CallbackKind.NODE_SHEAF: freeNodeSheaf(cpu, item); break;
    case <u8>CallbackKind.SLAB_PAGE: returnSlabPage(cpu, item); break;
    case <u8>CallbackKind.PAGE_TABLES: cpu.now += cost(CostSlot.RCU_TABLES_CALLBACK); break;
    default: cpu.now += cost(CostSlot.RCU_FOREIGN_CALLBACK);
  }
}
