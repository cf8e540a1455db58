// One operation of a task: a vmalloc or a vfree, in steps between which others have their turn.
//
// A step ends where another CPU may interfere: at a lock. An operation that has to wait for one
// comes back to the same step.

import { Area } from "./area";

/** What a step of an operation answers. */
export enum OpAnswer {
  /** The operation is over. */
  DONE,
  /** It goes on, now or when its CPU has its lock. */
  AGAIN,
  /** Its task sleeps until it is woken. */
  SLEEP,
}

export enum OpKind {
  NONE,
  ALLOC,
  FREE,
  /** vm_unmap_aliases: what is lazy is purged, whoever asks. */
  PURGE,
}

//  0      1       2        3      4       8       16     20   24          32       36           40
//  ┌──────┬───────┬────────┬──────┬───────┬───────┬──────┬────┬───────────┬────────┬────────────┐
//  │ kind │ phase │ failed │ flags│ pages │ align │ area │over│ startedAt │ object │ descriptor │
//  └──────┴───────┴────────┴──────┴───────┴───────┴──────┴────┴───────────┴────────┴────────────┘
/** An operation under way. */
@unmanaged
export class Op {
  kind: u8;
  phase: u8;
  /** An allocation that found no room. */
  failed: u8;
  flags: u8;
  /** Pages of the allocation, without the guard page behind them. */
  pages: u32;
  /** In pages. */
  align: u64;
  /** The area allocated, or to be freed. */
  area: usize;
  /** A free after whose count too much was lazy. */
  over: u32;
  startedAt: u64;
  /** Of slabs: a record that has no area yet, or an array that has lost it; and a descriptor. */
  object: u32;
  descriptor: u32;
}

export const OP_BYTES: u64 = 40;

/** Op.flags */
export const OP_ZERO: u8 = 1;
/** A purge has been tried for this allocation. */
export const OP_PURGED: u8 = 2;
/** Only the address space: no pages, no page tables. */
export const OP_ADDRESS_ONLY: u8 = 4;
/** The home pool has been looked at. */
export const OP_POOL_SEEN: u8 = 8;

/** Every area has one page more than asked for, never mapped. */
export const GUARD_PAGES: u64 = 1;

export function beginAlloc(op: Op, pages: u32, align: u64, flags: u8): void {
  op.kind = <u8>OpKind.ALLOC;
  op.phase = 0;
  op.failed = 0;
  op.flags = flags;
  op.pages = pages;
  op.align = align;
  op.area = 0;
  op.object = 0;
  op.descriptor = 0;
}

export function beginFree(op: Op, area: Area, flags: u8): void {
  op.kind = <u8>OpKind.FREE;
  op.phase = 0;
  op.failed = 0;
  op.flags = flags;
  op.area = changetype<usize>(area);
}

export function beginOnlyPurge(op: Op): void {
  op.kind = <u8>OpKind.PURGE;
  op.phase = 0;
  op.failed = 0;
  op.area = 0;
}
