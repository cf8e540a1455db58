// Small records that come and go, all of one size, out of memory that was planned for them: the
// last one given back is the first to be taken again, so that few cache lines are in use.
//
//   ╒══════════════════════════╤═════════════════════╕
//   │ taken, or given back     │ never taken so far  │
//   └──────────────────────────┴─────────────────────┘
//   base                       fresh                 end
//
// A record that was given back holds the next one of these in its first word. A pool itself is
// static and lazy, `@lazy const POOL: usize = memory.data(RECORD_POOL_BYTES, 4)`: it comes to lie
// behind the static records that others link to, whose addresses are part of a digest.

//  0       4       8     12
//  ┌───────┬───────┬─────┐
//  │ spare │ fresh │ end │
//  └───────┴───────┴─────┘
/** A pool itself. */
@unmanaged
class RecordPool {
  /** The last record that was given back and not taken again; 0 = none. */
  spare: u32;
  fresh: u32;
  end: u32;
}

export const RECORD_POOL_BYTES: i32 = 12;

/** Lays out an empty pool at `at`, for records in the `bytes` from `base` on. */
export function recordPoolInit(at: usize, base: usize, bytes: u64): void {
  const pool = changetype<RecordPool>(at);
  pool.spare = 0;
  pool.fresh = <u32>base;
  pool.end = <u32>(<u64>base + bytes);
}

/** A record of `bytes`, not cleared; 0 when all that were planned are taken. */
@inline
export function takeRecord(at: usize, bytes: u32): u32 {
  const pool = changetype<RecordPool>(at);
  const spare = pool.spare;
  if (spare != 0) {
    pool.spare = load<u32>(<usize>spare);
    return spare;
  }
  const fresh = pool.fresh;
  if (pool.end - fresh < bytes) return 0;
  pool.fresh = fresh + bytes;
  return fresh;
}

@inline
export function giveRecord(at: usize, record: u32): void {
  const pool = changetype<RecordPool>(at);
  store<u32>(<usize>record, pool.spare);
  pool.spare = record;
}
