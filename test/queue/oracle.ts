// An event queue without any cunning: an array, sorted before every look.

export interface OracleEvent {
  time: bigint;
  priority: number;
  sequence: number;
  readonly payload: number;
  readonly handle: number;
}

export class OracleQueue {
  private readonly events: OracleEvent[] = [];
  private sequence = 0;

  get size(): number {
    return this.events.length;
  }

  get handles(): readonly number[] {
    return this.events.map((event) => event.handle);
  }

  /** The handle is whatever the queue under test gave. */
  push(time: bigint, priority: number, payload: number, handle: number): void {
    this.events.push({ time, priority, payload, handle, sequence: this.sequence++ });
  }

  first(): OracleEvent | undefined {
    this.events.sort(
      (a, b) =>
        (a.time < b.time ? -1 : a.time > b.time ? 1 : 0) ||
        a.priority - b.priority ||
        a.sequence - b.sequence,
    );
    return this.events[0];
  }

  pop(): OracleEvent | undefined {
    this.first();
    return this.events.shift();
  }

  cancel(handle: number): boolean {
    const index = this.events.findIndex((event) => event.handle === handle);
    if (index < 0) return false;
    this.events.splice(index, 1);
    return true;
  }

  rearm(handle: number, time: bigint, priority: number): boolean {
    const event = this.events.find((candidate) => candidate.handle === handle);
    if (event === undefined) return false;
    event.time = time;
    event.priority = priority;
    event.sequence = this.sequence++;
    return true;
  }
}
