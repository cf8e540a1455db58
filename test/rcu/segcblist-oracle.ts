// The segmented callback list said plainly: four arrays, and numbers on the middle two.

export interface Segment {
  callbacks: number[];
  /** Grace period it waits for; 0n on DONE and NEXT, and while it is empty. */
  seq: bigint;
}

export class PlainList {
  readonly segments: Segment[] = [0, 1, 2, 3].map(() => ({ callbacks: [], seq: 0n }));
  /** Everything queued, what is being invoked included. */
  length = 0;

  #empty(from: number): boolean {
    return this.segments.slice(from).every(({ callbacks }) => callbacks.length === 0);
  }

  enqueue(callback: number): void {
    this.segments[3]!.callbacks.push(callback);
    this.length++;
  }

  /** What waited for a grace period up to `seq` is done; what is left moves up. */
  advance(seq: bigint): void {
    const [done, ...rest] = this.segments as [Segment, Segment, Segment, Segment];
    const waiting = rest.slice(0, 2).filter(({ callbacks }) => callbacks.length > 0);
    while (waiting.length > 0 && waiting[0]!.seq <= seq) {
      done.callbacks.push(...waiting.shift()!.callbacks);
    }
    const left = waiting.map(({ callbacks, seq }) => ({ callbacks, seq }));
    for (const at of [1, 2]) this.segments[at] = left[at - 1] ?? { callbacks: [], seq: 0n };
  }

  /**
   * Callbacks without a number get `seq`, and so do earlier ones whose number is not smaller.
   * One segment stays free for them, or they keep waiting in NEXT.
   */
  accelerate(seq: bigint): boolean {
    if (this.#empty(1)) return false;
    let target = 1;
    for (const at of [1, 2]) {
      const { callbacks, seq: its } = this.segments[at]!;
      if (callbacks.length > 0 && its < seq) target = at + 1;
    }
    if (target === 3 || this.#empty(target)) return false;
    const merged = this.segments.slice(target).flatMap(({ callbacks }) => callbacks);
    for (let at = target; at <= 3; at++) this.segments[at] = { callbacks: [], seq: 0n };
    this.segments[target] = { callbacks: merged, seq };
    return true;
  }

  extract(): number[] {
    return this.segments[0]!.callbacks.splice(0);
  }

  insert(rest: readonly number[]): void {
    this.segments[0]!.callbacks.unshift(...rest);
  }

  entrain(callback: number): boolean {
    if (this.length === 0) return false;
    const last = this.segments.findLast(({ callbacks }, at) => at > 0 && callbacks.length > 0);
    (last ?? this.segments[0]!).callbacks.push(callback);
    this.length++;
    return true;
  }
}
