// What the index module exports. Addresses are byte offsets into its memory and may come back
// negative above 2 GiB; pages are u64 and cross as bigint.

export interface IndexExports {
  readonly memory: WebAssembly.Memory;

  poolBytes(max_nodes: number): bigint;
  poolInit(pool: number, max_nodes: number): void;
  poolExtend(pool: number, max_nodes: number): void;
  poolFailAfter(pool: number, n: number): void;
  poolNodesLive(pool: number): number;
  poolNodesFree(pool: number): number;

  treeInit(tree: number, pool: number, generation: number, rcu_mode: number): void;
  treeSetRcu(tree: number, rcu_mode: number): void;
  treeSetReclaimAtOnce(tree: number, at_once: number): void;
  treeStore(tree: number, first: bigint, last: bigint, value: number): number;
  treeInsert(tree: number, first: bigint, last: bigint, value: number): number;
  treeAppend(tree: number, first: bigint, last: bigint, value: number): number;
  treeErase(tree: number, page: bigint): number;
  treeLoad(tree: number, page: bigint): number;
  treeFind(tree: number, cursor: number, first: bigint, last: bigint): number;
  treeFindAfter(cursor: number, last: bigint): number;
  treePrev(tree: number, cursor: number, page: bigint, lowest: bigint): number;
  treeEmptyArea(tree: number, low: bigint, high: bigint, pages: bigint, align: bigint): bigint;
  treeEmptyAreaRev(tree: number, low: bigint, high: bigint, pages: bigint, align: bigint): bigint;
  treeBulkBegin(tree: number): void;
  treeBulkAppend(tree: number, first: bigint, last: bigint, value: number): number;
  treeBulkEnd(tree: number): void;
  treeDup(dst: number, src: number): number;
  treeDestroy(tree: number): number;
  treeHeight(tree: number): number;
  treeNodes(tree: number): number;
  treeLeaves(tree: number): number;
  treeEntries(tree: number): number;
  treeDeferred(tree: number): bigint;
  treeDeferredWaiting(tree: number): number;
  treeTakeDeferred(tree: number): number;
  treeDeferredNodes(item: number): number;
  treeReturnDeferred(pool: number, item: number): number;
  treeReclaim(tree: number): number;
  treeValidate(tree: number, audit: number): number;
  nodeIsDead(node: number): number;

  cursorInit(cursor: number, tree: number, page: bigint): void;
  cursorInitRev(cursor: number, tree: number, page: bigint): void;
  cursorNext(cursor: number): number;
  cursorPrev(cursor: number): number;
  cursorFirst(cursor: number): bigint;
  cursorLast(cursor: number): bigint;

  treeStoreBatch(tree: number, firsts: number, lasts: number, values: number, n: number): number;
  treeAppendBatch(tree: number, firsts: number, lasts: number, values: number, n: number): number;
  treeInsertBatch(
    tree: number,
    firsts: number,
    lasts: number,
    values: number,
    results: number,
    n: number,
  ): number;
  treeEraseBatch(tree: number, pages: number, results: number, n: number): number;
  treeLoadBatch(tree: number, pages: number, results: number, n: number): void;
  treeLoadInterleaved(tree: number, pages: number, results: number, n: number): void;
  treeEmptyAreaBatch(
    tree: number,
    lows: number,
    high: bigint,
    pages: bigint,
    align: bigint,
    results: number,
    n: number,
  ): void;
  treeEmptyAreaRevBatch(
    tree: number,
    low: bigint,
    highs: number,
    pages: bigint,
    align: bigint,
    results: number,
    n: number,
  ): void;
  cursorNextBatch(cursor: number, firsts: number, lasts: number, values: number, n: number): number;
  cursorNextValues(cursor: number, values: number, n: number): number;
}

/** Errno values the module returns. */
export const ENOMEM = -12;
export const EBUSY = -16;
export const EEXIST = -17;

/** Last page of a tree: its last byte is the highest 64-bit address. */
export const LAST_PAGE = (1n << 52n) - 1n;
