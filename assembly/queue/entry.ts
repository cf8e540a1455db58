// The event queue alone: for its tests and benches, and for whoever wants only a queue.

export {
  queueBytes,
  queueCancel,
  queueHolds,
  queueInit,
  queuePop,
  queuePush,
  queueRearm,
  queueSize,
  queueTopPayload,
  queueTopPriority,
  queueTopTime,
} from "./queue";
export { queueAudit } from "./audit";
export { holdFill, holdRun, rearmRun } from "./hold";
