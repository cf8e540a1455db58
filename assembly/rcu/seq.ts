// Grace-period sequence numbers: the low two bits are a state, the rest counts.
// [same: kernel/rcu/rcu.h:rcu_seq_start .. rcu_seq_done, 6.12 and 7.2]

const STATE_MASK: u64 = 3;

/** gp_seq at boot: wraps soon, so that wrap bugs show. kernel/rcu/tree.c:rcu_state.gp_seq */
export const SEQ_AT_BOOT: u64 = <u64>(-300) << 2;

@inline
export function seqCounter(seq: u64): u64 {
  return seq >> 2;
}

@inline
export function seqState(seq: u64): u64 {
  return seq & STATE_MASK;
}

@inline
export function seqStart(seq: u64): u64 {
  return seq + 1;
}

@inline
export function seqEnd(seq: u64): u64 {
  return (seq | STATE_MASK) + 1;
}

/** The value that guarantees one full grace period after now. */
@inline
export function seqSnap(seq: u64): u64 {
  return (seq + 2 * STATE_MASK + 1) & ~STATE_MASK;
}

/** a >= b on a circle. */
@inline
export function seqGe(a: u64, b: u64): bool {
  return <i64>(a - b) >= 0;
}

@inline
export function seqLt(a: u64, b: u64): bool {
  return <i64>(a - b) < 0;
}

@inline
export function seqDone(seq: u64, wanted: u64): bool {
  return seqGe(seq, wanted);
}

/** Has the grace period that `wanted` asks for begun? */
@inline
export function seqStarted(seq: u64, wanted: u64): bool {
  return seqLt((wanted - 1) & ~STATE_MASK, seq);
}

/** Did a grace period end between the two values? */
@inline
export function seqCompletedGp(old: u64, now: u64): bool {
  return seqLt(old, now & ~STATE_MASK);
}

/** Did a grace period begin between the two values? */
@inline
export function seqNewGp(old: u64, now: u64): bool {
  return seqLt((old + STATE_MASK) & ~STATE_MASK, now);
}

/** Grace periods between two values, partly seen ones included: rcu_seq_diff. */
export function seqDiff(now: u64, old: u64): u64 {
  if (now == old) return 0;
  const partly: u64 = seqState(now) != 0 || seqState(old) != 0 ? 1 : 0;
  const whole = (now & ~STATE_MASK) - ((old + STATE_MASK) & ~STATE_MASK) + partly;
  if (seqGe(STATE_MASK, whole)) return 1; // none has passed in full
  return ((whole - STATE_MASK - 1) >> 2) + 2;
}
