// The VMA index: a maple tree of page ranges. This is what other rooms import.

export {
  poolBytes,
  poolExtend,
  poolFailAfter,
  poolInit,
  poolNodesFree,
  poolNodesLive,
} from "./pool";
export {
  GENERATION_6_12,
  GENERATION_7_2,
  TREE_BYTES,
  treeDeferred,
  treeEntries,
  treeHeight,
  treeInit,
  treeLeaves,
  treeNodes,
  treeSetRcu,
  treeSetReclaimAtOnce,
} from "./record";
export { EEXIST, ENOMEM } from "./errno";
export { treeRebuilds } from "./rebuild";
export { treeErase, treeInsert, treeStore } from "./write";
export { treeFind, treeFindAfter, treeLoad, treePrev, treeWalkLength } from "./find";
export {
  CURSOR_BYTES,
  cursorFirst,
  cursorInit,
  cursorInitRev,
  cursorLast,
  cursorNext,
  cursorNextValues,
  cursorPrev,
} from "./cursor";
export { EBUSY, EINVAL, treeEmptyArea, treeEmptyAreaRev } from "./empty-area";
export {
  treeAppend,
  treeBulkAppend,
  treeBulkBegin,
  treeBulkEnd,
  treeDestroy,
  treeDup,
} from "./whole";
export {
  treeDeferredNodes,
  treeDeferredWaiting,
  treeReclaim,
  treeReturnDeferred,
  treeSubtreeItems,
  treeTakeDeferred,
} from "./deferred";
export { AUDIT_BYTES, treeValidate } from "./validate";
export { LAST_PAGE, nodeIsDead } from "./layout";
