// The law that RCU is there for, checked for every callback: it runs only after a grace period that
// began after it was queued. A callback carries the low 16 bits of the number that it needs; that
// tells numbers apart that are less than 32,768 grace periods from each other.
//
// VMAs have room for it in their padding, the smaller records of other callbacks at byte 6.

import { FUNC_VMA } from "../mm/records";
import { CallbackKind } from "../vma/record";
import { seqCounter, seqSnap } from "./seq";
import { rcuState } from "./state";

const KIND: usize = 4;
const STAMP_OF_VMA: usize = 26;
const STAMP: usize = 6;

@inline
function stampAt(callback: u32): usize {
  const kind = load<u8>(<usize>callback + KIND);
  const isVma = kind == <u8>CallbackKind.VMA || kind == <u8>CallbackKind.VMA_GROUP;
  // VMAs of the workload mm keep it in their addresses, which a queued VMA no longer has
  return <usize>callback + (isVma || kind >= FUNC_VMA ? STAMP_OF_VMA : STAMP);
}

/** Notes which grace period a callback needs that is queued now. */
@inline
export function stamp(callback: u32): void {
  store<u16>(stampAt(callback), <u16>seqCounter(seqSnap(rcuState().gpSeq)));
}

/** What is ready when a run or a test begins: it needs no grace period of the run. */
export function stampReady(callback: u32): void {
  store<u16>(stampAt(callback), <u16>seqCounter(rcuState().gpSeq));
}

/** It runs now, and the last grace period that its leaf has seen the end of is `gpSeq`. */
@inline
export function checkStamp(callback: u32, gpSeq: u64): void {
  if (load<u8>(<usize>callback + KIND) == <u8>CallbackKind.BARRIER) return; // it needs none
  const since = <i16>(<u16>seqCounter(gpSeq) - load<u16>(stampAt(callback)));
  assert(since >= 0); // no full grace period has passed since it was queued
}
