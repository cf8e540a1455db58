// The records of RCU: one state, a tree of nodes, and per-CPU data with its callback list.
// Geometry: up to 16 CPUs under a leaf, up to 64 leaves under the root.
// [same: kernel/rcu/tree.h, include/linux/rcu_node_tree.h (RCU_FANOUT_LEAF 16, RCU_FANOUT 64),
//  6.12; trees of at most two levels, which is every machine of up to 1,024 CPUs]

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { listInit, SEGCBLIST_BYTES } from "./segcblist";
import { SEQ_AT_BOOT } from "./seq";

export const FANOUT_LEAF: u32 = 16;

/** rcu_state.gp_flags */
export const GP_FLAG_INIT: u32 = 1;
export const GP_FLAG_FQS: u32 = 2;

//  0       8          12         16       20           24         32        40
//  ┌───────┬──────────┬──────────┬────────┬────────────┬──────────┬─────────┬──────────┬──────────┐
//  │ gpSeq │ gpFlags  │ nForceQs │ cbovld │ cbovldNext │ first..  │ gpStart │ settings │ counters │
//  └───────┴──────────┴──────────┴────────┴────────────┴──────────┴─────────┴──────────┴──────────┘
/** rcu_state, and the settings that its functions read. */
@unmanaged
export class RcuState {
  gpSeq: u64;
  gpFlags: u32;
  nForceQs: u32;
  /** Some CPU held too many callbacks at the scan before the last, and at the last. */
  cbovld: u32;
  cbovldNext: u32;
  firstFqsScan: u32;
  gpStartJiffies: u64;
  // settings: module parameters of kernel/rcu/tree.c
  blimit: u32;
  qhimark: u32;
  qlowmark: u32;
  qovld: u32;
  divisor: u32;
  firstFqsJiffies: u32;
  nextFqsJiffies: u32;
  schedQsJiffies: u32;
  /** Offloaded CPUs: calls in a jiffy before the bypass list is used; how long lazy ones wait. */
  nobypassLimit: u32;
  lazyFlushJiffies: u32;
  /** rcu_core runs in softirq; otherwise in one rcuc kthread a CPU. */
  useSoftirq: u32;
  reschedPs: u64;
  /** Grace periods that have ended. */
  gpsEnded: u64;
  leaves: u32;
  cpus: u32;
}

//  0       8        16      24            32           40       44      48      52
//  ┌───────┬────────┬───────┬─────────────┬────────────┬────────┬───────┬───────┬──────────┐
//  │ gpSeq │ needed │ qsMask│ qsMaskInit  │ cbovldMask │ parent │ lowest│ bit   │ children │
//  └───────┴────────┴───────┴─────────────┴────────────┴────────┴───────┴───────┴──────────┘
/** rcu_node. Masks have one bit per CPU (leaf) or per leaf (root). */
@unmanaged
export class RcuNode {
  gpSeq: u64;
  /** Furthest grace period anybody below asked for. */
  gpSeqNeeded: u64;
  qsMask: u64;
  qsMaskInit: u64;
  cbovldMask: u64;
  parent: usize;
  /** Lowest CPU below. */
  lowest: u32;
  /** Its bit in the parent. */
  bit: u32;
  children: u32;
}

//  0      80      88       96      100      104 ..
//  ┌──────┬───────┬────────┬───────┬────────┬────────────────────────────────────┐
//  │ list │ gpSeq │ needed │ node  │ bit    │ noQs needsQs blimit qlenLast ...   │
//  └──────┴───────┴────────┴───────┴────────┴────────────────────────────────────┘
/** rcu_data of one CPU; its segmented callback list comes first. */
@unmanaged
export class RcuData {
  list0: u64; list1: u64; list2: u64; list3: u64; list4: u64;
  list5: u64; list6: u64; list7: u64; list8: u64; list9: u64;
  /** What this CPU has noticed of the grace periods; lags its node. */
  gpSeq: u64;
  gpSeqNeeded: u64;
  node: usize;
  bit: u32;
  /** cpu_no_qs: has not passed through a quiescent state since it noticed the grace period. */
  noQs: u8;
  coreNeedsQs: u8;
  urgentQs: u8;
  blimit: u32;
  qlenLastFqsCheck: u32;
  nForceQsSnap: u32;
  dynticksSnap: u32;
  cpu: u32;

  // offloading (nocb*.ts); the fields of a group live in its leader's record
  offloaded: u8;
  /** rcuop has been told to sleep until callbacks are ready. */
  cbSleep: u8;
  /** rcuog of this leader sleeps, or is about to. */
  gpSleep: u8;
  /** rcuog waits for the end of a grace period (waitGpSeq), not only for a wake. */
  gpWaits: u8;
  /** Deferred wake-up of the group (DEFER_*). */
  deferLevel: u8;
  leader: u32;
  bypassHead: u32;
  bypassTail: u32;
  bypassLength: u32;
  lazyLength: u32;
  /** Calls of this jiffy, as the rate rule counts them. */
  nobypassCount: u32;
  timerEvent: u32;
  timerCpu: u32;
  /** jiffies: of the first callback in the bypass, of the last call, of a caller's last advance. */
  bypassFirst: u64;
  nobypassLast: u64;
  gpAdvanced: u64;
  waitGpSeq: u64;
}

//  0        1       2         4      8      12     16     20
//  ┌────────┬───────┬─────────┬──────┬──────┬──────┬──────┬───────┬──────────────────────────┐
//  │ active │ timed │ kthread │ head │ tail │ total│ done │ limit │ times, group under way   │
//  └────────┴───────┴─────────┴──────┴──────┴──────┴──────┴───────┴──────────────────────────┘
/** An rcu_do_batch in progress (batch.ts). Times in picoseconds. */
@unmanaged
export class Batch {
  active: u8;
  timed: u8;
  /** Invoked by a kthread, not in softirq. */
  kthread: u8;
  /** Callbacks taken off DONE and not yet invoked, linked by their first word. */
  head: u32;
  tail: u32;
  /** Callbacks it took, and how many of them it has invoked. */
  total: u32;
  done: u32;
  limit: u32;
  /** Whose callbacks they are: a CPU. */
  owner: u32;
  deadline: u64;
  start: u64;
  cpuPs: u64;
  /** A group callback under way: the member to free next, and what began it. */
  groupNext: u32;
  groupFirst: u32;
  groupStart: u64;
}

const BATCH_BYTES: u64 = 96;
const STATE_BYTES: u64 = 128;
const NODE_BYTES: u64 = 64;
const DATA_BYTES: u64 = 256;

function leavesFor(cpus: u32): u32 {
  return (cpus + FANOUT_LEAF - 1) / FANOUT_LEAF;
}

/** Nodes: the root, and leaves below it where one node is not enough. */
function nodesFor(cpus: u32): u32 {
  const leaves = leavesFor(cpus);
  return leaves == 1 ? 1 : 1 + leaves;
}

export function rcuBytes(cpus: u32): u64 {
  return (
    STATE_BYTES + <u64>nodesFor(cpus) * NODE_BYTES + <u64>cpus * (DATA_BYTES + 2 * BATCH_BYTES)
  );
}

let batchBase: usize = 0;
let stateBase: usize = 0;
let nodesBase: usize = 0;
let dataBase: usize = 0;

@inline
export function rcuState(): RcuState {
  return changetype<RcuState>(stateBase);
}

@inline
function nodeAt(index: u32): RcuNode {
  return changetype<RcuNode>(nodesBase + <usize>index * <usize>NODE_BYTES);
}

@inline
export function rcuRoot(): RcuNode {
  return nodeAt(0);
}

/** Leaf number `leaf`, which is the root itself on small machines. */
export function rcuLeaf(leaf: u32): RcuNode {
  return rcuState().leaves == 1 ? nodeAt(0) : nodeAt(1 + leaf);
}

@inline
export function rcuData(cpu: u32): RcuData {
  return changetype<RcuData>(dataBase + <usize>cpu * <usize>DATA_BYTES);
}

/** The batch that this CPU's softirq invokes. */
@inline
export function softirqBatch(cpu: u32): Batch {
  return changetype<Batch>(batchBase + <usize>cpu * <usize>(2 * BATCH_BYTES));
}

/** The batch that the kthread for this CPU's callbacks invokes. */
@inline
export function kthreadBatch(cpu: u32): Batch {
  return changetype<Batch>(batchBase + <usize>cpu * <usize>(2 * BATCH_BYTES) + <usize>BATCH_BYTES);
}

@inline
export function callbackList(data: RcuData): usize {
  return changetype<usize>(data);
}

@inline
export function nodeOf(data: RcuData): RcuNode {
  return changetype<RcuNode>(data.node);
}

/** A setting, or the kernel's computed default where the host wrote "none". */
function settingOr(slot: i32, computed: u32): u32 {
  const value = config(slot);
  return value == u64.MAX_VALUE ? computed : <u32>value;
}

function clamp(value: u32, least: u32, most: u32): u32 {
  return max<u32>(least, min<u32>(value, most));
}

// [same: kernel/rcu/tree.c:rcu_init_geometry, adjust_jiffies_till_sched_qs, rcutree_prepare; 6.12]
function readSettings(state: RcuState, cpus: u32): void {
  const hz = <u32>config(Config.HZ);
  const perFqs: u32 = 1 + (hz > 250 ? 1 : 0) + (hz > 500 ? 1 : 0) + cpus / 256;
  state.blimit = <u32>config(Config.BLIMIT);
  state.qhimark = <u32>config(Config.QHIMARK);
  state.qlowmark = <u32>config(Config.QLOWMARK);
  state.qovld = settingOr(Config.QOVLD, 2 * state.qhimark);
  state.divisor = <u32>config(Config.RCU_DIVISOR);
  state.reschedPs = config(Config.RCU_RESCHED_PS);
  // param_set_first_fqs_jiffies, param_set_next_fqs_jiffies: no longer than a second
  state.firstFqsJiffies = min<u32>(settingOr(Config.JIFFIES_TILL_FIRST_FQS, perFqs), hz);
  state.nextFqsJiffies = clamp(settingOr(Config.JIFFIES_TILL_NEXT_FQS, perFqs), 1, hz);
  state.schedQsJiffies = settingOr(
    Config.JIFFIES_TILL_SCHED_QS,
    max<u32>(state.firstFqsJiffies + 2 * state.nextFqsJiffies, hz / 10 + cpus / 256),
  );
  state.nobypassLimit = settingOr(Config.NOCB_NOBYPASS_LIM_PER_JIFFY, 16 * 1000 / hz);
  state.useSoftirq = <u32>config(Config.USE_SOFTIRQ);
  state.lazyFlushJiffies = settingOr(Config.JIFFIES_LAZY_FLUSH, 10 * hz);
}

export function rcuInit(base: usize): void {
  assert(SEGCBLIST_BYTES == 80 && offsetof<RcuData>("gpSeq") == 80); // laid over list0..list9
  assert(<u64>offsetof<RcuState>() <= STATE_BYTES && <u64>offsetof<RcuNode>() <= NODE_BYTES);
  assert(<u64>offsetof<RcuData>() <= DATA_BYTES); // each record fits its slot
  const cpus = <u32>config(Config.CPUS);
  memory.fill(base, 0, <usize>rcuBytes(cpus));
  stateBase = base;
  nodesBase = base + <usize>STATE_BYTES;
  dataBase = nodesBase + <usize>(<u64>nodesFor(cpus) * NODE_BYTES);
  batchBase = dataBase + <usize>(<u64>cpus * DATA_BYTES);
  const state = rcuState();
  state.cpus = cpus;
  state.leaves = leavesFor(cpus);
  state.gpSeq = SEQ_AT_BOOT;
  readSettings(state, cpus);
  nodesInit(state, cpus);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) dataInit(state, cpu);
}

function nodesInit(state: RcuState, cpus: u32): void {
  const root = rcuRoot();
  root.gpSeq = SEQ_AT_BOOT;
  root.gpSeqNeeded = SEQ_AT_BOOT;
  for (let number: u32 = 0; number < state.leaves; number++) {
    const leaf = rcuLeaf(number);
    leaf.gpSeq = SEQ_AT_BOOT;
    leaf.gpSeqNeeded = SEQ_AT_BOOT;
    leaf.lowest = number * FANOUT_LEAF;
    leaf.children = min<u32>(cpus - leaf.lowest, FANOUT_LEAF);
    leaf.qsMaskInit = (1 << <u64>leaf.children) - 1;
    if (state.leaves > 1) {
      leaf.parent = changetype<usize>(root);
      leaf.bit = number;
      root.qsMaskInit |= 1 << <u64>number;
      root.children = state.leaves;
    }
  }
}

function dataInit(state: RcuState, cpu: u32): void {
  const data = rcuData(cpu);
  listInit(callbackList(data));
  const leaf = rcuLeaf(cpu / FANOUT_LEAF);
  data.cpu = cpu;
  data.node = changetype<usize>(leaf);
  data.bit = cpu - leaf.lowest;
  data.gpSeq = SEQ_AT_BOOT;
  data.gpSeqNeeded = SEQ_AT_BOOT;
  data.blimit = state.blimit;
  data.offloaded = isOffloaded(cpu) ? 1 : 0;
  data.nobypassCount = callsBefore(state);
  data.cbSleep = 1;
  data.gpSleep = 1;
  data.leader = (cpu / nocbStride(state.cpus)) * nocbStride(state.cpus);
  softirqBatch(cpu).owner = cpu;
  kthreadBatch(cpu).owner = cpu;
  kthreadBatch(cpu).kthread = 1;
}

/**
 * What the making of the mm has left in the call counter: every store into its tree queued a
 * replaced node, far more than the limit in a jiffy unless the mm is tiny. The counter only decays
 * with calls, so this decides that an exit starts on the bypass list.
 * [same: measured; kernel/rcu/tree_nocb.h:rcu_nocb_try_bypass, 6.12]
 */
function callsBefore(state: RcuState): u32 {
  return <u32>min(config(Config.VMAS), 2 * <u64>state.nobypassLimit);
}

function isOffloaded(cpu: u32): bool {
  return ((config(Config.RCU_NOCBS_0 + <i32>(cpu >> 6)) >> <u64>(cpu & 63)) & 1) != 0;
}

/** CPUs that share an rcuog: all of them over the square root of their number. */
export function nocbStride(cpus: u32): u32 {
  const asked = config(Config.RCU_NOCB_GP_STRIDE);
  if (asked != u64.MAX_VALUE) return <u32>asked;
  let root: u32 = 1;
  while ((root + 1) * (root + 1) <= cpus) root++;
  return cpus / root;
}
