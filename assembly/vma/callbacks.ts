// What the callbacks of callback-records.ts do, by kind.

import { Config, Workload } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { batchReady } from "../mm/later";
import { config, cost } from "../memory/slots";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { bulkReady } from "../strategy/bulk";
import { reaperTask } from "../strategy/drain-timer";
import { returnSheaf } from "../strategy/sheaf-wait";
import { callbackCount, callbackItem, dropCallback } from "./callback-records";
import { freeNodes, freeNodeSheaf } from "./node-free";
import { CallbackKind } from "./record";
import { returnSlabPage } from "./slab-return";

/** Runs the callback of a record; the record is free again. */
export function invokeRecord(cpu: Cpu, record: u32, kind: u8): void {
  const item = callbackItem(record);
  const count = callbackCount(record);
  dropCallback(record);
  switch (kind) {
    case <u8>CallbackKind.INDEX_NODES: freeNodes(cpu, item, count); break;
    case <u8>CallbackKind.NODE_SHEAF: freeNodeSheaf(cpu, item); break;
    case <u8>CallbackKind.SLAB_PAGE: returnSlabPage(cpu, item); break;
    case <u8>CallbackKind.VMA_SHEAF: returnSheaf(cpu, item); break;
    case <u8>CallbackKind.BULK:
      if (config(Config.WORKLOAD) == <u64>Workload.MM) batchReady(item);
      else bulkReady(item);
      wakeTask(cpu, reaperTask());
      break;
    case <u8>CallbackKind.PAGE_TABLES: cpu.now += cost(CostSlot.RCU_TABLES_CALLBACK); break;
    default: cpu.now += count != 0 ? <u64>count : cost(CostSlot.RCU_FOREIGN_CALLBACK);
  }
}
